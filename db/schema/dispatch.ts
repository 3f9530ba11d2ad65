import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { Told } from '#engine/dispatch/flush.ts'
import type { RoutingDocument } from '#engine/dispatch/read-routing.ts'
import type { Labels } from '#engine/labels.ts'
import { environments } from './rules.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** Who is told, as it was written. Without a row every chat hears of everything. */
export const routings = pgTable('routings', {
  environment: text('environment')
    .primaryKey()
    .references(() => environments.slug),
  document: jsonb('document').$type<RoutingDocument>().notNull(),
  /** Random, so that a process knows whether what it made ready still holds. */
  revision: uuid('revision').notNull(),
})

/**
 * Alerts that are told together: one row for each route, receiver and set of labels, for as long as it has alerts. The row is the
 * timer: whoever looks when `flushAt` has come tells what is new.
 */
export const alertGroups = pgTable(
  'alert_groups',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment').notNull(),
    key: text('key').notNull(),
    labels: jsonb('labels').$type<Labels>().notNull(),
    receiver: text('receiver').notNull(),
    groupIntervalMs: bigint('group_interval_ms', { mode: 'number' }).notNull(),
    repeatIntervalMs: bigint('repeat_interval_ms', { mode: 'number' }).notNull(),
    flushAt: instant('flush_at').notNull(),
    /** Of its first flush; later ones come at multiples of the interval after it. null = not yet flushed. */
    tickBase: instant('tick_base'),
    /** Somebody is telling it until then, unless they died. */
    leaseUntil: instant('lease_until'),
    /** Rises with every alert that joins or changes, so that what came while it was told is not forgotten. */
    version: integer('version').notNull(),
    /** For each webhook of the receiver, in order. */
    told: jsonb('told').$type<readonly (Told | null)[]>().notNull(),
    /** Failed attempts in a row, and the last reason. */
    attempts: integer('attempts').notNull(),
    lastError: text('last_error'),
  },
  (table) => [
    uniqueIndex('alert_groups_key').on(table.environment, table.key, table.receiver),
    index('alert_groups_due').on(table.flushAt),
  ],
)

export const alertGroupMembers = pgTable(
  'alert_group_members',
  {
    groupId: uuid('group_id').notNull(),
    checkId: uuid('check_id').notNull(),
    /** The newest episode of the check. */
    alertId: uuid('alert_id').notNull(),
    /** Of the labels it was routed by. */
    fingerprint: text('fingerprint').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.groupId, table.checkId] }),
    index('alert_group_members_alert').on(table.alertId),
  ],
)
