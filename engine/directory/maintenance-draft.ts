import { z } from 'zod'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { MaintenanceWindow } from '#engine/suppress/check-memory.ts'
import { optionalText, type Reading, readWith } from './reading.ts'

/*
 * Maintenances as Flapjack's JSON API takes them:
 *
 *   { "start_time": "2026-04-01T22:00:00+02:00", "duration": 3600, "summary": "New disks" }
 *   { "duration": 3600, "summary": "Looking into it" }
 */

/** A hundred years: longer is a mistake. */
const longestSeconds = 3_155_760_000
const durationProblem = `must be a whole number of seconds from 1 to ${longestSeconds}.`

const startTime = z.iso
  .datetime({ offset: true, error: 'must be an instant in ISO 8601 such as 2026-04-01T22:00:00+02:00.' })
  .transform((instant) => epochSeconds(new Date(instant)))
  .refine((seconds) => seconds >= 0, 'must be after 1970.')

const digits = (value: unknown) =>
  typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value

const windowSchema = z
  .object(
    {
      start_time: startTime,
      duration: z.preprocess(
        digits,
        z.int(durationProblem).min(1, durationProblem).max(longestSeconds, durationProblem),
      ),
      summary: optionalText(10_000),
    },
    'must be an object with start_time and duration.',
  )
  .transform(({ start_time, duration, summary }): MaintenanceWindow => ({
    startsAt: start_time,
    endsAt: start_time + duration,
    summary,
  }))

export function readMaintenanceWindow(value: unknown): Reading<MaintenanceWindow> {
  return readWith(windowSchema, value)
}

export interface AcknowledgementDraft {
  /** null = the default of the house. */
  readonly durationSeconds: number | null
  readonly summary: string | null
}

const acknowledgementSchema = z
  .object(
    {
      duration: z.preprocess(digits, z.int(durationProblem).max(longestSeconds, durationProblem).nullish()),
      summary: optionalText(10_000),
    },
    'must be an object.',
  )
  .transform(({ duration, summary }): AcknowledgementDraft => ({
    // Flapjack takes 0 and less for none given.
    durationSeconds: duration !== null && duration !== undefined && duration > 0 ? duration : null,
    summary,
  }))

export function readAcknowledgement(value: unknown): Reading<AcknowledgementDraft> {
  return readWith(acknowledgementSchema, value)
}

/** Seconds since 1970 of an instant in ISO 8601, with its zone. */
export function readInstant(value: unknown): Reading<number> {
  return readWith(startTime, value)
}

const testSchema = z.object({ summary: optionalText(10_000) }, 'must be an object.')

export function readTest(value: unknown): Reading<{ readonly summary: string | null }> {
  return readWith(testSchema, value)
}
