import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import type { Batch } from '#engine/intake/batch.ts'
import type { Mapping } from '#engine/intake/mapping.ts'
import type { Labels } from '#engine/labels.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** Accepted and not yet decided: one row for each request that was answered 200. */
export const batches = pgTable('batches', {
  id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  environment: text('environment').notNull(),
  source: text('source').$type<Batch['source']>().notNull(),
  items: json('items').$type<Batch['items']>().notNull(),
  size: integer('size').notNull(),
  receivedAt: instant('received_at').notNull(),
  /** Why it could not be decided; kept for whoever looks into it, and no longer in the way of the others. */
  problem: text('problem'),
})

/** Since when somebody can be heard, and until when: an outage of ours is not the end of what others watch. */
export const pulses = pgTable('pulses', {
  part: text('part').primaryKey(),
  beatAt: instant('beat_at').notNull(),
  backAt: instant('back_at'),
})

/** Alerts as Alertmanager's clients posted them, merged by fingerprint. */
export const postedAlerts = pgTable(
  'posted_alerts',
  {
    environment: text('environment').notNull(),
    fingerprint: text('fingerprint').notNull(),
    /** Of the check that it is judged by. */
    checkKey: text('check_key').notNull(),
    labels: jsonb('labels').$type<Labels>().notNull(),
    annotations: jsonb('annotations').$type<Labels>().notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    endsByTimeout: boolean('ends_by_timeout').notNull(),
    updatedAt: instant('updated_at').notNull(),
    generatorUrl: text('generator_url').notNull(),
    /** Its end has been decided upon: nothing is left to do when the clock passes it. */
    over: boolean('over').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.environment, table.fingerprint] }),
    index('posted_alerts_end')
      .on(table.endsAt)
      .where(sql`not over`),
  ],
)

/**
 * How far each taker of Flapjack's Redis list has come. A claim is a number of events it moved aside in Redis, numbered from
 * 1; one whose number is not above `last` was accepted before, whoever comes with it a second time.
 */
export const takenClaims = pgTable('taken_claims', {
  taker: text('taker').primaryKey(),
  last: bigint('last', { mode: 'number' }).notNull(),
  taken: bigint('taken', { mode: 'number' }).notNull(),
  rejected: bigint('rejected', { mode: 'number' }).notNull(),
  acceptedAt: instant('accepted_at').notNull(),
})

/** The processes that read the list now, for whoever watches over us. */
export const listReaders = pgTable('list_readers', {
  id: text('id').primaryKey(),
  state: text('state').$type<'taking' | 'cut_off'>().notNull(),
  seenAt: instant('seen_at').notNull(),
})

/** How the webhook of that name is read. */
export const mappings = pgTable('mappings', {
  name: text('name').primaryKey(),
  mapping: json('mapping').$type<Mapping>().notNull(),
  updatedAt: instant('updated_at').notNull(),
})

/** Sources that are turned away because they send more than they may. */
export const floods = pgTable('floods', {
  source: text('source').primaryKey(),
  beganAt: instant('began_at').notNull(),
  lastAt: instant('last_at').notNull(),
  requests: bigint('requests', { mode: 'number' }).notNull(),
})
