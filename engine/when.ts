import { DateTime } from 'luxon'
import { parseDuration } from './duration.ts'

interface Place {
  readonly now: Date
  /** IANA name of the zone that wall clocks are meant in. */
  readonly zone: string
}

/** When people are back at work. */
const morning = { hour: 9, minute: 0 }

/**
 * `now`, `in 2h`, `22:00` (the next one), `tomorrow` (nine in the morning), `tomorrow 22:00`, `2026-04-20`,
 * `2026-04-20 02:00`, or an instant with its zone → the instant; undefined for anything else.
 */
export function readWhen(text: string, { now, zone }: Place): Date | undefined {
  const said = text.trim().toLowerCase()
  if (said === 'now') return now
  const ahead = /^in (.+)$/.exec(said)?.[1]
  if (ahead !== undefined) return after(parseDuration(ahead), now)
  const here = DateTime.fromJSDate(now, { zone })
  const [, day, clock] = /^(tomorrow|today|\d{4}-\d\d-\d\d)?(?:^|[ t]|$)(\d{1,2}:\d\d)?$/.exec(said) ?? []
  if (day === undefined && clock === undefined) return instant(text.trim())
  const time = clock === undefined ? morning : readClock(clock)
  const date = dayOf(day, here)
  if (!time || !date) return undefined
  const at = date.set({ ...time, second: 0, millisecond: 0 })
  if (!at.isValid) return undefined
  return (day === undefined && at <= here ? at.plus({ days: 1 }) : at).toJSDate()
}

function after(seconds: number | undefined, now: Date): Date | undefined {
  return seconds === undefined ? undefined : new Date(now.getTime() + seconds * 1000)
}

/** Without a zone it would mean another instant on every machine. */
function instant(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d(\.\d+)?)?(z|[+-]\d\d:\d\d)$/i.test(text)) return undefined
  const at = new Date(text.replace(' ', 'T').toUpperCase())
  return Number.isNaN(at.getTime()) ? undefined : at
}

function readClock(clock: string): { hour: number; minute: number } | undefined {
  const [hour = 99, minute = 99] = clock.split(':').map(Number)
  return hour < 24 && minute < 60 ? { hour, minute } : undefined
}

function dayOf(day: string | undefined, here: DateTime): DateTime | undefined {
  if (day === undefined || day === 'today') return here
  if (day === 'tomorrow') return here.plus({ days: 1 })
  const date = DateTime.fromISO(day, { zone: here.zone })
  return date.isValid ? date : undefined
}
