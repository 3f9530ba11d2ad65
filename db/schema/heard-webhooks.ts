import { index, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { connections } from './connections.ts'

/** What vendors told us by webhook, so that the same told again does nothing. */
export const heardWebhooks = pgTable(
  'heard_webhooks',
  {
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id, { onDelete: 'cascade' }),
    eventId: text('event_id').notNull(),
    heardAt: timestamp('heard_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.connectionId, table.eventId] }),
    index('heard_webhooks_age').on(table.heardAt),
  ],
)
