/** When something begins: the five fields of a crontab line, as sets of numbers. */
export interface Cron {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly daysOfMonth: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>
  /** With both kinds of days restricted either of them will do (crontab's rule); otherwise both must fit. */
  readonly eitherDay: boolean
}

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly words?: readonly string[]
}

const minute: Field = { name: 'minute', from: 0, to: 59 }
const hour: Field = { name: 'hour', from: 0, to: 23 }
const dayOfMonth: Field = { name: 'day of month', from: 1, to: 31 }
const month: Field = {
  name: 'month',
  from: 1,
  to: 12,
  words: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
const dayOfWeek: Field = {
  name: 'day of week',
  from: 0,
  to: 7,
  words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
}

export type ParsedCron = { readonly cron: Cron } | { readonly problem: string }

/** `0 2 * * 1-5`: lists, ranges, steps and English three-letter names. */
export function parseCron(text: string): ParsedCron {
  const parts = text.trim().split(/\s+/, 6)
  const [minutes, hours, days, months, weekdays] = parts
  if (parts.length !== 5 || !minutes || !hours || !days || !months || !weekdays) {
    return {
      problem:
        'A schedule has five fields (minute, hour, day of month, month, day of week), such as 0 2 * * 1-5.',
    }
  }
  try {
    return {
      cron: {
        minutes: numbers(minutes, minute),
        hours: numbers(hours, hour),
        daysOfMonth: numbers(days, dayOfMonth),
        months: numbers(months, month),
        daysOfWeek: new Set([...numbers(weekdays, dayOfWeek)].map((day) => day % 7)),
        eitherDay: !days.startsWith('*') && !weekdays.startsWith('*'),
      },
    }
  } catch (error) {
    if (error instanceof CronError) return { problem: error.message }
    throw error
  }
}

/** `weekday`: 0 is Sunday. */
export function isCronDay(
  cron: Cron,
  date: { readonly day: number; readonly month: number; readonly weekday: number },
): boolean {
  if (!cron.months.has(date.month)) return false
  const fitsDay = cron.daysOfMonth.has(date.day)
  const fitsWeekday = cron.daysOfWeek.has(date.weekday)
  return cron.eitherDay ? fitsDay || fitsWeekday : fitsDay && fitsWeekday
}

class CronError extends Error {}

function numbers(text: string, field: Field): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((part) => range(part, field)))
}

function range(part: string, field: Field): number[] {
  const [, from = '', to, step] = /^(\*|\w{1,3})(?:-(\w{1,3}))?(?:\/(\d{1,2}))?$/.exec(part) ?? []
  const first = from === '*' ? field.from : number(from, field)
  const last = lastOf({ from, to, step }, field)
  const every = step === undefined ? 1 : Number(step)
  if (first === undefined || last === undefined || first > last || every === 0) {
    const found = JSON.stringify(part.slice(0, 20))
    throw new CronError(
      `${found} is no ${field.name}: use ${field.from} to ${field.to}, lists (1,2), ranges (1-5), steps (*/2) or *.`,
    )
  }
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) => first + index * every)
}

/** `5/10` means from 5 to the end, every 10. */
function lastOf(
  { from, to, step }: { from: string; to: string | undefined; step: string | undefined },
  field: Field,
): number | undefined {
  if (to !== undefined) return number(to, field)
  return from === '*' || step !== undefined ? field.to : number(from, field)
}

function number(text: string, { from, to, words }: Field): number | undefined {
  const word = text === '' ? -1 : (words ?? []).indexOf(text.toLowerCase())
  const value = word >= 0 ? word : /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= from && value <= to ? value : undefined
}
