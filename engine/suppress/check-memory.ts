import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckState, Severity } from '#engine/event.ts'
import type { FailingState } from '#engine/notify/severity.ts'

/** All that has to be known of a check to decide whether its next event is news. Plain data: it lives in a row. */
export interface CheckMemory {
  /** The state it is in and since when; null = no service event was ever seen. */
  readonly lastChange: StateChange | null
  readonly changeBefore: StateChange | null
  /** When the state changed lately, newest last; only where flapping is looked for. */
  readonly changes?: readonly EpochSeconds[]
  readonly summary: string | null
  readonly details: string | null
  readonly perfdata: string | null
  /** Switched off by a person; any service event switches it on again. */
  readonly isEnabled: boolean
  readonly notified: NotifiedMemory
  /** Windows that are not over yet. Two never start in the same second. */
  readonly scheduled: readonly MaintenanceWindow[]
  /** The window the check is known to be in. Looked up by service events and by changes of the windows alone. */
  readonly scheduledMark: Pick<MaintenanceWindow, 'startsAt' | 'endsAt'> | null
  /** Acknowledged: quiet until its end or until the check is ok. */
  readonly unscheduled: Acknowledgement | null
}

export interface StateChange {
  readonly state: CheckState
  readonly at: EpochSeconds
  readonly summary: string | null
}

export interface NotifiedMemory {
  /** Tests leave no trace here. */
  readonly last: FailingState | 'recovery' | 'acknowledgement' | null
  readonly lastProblemAt: EpochSeconds | null
  readonly worstSinceRecovery: FailingState | null
}

/** In force over [startsAt, endsAt). */
export interface MaintenanceWindow {
  readonly startsAt: EpochSeconds
  readonly endsAt: EpochSeconds
  readonly summary: string | null
}

export interface Acknowledgement extends MaintenanceWindow {
  /** What is worse than this ends it; without it nothing but ok and time does. */
  readonly upTo?: Severity
}

export const neverSeen: CheckMemory = {
  lastChange: null,
  changeBefore: null,
  summary: null,
  details: null,
  perfdata: null,
  isEnabled: false,
  notified: { last: null, lastProblemAt: null, worstSinceRecovery: null },
  scheduled: [],
  scheduledMark: null,
  unscheduled: null,
}

export function isFailing(memory: CheckMemory): boolean {
  return memory.lastChange !== null && memory.lastChange.state !== 'ok'
}
