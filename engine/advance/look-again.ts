import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { type Event, serviceEvent } from '#engine/event.ts'

export interface LookAgain {
  readonly check: Check
  readonly alert: Alert
  readonly now: Date
  /** How long it must have failed; null = the default of the house. */
  readonly initialFailureDelaySeconds: number | null
}

/**
 * What the source of a failing check would say if it spoke now: nothing has changed. Undefined where there is nothing to
 * look at: the check is well, closed by hand, or in another maintenance.
 */
export function lookAgain({ check, alert, now, initialFailureDelaySeconds }: LookAgain): Event | undefined {
  const { memory } = check
  const seconds = epochSeconds(now)
  const state = memory.lastChange?.state ?? 'ok'
  const isElsewhere = memory.scheduled.some(({ startsAt, endsAt }) => startsAt <= seconds && seconds < endsAt)
  if (state === 'ok' || check.closed !== null || isElsewhere) return undefined
  const event = serviceEvent({
    environment: check.environment,
    entity: check.entity,
    check: check.name,
    state,
    at: now,
    title: alert.title,
    summary: memory.summary ?? '',
    labels: alert.labels,
    ...(alert.measurement && { measurement: alert.measurement }),
    ...(check.ruleId !== null && { ruleId: check.ruleId }),
    initialFailureDelaySeconds: 0,
    repeatFailureDelaySeconds: 0,
    judgedBy: 'arrival',
  })
  return { ...event, details: memory.details, initialFailureDelaySeconds }
}
