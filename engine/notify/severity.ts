import type { CheckEvent } from '#engine/check-event.ts'
import type { CheckState } from '#engine/event.ts'

export type FailingState = Exclude<CheckState, 'ok'>

export const failingStates = [
  'info',
  'unknown',
  'warning',
  'critical',
] as const satisfies readonly FailingState[]

const rank: Record<CheckState, number> = { ok: 0, info: 1, unknown: 2, warning: 3, critical: 4 }

function worst(one: CheckState, other: CheckState): CheckState {
  return rank[one] >= rank[other] ? one : other
}

export function worstFailing(one: FailingState, other: FailingState | null): FailingState {
  return other !== null && rank[other] > rank[one] ? other : one
}

/**
 * Which lists of media a notification goes to: the worst of its own state and of all that was notified since the last
 * recovery, so that whoever was woken by `critical` also hears the `warning` after it and the recovery. `ok` (nobody was
 * told anything since the last recovery) selects no media. A test is always critical.
 */
export function notificationSeverity(
  event: CheckEvent,
  notifiedSinceRecovery: FailingState | null,
): CheckState {
  if (event.kind === 'test') return 'critical'
  return worst(event.kind === 'service' ? event.state : 'ok', notifiedSinceRecovery ?? 'ok')
}
