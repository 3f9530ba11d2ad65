import { type DeliveryFailure, jittered } from './retry.ts'

/** How it goes with telling one destination. */
export interface LaneHealth {
  /** Passing failures in a row. */
  readonly failures: number
  /** Times in a row that it was said to be no more. */
  readonly gone: number
  /** Notifications given up since it last worked. */
  readonly undelivered: number
  readonly troubledSince: Date | null
  readonly lastError: string | null
  /** Nothing is tried before. */
  readonly resumeAt: Date | null
}

export const healthy: LaneHealth = {
  failures: 0,
  gone: 0,
  undelivered: 0,
  troubledSince: null,
  lastError: null,
  resumeAt: null,
}

const failuresUntilOpen = 5
const firstPauseMs = 5000
const longestPauseMs = 5 * 60_000
const goneUntilDisabled = 3

/** So many failures in a row are not bad luck: one at a time finds out whether it works again. */
export function isProbing({ failures }: LaneHealth): boolean {
  return failures >= failuresUntilOpen
}

export function isPaused({ resumeAt }: LaneHealth, now: Date): boolean {
  return resumeAt !== null && resumeAt > now
}

/** Who answers three times that there is no such place is told nothing more. */
export function isGone({ gone }: LaneHealth): boolean {
  return gone >= goneUntilDisabled
}

interface Failed {
  readonly now: Date
  readonly error: string
  /** Notifications for which this was the last try. */
  readonly givenUp: number
  readonly dice: number
}

export function afterFailure(
  health: LaneHealth,
  failure: DeliveryFailure,
  { now, error, givenUp, dice }: Failed,
): LaneHealth {
  // What is wrong with one message says nothing about the next.
  const failures = failure.retry === 'later' ? health.failures + 1 : health.failures
  const pauseMs = Math.max(circuitPauseMs(failures, dice), failure.afterMs ?? 0)
  return {
    failures,
    gone: failure.fault === 'gone' ? health.gone + 1 : 0,
    undelivered: health.undelivered + givenUp,
    troubledSince: health.troubledSince ?? now,
    lastError: error,
    resumeAt: pauseMs > 0 ? new Date(now.getTime() + pauseMs) : health.resumeAt,
  }
}

function circuitPauseMs(failures: number, dice: number): number {
  const beyond = failures - failuresUntilOpen
  if (beyond < 0) return 0
  return jittered(Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(beyond, 20)), dice)
}
