export interface BreakerSettings {
  readonly failures: number
  readonly windowSeconds: number
  readonly cooldownSeconds: number
}

export const defaultBreakerSettings: BreakerSettings = { failures: 5, windowSeconds: 30, cooldownSeconds: 60 }

/** One for each kind of condition. Instants in ms. */
export interface Breaker {
  /** When it failed lately, oldest first. */
  readonly failures: readonly number[]
  /** Nothing is asked before then, and after it one batch, to see; null = closed. */
  readonly openUntil: number | null
}

export const closedBreaker: Breaker = { failures: [], openUntil: null }

export function isOpen({ openUntil }: Breaker, now: number): boolean {
  return openUntil !== null && now < openUntil
}

export type BreakerState = 'closed' | 'open' | 'half_open'

export const breakerStates: readonly BreakerState[] = ['closed', 'open', 'half_open']

/** Half open: the next batch is tried, to see. */
export function breakerState(breaker: Breaker, now: number): BreakerState {
  if (breaker.openUntil === null) return 'closed'
  return isOpen(breaker, now) ? 'open' : 'half_open'
}

export type BatchResult = 'answered' | 'failed' | 'skipped'

/** The breaker after a batch of its kind. What answers closes it, also when it was only tried. */
export function breakerAfter(
  breaker: Breaker,
  result: BatchResult,
  now: number,
  settings: BreakerSettings,
): Breaker {
  if (result === 'skipped') return breaker
  if (result === 'answered')
    return breaker.failures.length === 0 && breaker.openUntil === null ? breaker : closedBreaker
  const openUntil = now + settings.cooldownSeconds * 1000
  if (breaker.openUntil !== null) return { failures: [], openUntil }
  const since = now - settings.windowSeconds * 1000
  // A failure ahead of us is one from before the clock was set back.
  const failures = [...breaker.failures.filter((at) => at > since && at <= now), now]
  return failures.length >= settings.failures ? { failures: [], openUntil } : { failures, openUntil: null }
}
