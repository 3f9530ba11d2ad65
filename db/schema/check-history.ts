import { index, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { MaintenanceKind } from '#engine/advance/history.ts'
import type { CheckState } from '#engine/event.ts'
import type { Actor } from '#engine/person.ts'
import { checks } from './alerts.ts'
import { environments } from './rules.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** Which state a check was in, and since when. Refers to no check, because it is written with every change of thousands. */
export const stateChanges = pgTable(
  'state_changes',
  {
    checkId: uuid('check_id').notNull(),
    at: instant('at').notNull(),
    state: text('state').$type<CheckState>().notNull(),
    summary: text('summary'),
  },
  (table) => [primaryKey({ columns: [table.checkId, table.at] })],
)

/**
 * Maintenances as they were, are and will be: for lists and reports. What is decided is decided by the windows in the
 * memory of the check. Rows that were made together have one id.
 */
export const maintenances = pgTable(
  'maintenances',
  {
    id: uuid('id').notNull(),
    environment: text('environment')
      .notNull()
      .references(() => environments.slug),
    checkId: uuid('check_id')
      .notNull()
      .references(() => checks.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<MaintenanceKind>().notNull(),
    startsAt: instant('starts_at').notNull(),
    /** The same as its start: it was called off before. */
    endsAt: instant('ends_at').notNull(),
    summary: text('summary'),
    /** null = an event. */
    createdBy: jsonb('created_by').$type<Actor>(),
  },
  (table) => [
    primaryKey({ columns: [table.checkId, table.kind, table.startsAt] }),
    index('maintenances_page').on(table.environment, table.startsAt, table.id),
    index('maintenances_id').on(table.id),
  ],
)
