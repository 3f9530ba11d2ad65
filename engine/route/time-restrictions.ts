import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import { compileRecurrence, type LatestStart, type Recurrence } from './recurrence.ts'
import { parseInstant, type Zone } from './wall-clock.ts'

/**
 * When a rule counts: windows of the length of the first one, beginning at the first one (when nothing recurs), at every
 * occurrence of the recurrences, and at the extra times; not at the excepted ones. Half-open: over at its very end. Times
 * without an offset are wall clock in the zone of the contact, daylight saving or not.
 */
export interface TimeRestriction {
  readonly startTime: string
  readonly endTime: string
  readonly recurrences: readonly (Recurrence & { readonly until: string | null })[]
  readonly extraTimes: readonly string[]
  readonly exceptedTimes: readonly string[]
}

export type IsOpen = (now: EpochSeconds) => boolean

/** Compiled once, asked for every event: the answer of the current second is kept. */
export function compileTimeRestriction(restriction: TimeRestriction, zone: Zone): IsOpen {
  const start = parseInstant(restriction.startTime, zone)
  const end = parseInstant(restriction.endTime, zone)
  if (start === undefined || end === undefined) return () => false
  const length = end - start
  const excepted = new Set(instants(restriction.exceptedTimes, zone))
  const sources = startSources(restriction, start, zone)
  return rememberingLast((now) => {
    if (length <= 0) return begins(sources, excepted, { from: now, to: now })
    return (
      !excepted.has(now) && begins(sources, excepted, { from: Math.max(start, now - length + 1), to: now })
    )
  })
}

function startSources(restriction: TimeRestriction, start: EpochSeconds, zone: Zone): LatestStart[] {
  const extra = instants(restriction.extraTimes, zone).map(single)
  const recurring = restriction.recurrences.map((recurrence) =>
    compileRecurrence(
      recurrence,
      start,
      zone,
      recurrence.until === null ? null : (parseInstant(recurrence.until, zone) ?? null),
    ),
  )
  return recurring.length > 0 ? [...recurring, ...extra] : [single(start), ...extra]
}

function begins(
  sources: readonly LatestStart[],
  excepted: ReadonlySet<EpochSeconds>,
  span: { from: EpochSeconds; to: EpochSeconds },
): boolean {
  return sources.some((latest) => {
    let found = latest(span.from, span.to)
    while (found !== undefined && excepted.has(found)) found = latest(span.from, found - 1)
    return found !== undefined
  })
}

function single(at: EpochSeconds): LatestStart {
  return (from, to) => (from <= at && at <= to ? at : undefined)
}

function instants(texts: readonly string[], zone: Zone): EpochSeconds[] {
  return texts.map((text) => parseInstant(text, zone)).filter((instant) => instant !== undefined)
}

function rememberingLast(isOpen: IsOpen): IsOpen {
  let asked: EpochSeconds | undefined
  let answer = false
  return (now) => {
    if (now === asked) return answer
    answer = isOpen(now)
    asked = now
    return answer
  }
}
