import type { TimeRestriction } from './time-restrictions.ts'

/** As Flapjack's JSON API takes time restrictions. */
type ReadHours = { readonly restrictions: readonly object[] } | { readonly problem: string }

const examples = 'mon-fri 8-18; sat 10:00-14:00, weekends 9-21 or daily 22:00-6:00'

/**
 * `mon-fri 8-18; sat 10:00-14:00` → one weekly window for each part, on the wall clock of the contact. One that ends no
 * later than it begins ends on the next day. Nothing said = always.
 */
export function readHours(text: string): ReadHours {
  const parts = text.split(/;|\sand\s/iu).filter((part) => part.trim() !== '')
  const read = parts.map((part) => readPart(part.trim().toLowerCase()))
  const wrong = read.findIndex((one) => one === undefined)
  if (wrong >= 0)
    return { problem: `"${parts[wrong]?.trim().slice(0, 60)}" are no hours I know: try ${examples}.` }
  return { restrictions: read.filter((one) => one !== undefined) }
}

const partPattern = /^(?:(\D*?)\s+)?(\d{1,2})(?::(\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?::(\d{2}))?$/u

/** A Monday before there were rules: a window recurs from its first day on. */
const firstDay = '2020-01-06'
const dayAfter = '2020-01-07'

function readPart(part: string): object | undefined {
  const [, days = '', ...clock] = partPattern.exec(part) ?? []
  const [fromHour, fromMinute = '0', toHour, toMinute = '0'] = clock
  const from = minutes(fromHour, fromMinute)
  const to = minutes(toHour, toMinute)
  const weekdays = readDays(days)
  if (from === undefined || to === undefined || from === 24 * 60 || weekdays === undefined) return undefined
  const end =
    to === 24 * 60 ? `${dayAfter} 00:00:00` : `${to > from ? firstDay : dayAfter} ${printTime(to)}:00`
  return {
    start_time: `${firstDay} ${printTime(from)}:00`,
    end_time: end,
    rrules: [{ rule_type: 'Weekly', interval: 1, validations: { day: weekdays } }],
  }
}

function minutes(hour: string | undefined, minute: string): number | undefined {
  const total = Number(hour) * 60 + Number(minute)
  return hour !== undefined && Number(minute) < 60 && total <= 24 * 60 ? total : undefined
}

function printTime(total: number): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${two(Math.floor(total / 60))}:${two(total % 60)}`
}

const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const everyDay = [0, 1, 2, 3, 4, 5, 6]
const named: Readonly<Record<string, readonly number[]>> = {
  '': everyDay,
  daily: everyDay,
  weekdays: [1, 2, 3, 4, 5],
  weekends: [0, 6],
}

/** From 0 = Sunday. */
function readDays(text: string): readonly number[] | undefined {
  if (Object.hasOwn(named, text)) return named[text]
  const parts = text.replaceAll(/\s*(?:-|–)\s*/gu, '-').split(/[\s,]+/u)
  const found = parts.filter((part) => part !== '').map(readSpan)
  if (found.some((days) => days === undefined)) return undefined
  return [...new Set(found.flatMap((days) => days ?? []))].toSorted((one, other) => one - other)
}

function readSpan(text: string): number[] | undefined {
  const [from, to, ...more] = text.split('-').map(weekdayOf)
  if (from === undefined || more.length > 0) return undefined
  if (!text.includes('-')) return [from]
  if (to === undefined) return undefined
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, at) => (from + at) % 7)
}

function weekdayOf(word: string): number | undefined {
  const at = weekdayNames.findIndex((name) => word.length >= 2 && name.startsWith(word))
  return at < 0 ? undefined : at
}

/** The same way back: what such words say; undefined for hours only a program would write. */
export function printHours(restriction: TimeRestriction): string | undefined {
  const { startTime, endTime, recurrences, extraTimes, exceptedTimes } = restriction
  const [recurrence, ...others] = recurrences
  const span = clockSpan(startTime, endTime)
  if (!recurrence || others.length + extraTimes.length + exceptedTimes.length > 0 || !span) return undefined
  const { frequency, interval, weekdays, until, count, weekStart: _weekStart, ...limits } = recurrence
  const isPlain = frequency === 'Weekly' && interval === 1 && until === null && count === null
  if (!isPlain || weekdays.length === 0 || Object.values(limits).some((list) => list.length > 0))
    return undefined
  return `${printDays(weekdays)} ${span}`
}

function clockSpan(startTime: string, endTime: string): string | undefined {
  const plain = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d):00$/
  const [, startDay, from] = plain.exec(startTime) ?? []
  const [, endDay, to] = plain.exec(endTime) ?? []
  if (startDay === undefined || endDay === undefined || from === undefined || to === undefined)
    return undefined
  const lasts = Date.parse(`${endDay}T${to}Z`) - Date.parse(`${startDay}T${from}Z`)
  return lasts > 0 && lasts <= 86_400_000 ? `${from}-${to === '00:00' ? '24:00' : to}` : undefined
}

function printDays(weekdays: readonly number[]): string {
  const short = (day: number) => weekdayNames[day]?.slice(0, 3) ?? ''
  // Weeks begin on Monday for whoever is on call.
  const days = [...new Set(weekdays)].toSorted((one, other) => ((one + 6) % 7) - ((other + 6) % 7))
  const [first = 0, last = 0] = [days[0], days.at(-1)]
  if (days.length === 7) return 'daily'
  const isSpan = days.length > 2 && days.every((day, at) => day === (first + at) % 7)
  return isSpan ? `${short(first)}-${short(last)}` : days.map(short).join(',')
}
