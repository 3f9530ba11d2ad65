import { secondsPerDay, type WallSeconds } from './wall-clock.ts'

export type Frequency = 'Secondly' | 'Minutely' | 'Hourly' | 'Daily' | 'Weekly' | 'Monthly' | 'Yearly'

/** What a recurrence asks of the day. Weekdays count from 0 = Sunday. */
export interface DayRules {
  readonly frequency: Frequency
  readonly interval: number
  readonly weekStart: number
  readonly weekdays: readonly number[]
  /** Negative ones count from the end of the month. */
  readonly daysOfMonth: readonly number[]
  /** The nth such weekday of the month; negative ones count from its end. */
  readonly weekdaysOfMonth: readonly { readonly weekday: number; readonly nth: number }[]
  /** Negative ones count from the end of the year. */
  readonly daysOfYear: readonly number[]
  readonly months: readonly number[]
}

/** Days since 1970 on the wall. */
type DayNumber = number
type DayQuestion = (date: CalendarDay) => boolean

interface CalendarDay {
  readonly number: DayNumber
  readonly year: number
  readonly month: number
  readonly dayOfMonth: number
  readonly weekday: number
  readonly daysInMonth: number
}

/** Where nothing is asked of weekday, day or month, the first occurrence sets them, as far as the frequency needs it. */
export function dayChecker(rules: DayRules, startWall: WallSeconds): (day: DayNumber) => boolean {
  const start = calendarDay(Math.floor(startWall / secondsPerDay))
  const questions = [inInterval(rules, start), ...asked(rules), ...inherited(rules, start)].filter(
    (question) => question !== undefined,
  )
  return (day) => {
    const date = calendarDay(day)
    return questions.every((question) => question(date))
  }
}

function inInterval(
  { frequency, interval, weekStart }: DayRules,
  start: CalendarDay,
): DayQuestion | undefined {
  const weekOf = (date: CalendarDay) => (date.number - ((date.weekday - weekStart + 7) % 7)) / 7
  const position: Partial<Record<Frequency, (date: CalendarDay) => number>> = {
    Daily: (date) => date.number,
    Weekly: weekOf,
    Monthly: (date) => date.year * 12 + date.month,
    Yearly: (date) => date.year,
  }
  const positionOf = position[frequency]
  if (positionOf === undefined || interval === 1) return undefined
  const first = positionOf(start)
  return (date) => Math.round(positionOf(date) - first) % interval === 0
}

function asked(rules: DayRules): (DayQuestion | undefined)[] {
  const { weekdays, daysOfMonth, weekdaysOfMonth, daysOfYear, months } = rules
  return [
    weekdays.length > 0 ? (date) => weekdays.includes(date.weekday) : undefined,
    daysOfMonth.length > 0 ? (date) => daysOfMonth.some((day) => isDayOfMonth(date, day)) : undefined,
    weekdaysOfMonth.length > 0
      ? (date) => weekdaysOfMonth.some((rule) => isNthWeekday(date, rule))
      : undefined,
    daysOfYear.length > 0 ? (date) => daysOfYear.some((day) => isDayOfYear(date, day)) : undefined,
    months.length > 0 ? (date) => months.includes(date.month) : undefined,
  ]
}

function inherited(rules: DayRules, start: CalendarDay): (DayQuestion | undefined)[] {
  const { frequency } = rules
  const asksForDay =
    rules.weekdays.length +
      rules.daysOfMonth.length +
      rules.weekdaysOfMonth.length +
      rules.daysOfYear.length >
    0
  const asksForMonth = rules.months.length + rules.daysOfYear.length > 0
  const isMonthlyOrYearly = frequency === 'Monthly' || frequency === 'Yearly'
  return [
    frequency === 'Weekly' && !asksForDay ? (date) => date.weekday === start.weekday : undefined,
    // The 31st of a shorter month is its last day.
    isMonthlyOrYearly && !asksForDay
      ? (date) => date.dayOfMonth === Math.min(start.dayOfMonth, date.daysInMonth)
      : undefined,
    frequency === 'Yearly' && !asksForMonth ? (date) => date.month === start.month : undefined,
  ]
}

function isDayOfMonth(date: CalendarDay, asked: number): boolean {
  return date.dayOfMonth === (asked > 0 ? asked : Math.max(1, date.daysInMonth + 1 + asked))
}

function isNthWeekday(date: CalendarDay, { weekday, nth }: { weekday: number; nth: number }): boolean {
  if (date.weekday !== weekday) return false
  const fromStart = Math.ceil(date.dayOfMonth / 7)
  const fromEnd = -Math.ceil((date.daysInMonth - date.dayOfMonth + 1) / 7)
  return nth > 0 ? fromStart === nth : fromEnd === nth
}

function isDayOfYear(date: CalendarDay, asked: number): boolean {
  const firstDay = dayNumber(date.year, 1)
  return date.number === (asked > 0 ? firstDay + asked - 1 : dayNumber(date.year + 1, 1) + asked)
}

function calendarDay(number: DayNumber): CalendarDay {
  const date = new Date(number * secondsPerDay * 1000)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth() + 1
  const daysInMonth = dayNumber(year, month + 1) - dayNumber(year, month)
  return { number, year, month, dayOfMonth: date.getUTCDate(), weekday: date.getUTCDay(), daysInMonth }
}

/** The first day of a month; month 13 is January of the next year. */
function dayNumber(year: number, month: number): DayNumber {
  return Date.UTC(year, month - 1, 1) / 1000 / secondsPerDay
}
