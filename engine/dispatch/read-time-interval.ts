import { z } from 'zod'
import { openZone } from '#engine/route/wall-clock.ts'
import type { CalendarRange, TimeInterval } from './time-interval.ts'

/**
 * Alertmanager's time intervals, in JSON.
 *
 *     { "name": "office hours", "time_intervals": [{ "weekdays": ["monday:friday"], "location": "Europe/Berlin",
 *       "times": [{ "start_time": "09:00", "end_time": "17:00" }] }] }
 */
const timeOfDay = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/

const minutes = z.string().transform((text, context) => {
  const read = timeOfDay.exec(text)
  if (read) return text === '24:00' ? 1440 : Number(read[1]) * 60 + Number(read[2])
  context.addIssue('Write a time of day such as 09:00 or 24:00.')
  return z.NEVER
})

const times = z
  .strictObject({ start_time: minutes, end_time: minutes })
  .refine(({ start_time: from, end_time: to }) => from < to, {
    error: 'It ends before it begins: a span over midnight is two spans.',
    path: ['end_time'],
  })
  .transform(({ start_time: from, end_time: to }): CalendarRange => ({ from, to }))

const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const

const weekday = (text: string) => placeIn(weekdayNames, text)

const month = (text: string) => {
  const named = placeIn(monthNames, text)
  return named === undefined ? number(text, (value) => value >= 1 && value <= 12) : named + 1
}
const dayOfMonth = (text: string) => number(text, (value) => value !== 0 && Math.abs(value) <= 31)
const year = (text: string) => number(text, (value) => value > 0)

function placeIn(names: readonly string[], text: string): number | undefined {
  const place = names.indexOf(text.toLowerCase())
  return place < 0 ? undefined : place
}

function number(text: string, isGood: (value: number) => boolean): number | undefined {
  return /^-?\d{1,4}$/.test(text) && isGood(Number(text)) ? Number(text) : undefined
}

const mostRanges = 100

/** `one` or `from:to`; as Alertmanager counts, a week begins on Sunday. */
function ranges(read: (text: string) => number | undefined, example: string, order = inOrder) {
  const range = z.union([z.string(), z.int().transform(String)]).transform((text, context): CalendarRange => {
    const [first = '', last = first, ...more] = text.split(':').map((part) => part.trim())
    const from = read(first)
    const to = read(last)
    if (from === undefined || to === undefined || more.length > 0)
      context.addIssue(`${JSON.stringify(text)} is none: write ${example}.`)
    else if (!order(from, to))
      context.addIssue(`${JSON.stringify(text)} ends before it begins: write two of them instead.`)
    else return { from, to }
    return z.NEVER
  })
  return z
    .array(range)
    .min(1, 'Nothing would ever fit: name at least one, or leave it out.')
    .max(mostRanges, `At most ${mostRanges}.`)
    .optional()
}

function inOrder(from: number, to: number): boolean {
  return from <= to
}

/** Months differ in length: only what is wrong in all of them is. */
function daysInOrder(from: number, to: number): boolean {
  if (from < 0 && to > 0) return false
  const inLongest = (day: number) => (day < 0 ? 32 + day : day)
  return inLongest(from) <= inLongest(to)
}

const location = z
  .string()
  .default('UTC')
  .transform((name, context) => {
    const zone = openZone(name)
    if (zone) return zone
    context.addIssue(`${JSON.stringify(name)} is no time zone: write one such as Europe/Berlin.`)
    return z.NEVER
  })

const intervalSchema = z
  .strictObject({
    times: z
      .array(times)
      .min(1, 'Nothing would ever fit: name at least one, or leave it out.')
      .max(mostRanges, `At most ${mostRanges}.`)
      .optional(),
    weekdays: ranges(weekday, "a day such as 'saturday' or days such as 'monday:friday'"),
    days_of_month: ranges(
      dayOfMonth,
      "a day such as '1', days such as '1:5', or from the end '-3:-1'",
      daysInOrder,
    ),
    months: ranges(month, "a month such as 'may' or '5', or months such as 'june:august'"),
    years: ranges(year, "a year such as '2030', or years such as '2030:2032'"),
    location,
  })
  .transform(({ days_of_month: daysOfMonth, location: zone, ...rest }): TimeInterval => ({
    ...rest,
    daysOfMonth,
    zone,
  }))

export const timeIntervalSchema = z
  .strictObject({
    name: z.string().min(1, 'A time interval has a name.').max(200, 'At most 200 characters.'),
    time_intervals: z.array(intervalSchema).max(mostRanges, `At most ${mostRanges}.`).default([]),
  })
  .transform(({ name, time_intervals: intervals }) => ({ name, intervals }))
