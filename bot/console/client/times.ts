import { formatDuration } from '#engine/duration.ts'

const dayMs = 86_400_000

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const date = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })

export function clockTime(iso: string): string {
  return clock.format(new Date(iso))
}

export function dateTime(iso: string): string {
  return date.format(new Date(iso))
}

/** Day, seconds and zone: for the tooltip of every shorter time. */
export function wholeTime(iso: string): string {
  return whole.format(new Date(iso))
}

/** `just now`, `40 s ago`, `3 min ago`, `in 25 min`; beyond two days the date itself. */
export function relativeTime(iso: string, nowMs: number): string {
  const awayMs = Date.parse(iso) - nowMs
  const size = Math.abs(awayMs)
  if (size < 5000) return 'just now'
  if (size > 2 * dayMs) return dateTime(iso)
  const length = formatDuration(coarse(size / 1000))
  return awayMs > 0 ? `in ${length}` : `${length} ago`
}

/** Seconds stop mattering after the first minute, and minutes after the first hours. */
function coarse(seconds: number): number {
  if (seconds < 60) return seconds
  return seconds < 6 * 3600 ? Math.floor(seconds / 60) * 60 : Math.floor(seconds / 3600) * 3600
}

export function dayTitle(iso: string, nowMs: number): string {
  const midnight = (ms: number) => new Date(ms).setHours(0, 0, 0, 0)
  const daysAgo = Math.round((midnight(nowMs) - midnight(Date.parse(iso))) / dayMs)
  if (daysAgo === 0) return 'Today'
  return daysAgo === 1 ? 'Yesterday' : day.format(new Date(iso))
}
