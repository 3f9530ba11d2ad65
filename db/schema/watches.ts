import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { WatchPlan } from '#engine/notify/watch.ts'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/** What happens with an incident until somebody acts. The row is the timer: whoever looks when `dueAt` has come goes on with it. */
export const incidentWatches = pgTable(
  'incident_watches',
  {
    incidentId: uuid('incident_id').primaryKey(),
    plan: jsonb('plan').$type<WatchPlan>().notNull(),
    step: integer('step').notNull(),
    waitedMs: bigint('waited_ms', { mode: 'number' }).notNull(),
    waitingSince: instant('waiting_since'),
    askedAt: instant('asked_at'),
    dueAt: instant('due_at'),
  },
  (table) => [
    index('incident_watches_due')
      .on(table.dueAt)
      .where(sql`due_at is not null`),
  ],
)
