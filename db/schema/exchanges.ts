import { bigint, integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { rules } from './rules.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** How far the exchanges of each rule that tells of every single one were read; instants are the store's. */
export const exchangeCursors = pgTable('exchange_cursors', {
  ruleId: uuid('rule_id')
    .primaryKey()
    .references(() => rules.id, { onDelete: 'cascade' }),
  predicate: text('predicate').notNull(),
  startsAt: instant('starts_at').notNull(),
  readTo: instant('read_to').notNull(),
  sweepTo: instant('sweep_to'),
  sweptAt: instant('swept_at'),
  sweptKey: text('swept_key'),
  lastSlot: instant('last_slot').notNull(),
  revision: integer('revision').notNull(),
  backlog: bigint('backlog', { mode: 'number' }).notNull(),
  dropped: bigint('dropped', { mode: 'number' }).notNull(),
  keptFrom: instant('kept_from').notNull(),
})

/**
 * What was told of: each exchange once for each rule. By the day it started, which is the same when it is reported again, and
 * by which it is forgotten once no report of it can come any more.
 */
export const seenExchanges = pgTable(
  'seen_exchanges',
  {
    ruleId: uuid('rule_id')
      .notNull()
      .references(() => exchangeCursors.ruleId, { onDelete: 'cascade' }),
    day: instant('day').notNull(),
    rowKey: text('row_key').notNull(),
  },
  (table) => [primaryKey({ columns: [table.ruleId, table.day, table.rowKey] })],
)
