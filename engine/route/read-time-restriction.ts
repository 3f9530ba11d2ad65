import { z } from 'zod'
import type { Frequency } from './recurrence-days.ts'
import type { Recurrence } from './recurrence.ts'
import type { TimeRestriction } from './time-restrictions.ts'
import { openZone, parseInstant } from './wall-clock.ts'

/*
 * One entry of `time_restrictions`, as Flapjack stores it (a hash of ice_cube's):
 *
 *   { "start_time": "2014-01-13 08:00:00", "end_time": "2014-01-13 18:00:00",
 *     "rrules": [{ "rule_type": "Weekly", "interval": 1, "week_start": 0, "validations": { "day": [1, 2, 3, 4, 5] } }],
 *     "exrules": [], "rtimes": [], "extimes": ["2014-01-15 08:00:00"] }
 *
 * `exrules` and unknown keys are left unread, as there. Combinations that can never come true are read and never match.
 */

export type TimeRestrictionReading =
  | { readonly kind: 'restriction'; readonly restriction: TimeRestriction }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

export function readTimeRestriction(value: unknown): TimeRestrictionReading {
  const parsed = restrictionSchema.safeParse(value)
  if (parsed.success) return { kind: 'restriction', restriction: parsed.data }
  return {
    kind: 'refused',
    problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  }
}

const frequencies = [
  'Secondly',
  'Minutely',
  'Hourly',
  'Daily',
  'Weekly',
  'Monthly',
  'Yearly',
] as const satisfies readonly Frequency[]

/** Counting occurrences takes time in proportion. */
const mostOccurrences = 10_000
const utc = openZone('UTC')

const timeText = z
  .string('must be a time such as 2014-01-13 08:00:00')
  .refine(
    (text) => utc !== undefined && parseInstant(text, utc) !== undefined,
    'must be a time such as 2014-01-13 08:00:00, with or without an offset',
  )

/** ActiveSupport writes times in a zone as `{ time, zone }`; the zone is the contact's either way. */
const time = z.union(
  [timeText, z.object({ time: timeText }).transform((pair) => pair.time)],
  'must be a time such as 2014-01-13 08:00:00',
)

function integers(least: number, most: number) {
  const one = z.int(`must be an integer from ${least} to ${most}`).min(least).max(most)
  return z
    .union([z.array(one), one.transform((value) => [value])])
    .nullish()
    .transform((values) => values ?? [])
}

/** Counted from either end, never 0. */
function ordinals(most: number) {
  return integers(-most, most).refine(
    (values) => !values.includes(0),
    'must not be 0: count from 1, or from -1 at the end',
  )
}

const weekdayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const nthSchema = z
  .int()
  .min(-5)
  .max(5)
  .refine((nth) => nth !== 0, 'must not be 0')

/** `{ "1": [1, -1] }`: the first and the last Monday of the month. */
const weekdaysOfMonth = z
  .partialRecord(z.enum([...weekdayNames, '0', '1', '2', '3', '4', '5', '6']), z.array(nthSchema))
  .nullish()
  .transform((days) =>
    Object.entries(days ?? {}).flatMap(([day, nths]) =>
      (nths ?? []).map((nth) => ({ weekday: weekdayOf(day), nth })),
    ),
  )

function weekdayOf(day: string): number {
  const named = weekdayNames.indexOf(day)
  return named >= 0 ? named : Number(day)
}

const validationsSchema = z.strictObject({
  day: integers(0, 6),
  day_of_month: ordinals(31),
  day_of_week: weekdaysOfMonth,
  day_of_year: ordinals(366),
  month_of_year: integers(1, 12),
  hour_of_day: integers(0, 23),
  minute_of_hour: integers(0, 59),
  second_of_minute: integers(0, 59),
})

const noValidations = validationsSchema.parse({})

/** What ice_cube cannot ask of a recurrence of this frequency. */
const unaskable: Record<Frequency, readonly ('day_of_month' | 'day_of_year')[]> = {
  Secondly: [],
  Minutely: [],
  Hourly: [],
  Daily: ['day_of_year'],
  Weekly: ['day_of_month', 'day_of_year'],
  Monthly: ['day_of_year'],
  Yearly: [],
}

const recurrenceSchema = z
  .object({
    rule_type: z.enum(frequencies, `must be one of ${frequencies.join(', ')}`),
    interval: z.coerce.number().int().min(1).max(1_000_000).nullish(),
    week_start: z.int().min(0).max(6).nullish(),
    validations: validationsSchema.nullish(),
    until: time.nullish(),
    count: z.int().min(0).max(mostOccurrences).nullish(),
  })
  .superRefine((rule, issues) => {
    const wrong = unaskable[rule.rule_type].filter((name) => (rule.validations?.[name].length ?? 0) > 0)
    for (const name of wrong) {
      issues.addIssue({
        code: 'custom',
        path: ['validations', name],
        message: `does not go with ${rule.rule_type}`,
      })
    }
  })
  .transform((rule): Recurrence & { until: string | null } => {
    const asked = rule.validations ?? noValidations
    return {
      frequency: rule.rule_type,
      interval: rule.interval ?? 1,
      weekStart: rule.week_start ?? 0,
      weekdays: asked.day,
      daysOfMonth: asked.day_of_month,
      weekdaysOfMonth: asked.day_of_week,
      daysOfYear: asked.day_of_year,
      months: asked.month_of_year,
      hours: asked.hour_of_day,
      minutes: asked.minute_of_hour,
      seconds: asked.second_of_minute,
      until: rule.until ?? null,
      count: rule.count ?? null,
    }
  })

const times = z
  .array(time)
  .nullish()
  .transform((values) => values ?? [])

const restrictionSchema = z
  .object({
    start_time: time.nullish(),
    start_date: time.nullish(),
    end_time: time.nullish(),
    end_date: time.nullish(),
    rrules: z.array(recurrenceSchema, 'must be a list; leave it empty for a single occurrence'),
    rtimes: times,
    extimes: times,
  })
  .transform((hash, issues): TimeRestriction => {
    const startTime = hash.start_date ?? hash.start_time
    const endTime = hash.end_date ?? hash.end_time
    if (startTime === undefined || startTime === null || endTime === undefined || endTime === null) {
      issues.addIssue({
        code: 'custom',
        message: 'start_time and end_time are both needed: they say when it begins and how long it lasts',
      })
      return z.NEVER
    }
    return {
      startTime,
      endTime,
      recurrences: hash.rrules,
      extraTimes: hash.rtimes,
      exceptedTimes: hash.extimes,
    }
  })
