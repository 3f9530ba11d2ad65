import { IANAZone } from 'luxon'
import { type Cron, isCronDay, parseCron } from './cron.ts'

/** Begins by the wall clock of a zone, lasts the same real time whatever daylight saving does meanwhile. */
export interface Recurrence {
  /** Five crontab fields. */
  readonly cron: string
  /** IANA name, such as Europe/Berlin. */
  readonly zone: string
  readonly durationSeconds: number
}

/** Half-open: [startsAt, endsAt). */
export interface Span {
  readonly startsAt: Date
  readonly endsAt: Date
}

const dayMs = 86_400_000
const longestSeconds = 31 * 86_400
/** The rarest date there is, 29 February, may be eight years away. */
const farthestDays = 8 * 366

/** Why it can never be used, or undefined. */
export function recurrenceProblem({ cron, zone, durationSeconds }: Recurrence): string | undefined {
  const parsed = parseCron(cron)
  if ('problem' in parsed) return parsed.problem
  if (!IANAZone.isValidZone(zone))
    return `${JSON.stringify(zone.slice(0, 60))} is no time zone I know: use one such as Europe/Berlin.`
  if (!Number.isSafeInteger(durationSeconds) || durationSeconds < 60 || durationSeconds > longestSeconds) {
    return 'Each time must last from 1 minute to 31 days.'
  }
  return undefined
}

/** The span that covers `now`; of several the one that began last. */
export function spanAt(recurrence: Recurrence, now: Date): Span | undefined {
  const durationMs = recurrence.durationSeconds * 1000
  for (const start of starts(recurrence, now, 'back')) {
    if (start + durationMs <= now.getTime()) return undefined
    if (start <= now.getTime()) return span(start, durationMs)
  }
  return undefined
}

/** The first span that begins after `now`. */
export function spanAfter(recurrence: Recurrence, now: Date): Span | undefined {
  for (const start of starts(recurrence, now, 'on')) {
    if (start > now.getTime()) return span(start, recurrence.durationSeconds * 1000)
  }
  return undefined
}

function span(start: number, durationMs: number): Span {
  return { startsAt: new Date(start), endsAt: new Date(start + durationMs) }
}

/** Instants at which it begins, from the day after (or before) `now` on, in order; a day before or after is looked at too. */
function* starts(
  { cron, zone, durationSeconds }: Recurrence,
  now: Date,
  direction: 'back' | 'on',
): Generator<number> {
  const parsed = parseCron(cron)
  if ('problem' in parsed) return
  const sign = direction === 'on' ? 1 : -1
  const days = direction === 'on' ? farthestDays : Math.ceil(durationSeconds / 86_400) + 2
  const today = Math.floor(now.getTime() / dayMs) * dayMs
  for (let offset = -1; offset <= days; offset += 1) {
    const ofDay = startsOfDay(parsed.cron, new Date(today + sign * offset * dayMs), IANAZone.create(zone))
    yield* direction === 'on' ? ofDay : ofDay.reverse()
  }
}

/** `day`: a calendar day, written as midnight UTC. */
function startsOfDay(cron: Cron, day: Date, zone: IANAZone): number[] {
  if (!isCronDay(cron, { day: day.getUTCDate(), month: day.getUTCMonth() + 1, weekday: day.getUTCDay() }))
    return []
  const clocks = [...cron.hours].flatMap((hour) =>
    [...cron.minutes].map((minute) => (hour * 60 + minute) * 60_000),
  )
  const instants = clocks.map((clock) => instantOf(day.getTime() + clock, zone))
  return [...new Set(instants)].sort((one, other) => one - other)
}

/**
 * A wall clock reading (written as if it were UTC) → its instant. When the clocks go back the first of the two is meant;
 * one that the clocks jump over happens as much later as they jump.
 */
function instantOf(wallMs: number, zone: IANAZone): number {
  const before = wallMs - zone.offset(wallMs - dayMs) * 60_000
  const after = wallMs - zone.offset(wallMs + dayMs) * 60_000
  const real = [before, after].filter((instant) => instant + zone.offset(instant) * 60_000 === wallMs)
  return real.length > 0 ? Math.min(...real) : before
}
