import { toWall, type Zone } from '#engine/route/wall-clock.ts'

/** From and to, both inside. */
export interface CalendarRange {
  readonly from: number
  readonly to: number
}

/** A part of the calendar as Alertmanager has them: every part that is given must fit, and in it any one range. */
export interface TimeInterval {
  /** Minutes since midnight; over at its very end. */
  readonly times?: readonly CalendarRange[] | undefined
  /** 0 = Sunday. */
  readonly weekdays?: readonly CalendarRange[] | undefined
  /** Below 0 from the end of the month: -1 is its last day. */
  readonly daysOfMonth?: readonly CalendarRange[] | undefined
  readonly months?: readonly CalendarRange[] | undefined
  readonly years?: readonly CalendarRange[] | undefined
  readonly zone: Zone
}

export function isWithin(interval: TimeInterval, instant: Date): boolean {
  const { times, weekdays, daysOfMonth, months, years, zone } = interval
  const wall = new Date(toWall(zone, Math.floor(instant.getTime() / 1000)) * 1000)
  const minute = wall.getUTCHours() * 60 + wall.getUTCMinutes()
  return (
    fits(years, wall.getUTCFullYear()) &&
    fits(months, wall.getUTCMonth() + 1) &&
    (daysOfMonth?.some((range) => holdsDay(range, wall)) ?? true) &&
    fits(weekdays, wall.getUTCDay()) &&
    (times?.some(({ from, to }) => from <= minute && minute < to) ?? true)
  )
}

function fits(ranges: readonly CalendarRange[] | undefined, value: number): boolean {
  return ranges?.some(({ from, to }) => from <= value && value <= to) ?? true
}

/** A range that begins after the end of a short month is not in it; one that only ends there is cut. */
function holdsDay({ from, to }: CalendarRange, wall: Date): boolean {
  const last = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate()
  const fromStart = (day: number) => (day < 0 ? last + day + 1 : day)
  const day = wall.getUTCDate()
  return fromStart(from) <= day && day <= fromStart(to)
}
