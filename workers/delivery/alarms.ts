/** Something is to be done at a time of this clock, as far as the process lives. */
export interface Alarms {
  set(at: Date, ring: () => void): void
  clear(): void
}

/** More than that Node takes for nothing; whoever rings early finds that nothing is due. */
const longestMs = 3_600_000

export function openAlarms(clock: () => Date): Alarms {
  const timers = new Set<NodeJS.Timeout>()
  return {
    set: (at, ring) => {
      const ms = Math.max(1, Math.min(at.getTime() - clock().getTime(), longestMs))
      const timer = setTimeout(() => {
        timers.delete(timer)
        ring()
      }, ms)
      timers.add(timer)
    },
    clear: () => {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
