import { checkKey, type HealthEvent, serviceEvent } from '#engine/event.ts'
import type { Store } from '#engine/telemetry/telemetry.ts'

/** A store that is slow for one slot is not worth waking anyone. */
const toleratedSeconds = 10

const storeChecks: Record<Store, { readonly check: string; readonly title: string }> = {
  clickhouse: { check: 'telemetry-store', title: 'The telemetry store cannot be asked' },
  elasticsearch: { check: 'elasticsearch', title: 'Elasticsearch cannot be asked' },
  kubernetes: { check: 'kubernetes', title: 'Kubernetes cannot be watched' },
}

const platform = 'tocsin'

export function storeCheckKey(store: Store): string {
  return checkKey({ entity: platform, check: storeChecks[store].check })
}

export const storeCheckKeys: readonly string[] = (Object.keys(storeChecks) as Store[]).map(storeCheckKey)

/** The one platform alert about a telemetry store; with it come thousands of rules that keep quiet. */
export function storeEvent(
  environment: string,
  store: Store,
  problem: string | undefined,
  at: Date,
): HealthEvent {
  return serviceEvent({
    environment,
    entity: platform,
    ...storeChecks[store],
    state: problem === undefined ? 'ok' : 'critical',
    at,
    summary:
      problem === undefined
        ? 'Rules are evaluated again.'
        : `${problem}. Rules that look at it keep what they last knew; they are evaluated again as soon as it answers.`,
    labels: { environment, app: 'tocsin' },
    initialFailureDelaySeconds: toleratedSeconds,
    repeatFailureDelaySeconds: 3600,
  })
}
