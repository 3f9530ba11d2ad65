import { bigint, doublePrecision, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Medium } from '#engine/medium.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/**
 * The way to one destination. One process at a time tells it, so that what happens to an incident is told in order, the
 * vendor's pace is kept, and nobody else waits for it.
 */
export const lanes = pgTable('lanes', {
  destinationId: uuid('destination_id').primaryKey(),
  /** The process that tells; nobody else does before `held_until`, unless its session is gone. */
  holder: uuid('holder'),
  heldUntil: instant('held_until'),
  /** Notifications that are being said, or were when its holder wrote here last. */
  underway: uuid('underway').array().notNull().default([]),
  /** The vendor asked for a pause, or has been failing for too long: nothing is tried before. */
  resumeAt: instant('resume_at'),
  /** Passing failures in a row. */
  failures: integer('failures').notNull(),
  /** Times in a row that it was said to be no more. */
  gone: integer('gone').notNull(),
  /** Given up since it last worked. */
  undelivered: integer('undelivered').notNull(),
  troubledSince: instant('troubled_since'),
  lastError: text('last_error'),
})

/** How long those took that were told, counted where all processes count. */
export const callTimes = pgTable('call_times', {
  surface: text('surface').$type<Medium>().primaryKey(),
  calls: bigint('calls', { mode: 'number' }).notNull(),
  seconds: doublePrecision('seconds').notNull(),
  /** For each bound of the histogram those that took at most so long. */
  callsWithin: bigint('calls_within', { mode: 'number' }).array().notNull(),
})
