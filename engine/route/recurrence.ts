import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import { dayChecker, type DayRules, type Frequency } from './recurrence-days.ts'
import { secondsPerDay, toInstants, toWall, type WallSeconds, type Zone } from './wall-clock.ts'

/** One entry of `rrules`, read. Lists are empty where nothing is asked; then the first occurrence says what it has to be. */
export interface Recurrence extends DayRules {
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
  readonly seconds: readonly number[]
  readonly count: number | null
}

/** The latest occurrence that begins in [from, to], or undefined. */
export type LatestStart = (from: EpochSeconds, to: EpochSeconds) => EpochSeconds | undefined

const secondsPerUnit: Partial<Record<Frequency, number>> = { Secondly: 1, Minutely: 60, Hourly: 3600 }

export function compileRecurrence(
  recurrence: Recurrence,
  start: EpochSeconds,
  zone: Zone,
  until: EpochSeconds | null,
): LatestStart {
  const unit = secondsPerUnit[recurrence.frequency]
  const latest = unit === undefined ? byDays(recurrence, start, zone) : byUnits(recurrence, start, zone, unit)
  const bounded: LatestStart = (from, to) => {
    const first = Math.max(from, start)
    const last = until === null ? to : Math.min(to, until)
    return first > last ? undefined : latest(first, last)
  }
  if (recurrence.count === 0) return () => undefined
  return recurrence.count === null
    ? bounded
    : counted(bounded, start, { count: recurrence.count, chunk: (unit ?? secondsPerDay) * 4096 })
}

/** Daily and longer: a set of days, and on each of them the same times on the wall clock. */
function byDays(recurrence: Recurrence, start: EpochSeconds, zone: Zone): LatestStart {
  const startWall = toWall(zone, start)
  const isDay = dayChecker(recurrence, startWall)
  const times = timesOfDay(recurrence, startWall)
  return (from, to) => {
    const firstDay = Math.floor(toWall(zone, from) / secondsPerDay) - 1
    for (let day = Math.floor(toWall(zone, to) / secondsPerDay); day >= firstDay; day--) {
      if (!isDay(day)) continue
      const found = latestOfDay(day * secondsPerDay, { times, zone, from, to })
      if (found !== undefined) return found
    }
    return undefined
  }
}

interface DaySearch {
  readonly times: readonly number[]
  readonly zone: Zone
  readonly from: EpochSeconds
  readonly to: EpochSeconds
}

function latestOfDay(midnight: WallSeconds, { times, zone, from, to }: DaySearch): EpochSeconds | undefined {
  let latest: EpochSeconds | undefined
  for (const time of times) {
    for (const instant of toInstants(zone, midnight + time)) {
      if (from <= instant && instant <= to && (latest === undefined || instant > latest)) latest = instant
    }
  }
  return latest
}

function timesOfDay({ hours, minutes, seconds }: Recurrence, startWall: WallSeconds): number[] {
  const hoursAsked = orOwn(hours, Math.floor(startWall / 3600) % 24)
  const minutesAsked = orOwn(minutes, Math.floor(startWall / 60) % 60)
  const secondsAsked = orOwn(seconds, startWall % 60)
  return hoursAsked.flatMap((hour) =>
    minutesAsked.flatMap((minute) => secondsAsked.map((second) => hour * 3600 + minute * 60 + second)),
  )
}

function orOwn(asked: readonly number[], own: number): readonly number[] {
  return asked.length > 0 ? asked : [own]
}

/** Hourly and shorter: walks back in time, over everything at once that cannot match. */
function byUnits(recurrence: Recurrence, start: EpochSeconds, zone: Zone, unit: number): LatestStart {
  const startWall = toWall(zone, start)
  const isDay = dayChecker(recurrence, startWall)
  const hours = recurrence.hours
  const minutes =
    unit === 3600 ? orOwn(recurrence.minutes, Math.floor(startWall / 60) % 60) : recurrence.minutes
  const seconds = unit >= 60 ? orOwn(recurrence.seconds, startWall % 60) : recurrence.seconds
  const startUnit = Math.floor(intervalOrigin(recurrence, start, startWall) / unit)
  const isAsked = (asked: readonly number[], value: number) => asked.length === 0 || asked.includes(value)
  /** How many seconds to go back at least; 0 = here is one. */
  const distance = (instant: EpochSeconds): number => {
    const wall = toWall(zone, instant)
    if (!isDay(Math.floor(wall / secondsPerDay))) return (wall % secondsPerDay) + 1
    if (!isAsked(hours, Math.floor(wall / 3600) % 24)) return (wall % 3600) + 1
    if (!isAsked(minutes, Math.floor(wall / 60) % 60)) return (wall % 60) + 1
    const surplus = (Math.floor(instant / unit) - startUnit) % recurrence.interval
    if (surplus !== 0) return (surplus - 1) * unit + (instant % unit) + 1
    return isAsked(seconds, wall % 60) ? 0 : 1
  }
  return (from, to) => {
    let instant = to
    while (instant >= from) {
      const back = distance(instant)
      if (back === 0) return instant
      instant -= back
    }
    return undefined
  }
}

/** Intervals count from the first occurrence, moved to the earliest hour, minute and second asked for (as ice_cube does). */
function intervalOrigin(
  { hours, minutes, seconds }: Recurrence,
  start: EpochSeconds,
  startWall: WallSeconds,
): EpochSeconds {
  const moved = (asked: readonly number[], own: number, unit: number) =>
    asked.length > 0 ? (Math.min(...asked) - own) * unit : 0
  return (
    start +
    moved(hours, Math.floor(startWall / 3600) % 24, 3600) +
    moved(minutes, Math.floor(startWall / 60) % 60, 60) +
    moved(seconds, startWall % 60, 1)
  )
}

/** Only the first so many. Counts forward from the first one, a chunk of time at a time, and never twice. */
function counted(
  latest: LatestStart,
  start: EpochSeconds,
  { count, chunk }: { count: number; chunk: number },
): LatestStart {
  let countedTo = start - 1
  let left = count
  let last: EpochSeconds | undefined
  const countUpTo = (to: EpochSeconds) => {
    while (last === undefined && countedTo < to) {
      const chunkEnd = Math.min(to, countedTo + chunk)
      const found = [...startsDownFrom(latest, countedTo + 1, chunkEnd)].reverse()
      last = found[left - 1]
      left -= found.length
      countedTo = chunkEnd
    }
  }
  return (from, to) => {
    countUpTo(to)
    return latest(from, last === undefined ? to : Math.min(to, last))
  }
}

function* startsDownFrom(latest: LatestStart, from: EpochSeconds, to: EpochSeconds): Generator<EpochSeconds> {
  let found = latest(from, to)
  while (found !== undefined) {
    yield found
    found = latest(from, found - 1)
  }
}
