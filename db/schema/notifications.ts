import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
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
import type { Line, Message } from '#engine/message/message.ts'
import type { DeliveryAttempt } from '#engine/notify/delivery-attempt.ts'
import type { Reason } from '#engine/notify/plan.ts'
import type { Medium } from '#engine/medium.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

type Handle = Readonly<Record<string, string>>

/** Where alerts are posted. */
export const destinations = pgTable(
  'destinations',
  {
    id: uuid('id').primaryKey(),
    surface: text('surface').$type<Medium>().notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    address: jsonb('address').$type<Handle>().notNull(),
    active: boolean('active').notNull(),
    /** Whose medium it is, who hears only what their rules say; null = a chat or a connection. */
    contactId: text('contact_id'),
  },
  (table) => [
    uniqueIndex('destinations_place').on(table.surface, table.key),
    index('destinations_contact')
      .on(table.contactId)
      .where(sql`contact_id is not null`),
  ],
)

/** The outbox: a decision to tell one destination one thing for one Reason. The row is the truth, the job is a hint. */
export const notifications = pgTable(
  'notifications',
  {
    id: uuid('id').primaryKey(),
    /** null: it is about an announcement. */
    incidentId: uuid('incident_id'),
    announcementId: uuid('announcement_id'),
    destinationId: uuid('destination_id').notNull(),
    reason: text('reason').$type<Reason>().notNull(),
    entryId: bigint('entry_id', { mode: 'number' }),
    state: text('state').$type<NotificationState>().notNull(),
    attempts: integer('attempts').notNull(),
    notBefore: instant('not_before').notNull(),
    /** HELD because of this alert, which fires: looked at again when it has resolved. */
    inhibitedBy: uuid('inhibited_by'),
    lastError: text('last_error'),
    /** The last ones, oldest first; null = none yet. */
    attemptLog: jsonb('attempt_log').$type<readonly DeliveryAttempt[]>(),
    createdAt: instant('created_at').notNull(),
    settledAt: instant('settled_at'),
  },
  (table) => [
    index('notifications_unsettled')
      .on(table.destinationId, table.notBefore)
      .where(sql`state in ('PENDING', 'HELD')`),
    index('notifications_incident').on(table.incidentId, table.destinationId),
    index('notifications_announcement')
      .on(table.announcementId)
      .where(sql`announcement_id is not null`),
    index('notifications_inhibited')
      .on(table.inhibitedBy)
      .where(sql`state = 'HELD' and inhibited_by is not null`),
    check(
      'notifications_have_one_subject',
      sql`num_nonnulls(${table.incidentId}, ${table.announcementId}) = 1`,
    ),
  ],
)

/** HELD: a silence or an inhibition keeps it quiet; it is looked at again when that ends. DROPPED: no longer worth saying. */
export type NotificationState = 'PENDING' | 'HELD' | 'DELIVERED' | 'FAILED' | 'DROPPED'

/**
 * Where an incident is told at a destination: in a living message of its own, to which this is the handle, in a digest, or
 * first in a digest and then in one of its own. Without foreign keys, being written by the thousand.
 */
export const receipts = pgTable(
  'receipts',
  {
    incidentId: uuid('incident_id').notNull(),
    destinationId: uuid('destination_id').notNull(),
    /** null: it has no message of its own. */
    receipt: jsonb('receipt').$type<Handle>(),
    digestId: uuid('digest_id'),
    postedAt: instant('posted_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.incidentId, table.destinationId] }),
    index('receipts_digest')
      .on(table.digestId)
      .where(sql`digest_id is not null`),
  ],
)

/** A living message, or where nothing can be edited one now and then, for what could not be told one by one. */
export const digests = pgTable(
  'digests',
  {
    id: uuid('id').primaryKey(),
    destinationId: uuid('destination_id').notNull(),
    beganAt: instant('began_at').notNull(),
    /** Since when what comes could be told one by one. */
    calmSince: instant('calm_since'),
    /** From then on it is; the message is kept true. */
    endedAt: instant('ended_at'),
    /** null: not posted yet. */
    receipt: jsonb('receipt').$type<Handle>(),
    /** When it was posted last. */
    postedAt: instant('posted_at'),
  },
  (table) => [
    uniqueIndex('digests_storm')
      .on(table.destinationId)
      .where(sql`ended_at is null`),
  ],
)

/** The same for an announcement's subject. */
export const announcementReceipts = pgTable(
  'announcement_receipts',
  {
    subject: text('subject').notNull(),
    destinationId: uuid('destination_id')
      .notNull()
      .references(() => destinations.id),
    receipt: jsonb('receipt').$type<Handle>().notNull(),
    postedAt: instant('posted_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.subject, table.destinationId] })],
)

/** The local chat's own stream: what Slack keeps for Slack, we keep here. */
export const localMessages = pgTable(
  'local_messages',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    /** Stable across retries, so that a post tried twice is one message. */
    deliveryId: text('delivery_id').notNull(),
    message: jsonb('message').$type<Message>().notNull(),
    thread: jsonb('thread').$type<LocalReply[]>().notNull(),
    postedAt: instant('posted_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [uniqueIndex('local_messages_delivery').on(table.deliveryId)],
)

export interface LocalReply {
  readonly deliveryId: string
  readonly at: string
  readonly line: Line
}
