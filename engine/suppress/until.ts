import { DateTime } from 'luxon'
import type { SilenceUntil } from '#engine/command/command.ts'

/** "Until tomorrow" is nine in the morning of the next day, in the house's own zone: when people are back. */
const tomorrowHour = 9

/** `zone`: an IANA name such as Europe/Berlin; wall clock survives daylight saving. */
export function silenceEnd(until: SilenceUntil, now: Date, zone: string): Date {
  if (until.kind === 'minutes') return new Date(now.getTime() + until.minutes * 60_000)
  return DateTime.fromJSDate(now, { zone })
    .plus({ days: 1 })
    .set({ hour: tomorrowHour, minute: 0, second: 0, millisecond: 0 })
    .toJSDate()
}
