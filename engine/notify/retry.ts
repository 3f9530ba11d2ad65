import type { Fault } from './fault.ts'

/** What a failed delivery says about the next one. */
export interface DeliveryFailure {
  /** `never`: trying again cannot help. */
  readonly retry: 'never' | 'later'
  /** The vendor named a pause. */
  readonly afterMs?: number | undefined
  readonly fault?: Fault | undefined
}

const firstDelayMs = 2000
const longestDelayMs = 5 * 60_000
const shortestDelayMs = 250
/** About a day of trying: a chat that is down overnight still hears in the morning. */
const mostAttempts = 300
/** What is over for longer is nothing to be called about. */
const worthAfterEndMs = 60 * 60_000

interface Try {
  readonly now: Date
  /** Failed ones, this one included. */
  readonly attempts: number
  /** When the incident ended; null = it goes on. */
  readonly overSince: Date | null
  /** 0..1: full jitter, so that what failed together is not tried again together. */
  readonly dice: number
}

/** When to try again, or undefined when there is no use. */
export function retryAt(failure: DeliveryFailure, { now, attempts, overSince, dice }: Try): Date | undefined {
  if (failure.retry === 'never' || attempts >= mostAttempts) return undefined
  const doubledMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20))
  const delayMs = Math.max(jittered(doubledMs, dice), failure.afterMs ?? 0)
  const at = new Date(now.getTime() + delayMs)
  return overSince && at.getTime() - overSince.getTime() > worthAfterEndMs ? undefined : at
}

/** https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/ */
export function jittered(longestMs: number, dice: number): number {
  return Math.max(shortestDelayMs, Math.round(longestMs * dice))
}
