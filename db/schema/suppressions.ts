import { index, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Actor } from '#engine/person.ts'
import type { Silence } from '#engine/suppress/silence.ts'
import { environments } from './rules.ts'

export const silences = pgTable(
  'silences',
  {
    id: uuid('id').primaryKey(),
    environment: text('environment')
      .notNull()
      .references(() => environments.slug),
    matchers: jsonb('matchers').$type<Silence['matchers']>().notNull(),
    startsAt: timestamp('starts_at', { withTimezone: true }).notNull(),
    endsAt: timestamp('ends_at', { withTimezone: true }).notNull(),
    reason: text('reason').notNull(),
    createdBy: jsonb('created_by').$type<Actor>().notNull(),
  },
  (table) => [index('silences_in_force').on(table.environment, table.endsAt)],
)
