const windowMs = 60_000
const allowedFailures = 10
const rememberedCallers = 1000

/** Counts wrong tokens per caller, so that guessing is slow however many connections it uses. */
export interface Attempts {
  mayTry(caller: string, now: Date): boolean
  failed(caller: string, now: Date): void
}

export function countAttempts(): Attempts {
  const failures = new Map<string, { count: number; since: number }>()
  const current = (caller: string, now: Date) => {
    const known = failures.get(caller)
    return known && now.getTime() - known.since < windowMs ? known : undefined
  }
  return {
    mayTry: (caller, now) => (current(caller, now)?.count ?? 0) < allowedFailures,
    failed: (caller, now) => {
      const known = current(caller, now) ?? { count: 0, since: now.getTime() }
      failures.delete(caller)
      failures.set(caller, { count: known.count + 1, since: known.since })
      const oldest = failures.keys().next().value
      if (failures.size > rememberedCallers && oldest !== undefined) failures.delete(oldest)
    },
  }
}
