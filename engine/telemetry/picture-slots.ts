import type { Slots } from './telemetry.ts'

const points = 60
const shortestSpanSeconds = 30 * 60

/** Enough of the past to see the ordinary before the breach: six windows, or half an hour where that is more. */
export function pictureSlots(at: Date, windowSeconds: number): Slots {
  return slotsUntil(at, Math.max(shortestSpanSeconds, 6 * windowSeconds), points)
}

const shortestPreviewSeconds = 3 * 3600
const fewestLooks = 120
/** Bounds the work: only windows shorter than 15 s are then looked at with gaps. */
const mostLooks = 720

/** The last hours, or six windows where that is more; close enough together that no window is looked past. */
export function previewSlots(now: Date, windowSeconds: number): Slots {
  const spanSeconds = Math.max(shortestPreviewSeconds, 6 * windowSeconds)
  const looks = Math.max(fewestLooks, Math.ceil(spanSeconds / windowSeconds))
  return slotsUntil(now, spanSeconds, Math.min(mostLooks, looks))
}

/** Evenly spaced instants, the last one at `at`. */
export function slotsUntil(at: Date, spanSeconds: number, count: number): Slots {
  const stepSeconds = Math.max(1, Math.round(spanSeconds / count))
  return { from: new Date(at.getTime() - (count - 1) * stepSeconds * 1000), stepSeconds, count }
}
