/** When a door of this deployment was last known to be open. */
export interface Pulse {
  readonly beatAt: Date
  /** When it was open again after nobody could have been heard for a while; null = that never was. */
  readonly backAt: Date | null
}

export const pulseEveryMs = 15_000
/** Without a beat for this long nobody could reach us: several beats missed, a restart is not one. */
export const silentMs = 120_000
/** Prometheus repeats what fires every minute at the latest, and may have to start or to queue first. */
const graceMs = 300_000

/**
 * Whether what was not said again may be taken for over. Not while no door is open, nor shortly after: whoever could not
 * reach us had no chance to say that it goes on. A clock that jumps ahead looks like an outage, and is treated like one.
 */
export function isSilenceMeaningful(pulse: Pulse | undefined, now: Date): boolean {
  if (!pulse) return true
  if (now.getTime() - pulse.beatAt.getTime() > silentMs) return false
  const sinceBack = pulse.backAt === null ? Infinity : now.getTime() - pulse.backAt.getTime()
  return sinceBack < 0 || sinceBack >= graceMs
}
