/** What one webhook of a receiver was last told of a group: fingerprints, and when (milliseconds since 1970). */
export interface Told {
  readonly firing: readonly string[]
  readonly resolved: readonly string[]
  readonly at: number
}

export interface GroupSituation {
  readonly firing: readonly string[]
  readonly resolved: readonly string[]
  readonly told: Told | undefined
  readonly sendResolved: boolean
  readonly repeatIntervalMs: number
  readonly now: number
}

/**
 * Whether a group is news to one webhook (Alertmanager's notification log): something fires that it was not told of, all
 * that fired has resolved, something else has resolved and it wants to know, or it was long ago.
 */
export function isNews({
  firing,
  resolved,
  told,
  sendResolved,
  repeatIntervalMs,
  now,
}: GroupSituation): boolean {
  if (!told) return firing.length > 0
  if (!isSubset(firing, told.firing)) return true
  if (firing.length === 0) return told.firing.length > 0
  if (sendResolved && !isSubset(resolved, told.resolved)) return true
  return told.at + repeatIntervalMs <= now
}

function isSubset(some: readonly string[], all: readonly string[]): boolean {
  if (some.length === 0) return true
  const known = new Set(all)
  return some.every((one) => known.has(one))
}

/** The next of the ticks that follow the first flush of a group at every interval: what comes in between waits for it. */
export function nextTick(base: number, intervalMs: number, now: number): number {
  return now < base ? base : base + (Math.floor((now - base) / intervalMs) + 1) * intervalMs
}
