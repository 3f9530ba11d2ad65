import { type HealthEvent, serviceEvent } from '#engine/event.ts'

/** A store that is slow for one slot is not worth waking anyone. */
const toleratedSeconds = 10

/** The one platform alert about a telemetry store; with it come thousands of rules that keep quiet. */
export function storeEvent(environment: string, problem: string | undefined, at: Date): HealthEvent {
  return serviceEvent({
    environment,
    entity: 'tocsin',
    check: 'telemetry-store',
    state: problem === undefined ? 'ok' : 'critical',
    at,
    title: 'The telemetry store cannot be asked',
    summary:
      problem === undefined
        ? 'Rules are evaluated again.'
        : `${problem}. Rules that look at it keep what they last knew; they are evaluated again as soon as it answers.`,
    labels: { environment, app: 'tocsin' },
    initialFailureDelaySeconds: toleratedSeconds,
    repeatFailureDelaySeconds: 3600,
  })
}
