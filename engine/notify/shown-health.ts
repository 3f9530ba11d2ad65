import { isGone, type LaneHealth } from './lane-health.ts'

/** How it goes with telling a destination, for whoever looks after it. */
export interface ShownHealth {
  /** OK until something was told in vain; GONE: it said three times that there is no such place, and is told nothing more. */
  readonly state: 'OK' | 'TROUBLED' | 'GONE'
  readonly since: Date | null
  /** What went wrong last, and what to do. */
  readonly problem: string | null
}

/** `lane`: undefined where nothing was told yet. */
export function shownHealth(lane: LaneHealth | undefined): ShownHealth {
  if (!lane || lane.troubledSince === null) return { state: 'OK', since: null, problem: null }
  return { state: isGone(lane) ? 'GONE' : 'TROUBLED', since: lane.troubledSince, problem: lane.lastError }
}
