import { checkKey, type HealthEvent, serviceEvent } from '#engine/event.ts'
import type { Answer } from '#engine/telemetry/telemetry.ts'

/** What rows come into all the time. */
export type Relation = 'executions' | 'logs' | 'jvm_metrics'

const words: Readonly<Record<Relation, string>> = {
  executions: 'executions',
  logs: 'log lines',
  jvm_metrics: 'JVM metrics',
}

const platform = 'tocsin'
const checkOf = (relation: Relation) => `telemetry-silent-${relation}`

export function silenceCheckKey(relation: Relation): string {
  return checkKey({ entity: platform, check: checkOf(relation) })
}

export const silenceCheckKeys: readonly string[] = (Object.keys(words) as Relation[]).map(silenceCheckKey)

/** Since when each relation that was asked about is silent; undefined where rows come. */
export function silencesIn(answers: readonly Answer[]): ReadonlyMap<Relation, Date | undefined> {
  const silences = new Map<Relation, Date | undefined>()
  for (const answer of answers) {
    if (answer.about !== 'executions' && answer.about !== 'logs' && answer.about !== 'jvm_metrics') continue
    silences.set(answer.about, answer.silentSince)
  }
  return silences
}

/** The one platform alert about a relation into which nothing comes any more, in place of one for each rule that looks at it. */
export function silenceEvent(
  environment: string,
  relation: Relation,
  silentSince: Date | undefined,
  at: Date,
): HealthEvent {
  const minutes = silentSince ? Math.floor((at.getTime() - silentSince.getTime()) / 60_000) : 0
  return serviceEvent({
    environment,
    entity: platform,
    check: checkOf(relation),
    title: `No ${words[relation]} arrive`,
    state: silentSince === undefined ? 'ok' : 'critical',
    at,
    summary:
      silentSince === undefined
        ? `There are ${words[relation]} again.`
        : `No ${words[relation]} have arrived for ${minutes} min: see whether the collector runs and reaches ClickHouse. Rules that look at them keep what they last knew.`,
    labels: { environment, app: 'tocsin' },
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 3600,
  })
}
