import {
  bigint,
  boolean,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import type { CheckNotification } from '#engine/notify/decide-notification.ts'
import type { ToldRow } from '#engine/notify/ledger.ts'
import type { Summary } from '#engine/notify/rollup.ts'
import { contacts } from './contacts.ts'

/** A decision to tell one medium of one contact one thing, and the rules it is owed to. What became of it says its notification. */
export const contactAlerts = pgTable(
  'contact_alerts',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment').notNull(),
    contactId: text('contact_id')
      .notNull()
      .references(() => contacts.id, { onDelete: 'cascade' }),
    medium: text('medium').notNull(),
    address: text('address').notNull(),
    ruleIds: jsonb('rule_ids').$type<readonly string[]>().notNull(),
    notification: jsonb('notification').$type<CheckNotification>().notNull(),
    /** null = this check alone is told. */
    summary: jsonb('summary').$type<Summary>(),
    /** null: it was decided before media of contacts were delivered. */
    notificationId: uuid('notification_id'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (table) => [index('contact_alerts_contact').on(table.contactId, table.createdAt)],
)

/** What a medium of a contact was told of a check: holds back what comes next, and counts towards summaries. */
export const told = pgTable(
  'told',
  {
    environment: text('environment').notNull(),
    contactId: text('contact_id')
      .notNull()
      .references(() => contacts.id, { onDelete: 'cascade' }),
    medium: text('medium').notNull(),
    checkKey: text('check_key').notNull(),
    heldUntil: jsonb('held_until').$type<ToldRow['heldUntil']>().notNull(),
    isAlerting: boolean('is_alerting').notNull(),
  },
  (table) => [primaryKey({ columns: [table.contactId, table.medium, table.checkKey, table.environment] })],
)

/** After a summary went out, nothing else does until then. */
export const summaries = pgTable(
  'summaries',
  {
    environment: text('environment').notNull(),
    contactId: text('contact_id')
      .notNull()
      .references(() => contacts.id, { onDelete: 'cascade' }),
    medium: text('medium').notNull(),
    /** Seconds since 1970. */
    summaryUntil: bigint('summary_until', { mode: 'number' }),
  },
  (table) => [primaryKey({ columns: [table.contactId, table.medium, table.environment] })],
)
