/** How much one source may send. */
export interface SourceQuota {
  readonly events: number
  readonly windowSeconds: number
}

/** High enough that nobody meets it who does not flood: a house takes tens of thousands of events a second. */
export const defaultSourceQuota: SourceQuota = { events: 1_000_000, windowSeconds: 60 }

/** What a source has left, as a bucket that fills evenly and holds one window at most. Less than nothing is a debt. */
export interface Allowance {
  readonly left: number
  readonly atMs: number
}

/** Undefined: it may send. Else after how many seconds it may again. */
export function mustWaitSeconds(
  allowance: Allowance | undefined,
  quota: SourceQuota,
  nowMs: number,
): number | undefined {
  const { left } = filled(allowance, quota, nowMs)
  if (left > 0) return undefined
  return Math.max(1, Math.ceil((1 - left) / (quota.events / quota.windowSeconds)))
}

/**
 * A request is taken whole as long as anything is left, and what it took too much is waited for afterwards: one that is larger than
 * the bucket would otherwise never come through.
 */
export function spend(
  allowance: Allowance | undefined,
  events: number,
  { quota, nowMs }: { readonly quota: SourceQuota; readonly nowMs: number },
): Allowance {
  const { left } = filled(allowance, quota, nowMs)
  return { left: Math.max(left - events, -quota.events), atMs: nowMs }
}

/** It has not sent for so long that nothing is known of it any more. */
export function isFull(allowance: Allowance, quota: SourceQuota, nowMs: number): boolean {
  return filled(allowance, quota, nowMs).left >= quota.events
}

function filled(allowance: Allowance | undefined, quota: SourceQuota, nowMs: number): Allowance {
  if (!allowance) return { left: quota.events, atMs: nowMs }
  // A clock that is set back takes nothing away.
  const seconds = Math.max(0, nowMs - allowance.atMs) / 1000
  const left = allowance.left + (seconds * quota.events) / quota.windowSeconds
  return { left: Math.min(left, quota.events), atMs: nowMs }
}
