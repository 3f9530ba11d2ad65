import type { Slots } from './telemetry.ts'

const points = 60
const shortestSpanSeconds = 30 * 60

/** Enough of the past to see the ordinary before the breach: six windows, or half an hour where that is more. */
export function pictureSlots(at: Date, windowSeconds: number): Slots {
  return slotsUntil(at, Math.max(shortestSpanSeconds, 6 * windowSeconds), points)
}

/** Evenly spaced instants, the last one at `at`. */
export function slotsUntil(at: Date, spanSeconds: number, count: number): Slots {
  const stepSeconds = Math.max(1, Math.round(spanSeconds / count))
  return { from: new Date(at.getTime() - (count - 1) * stepSeconds * 1000), stepSeconds, count }
}
