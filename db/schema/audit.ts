import { bigint, index, integer, jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import type { AuditEntry } from '#engine/audit.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** Who changed what, and who was not let. */
export const audit = pgTable(
  'audit',
  {
    id: bigint('id', { mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
    at: instant('at').notNull(),
    lastAt: instant('last_at').notNull(),
    door: text('door').$type<AuditEntry['door']>().notNull(),
    actor: jsonb('actor').$type<AuditEntry['actor']>().notNull(),
    what: text('what').notNull(),
    outcome: text('outcome').$type<AuditEntry['outcome']>().notNull(),
    because: text('because'),
    times: integer('times').notNull(),
    /** Of what is refused: the same again within the hour is counted, not written again. */
    sameAs: text('same_as'),
  },
  (table) => [uniqueIndex('audit_same').on(table.sameAs), index('audit_age').on(table.outcome, table.lastAt)],
)
