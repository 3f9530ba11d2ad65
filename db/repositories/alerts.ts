import { and, desc, eq, sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts, incidents } from '#db/schema/alerts.ts'
import type { Alert, AlertView } from '#engine/alert.ts'

/** Where the next page begins: after this alert. */
export interface AlertCursor {
  readonly startedAt: Date
  readonly id: string
}

export interface AlertPage {
  readonly alerts: readonly (Alert & { readonly number: number | null })[]
  readonly next: AlertCursor | undefined
}

interface AlertQuery {
  readonly environment: string
  readonly state?: AlertView
  readonly limit: number
  readonly after?: AlertCursor
}

/** Newest first, by keyset: a page stays right while alerts come and go. */
export async function listAlerts(db: Database, query: AlertQuery): Promise<AlertPage> {
  const { after, limit } = query
  const rows = await db
    .select({ alert: alerts, number: incidents.number })
    .from(alerts)
    .leftJoin(incidents, eq(incidents.id, alerts.incidentId))
    .where(
      and(
        eq(alerts.environment, query.environment),
        query.state && viewFilter[query.state],
        after && isAfter(after),
      ),
    )
    .orderBy(desc(alerts.startedAt), desc(alerts.id))
    .limit(limit + 1)
  const page = rows.slice(0, limit).map(({ alert, number }) => ({ ...alert, number }))
  const last = page.at(-1)
  return {
    alerts: page,
    next: rows.length > limit && last ? { startedAt: last.startedAt, id: last.id } : undefined,
  }
}

/** In so many words, and not as values to come: those that are not over are found by the index that knows no others. */
const viewFilter: Record<AlertView, SQL> = {
  PENDING: sql`${alerts.state} = 'PENDING'`,
  FIRING: sql`${alerts.state} = 'FIRING' and ${alerts.acknowledgedAt} is null`,
  ACKNOWLEDGED: sql`${alerts.state} = 'FIRING' and ${alerts.acknowledgedAt} is not null`,
  RESOLVED: sql`${alerts.state} = 'RESOLVED'`,
}

function isAfter({ startedAt, id }: AlertCursor): SQL {
  return sql`(${alerts.startedAt}, ${alerts.id}) < (${startedAt.toISOString()}::timestamptz, ${id}::uuid)`
}

/** Those that are not over, which have an index of their own. */
export async function countOpenAlerts(
  db: Database,
): Promise<Readonly<Record<Exclude<AlertView, 'RESOLVED'>, number>>> {
  const those = (view: AlertView) => sql<number>`(count(*) filter (where ${viewFilter[view]}))::int`
  const [row] = await db
    .select({ PENDING: those('PENDING'), FIRING: those('FIRING'), ACKNOWLEDGED: those('ACKNOWLEDGED') })
    .from(alerts)
    .where(sql`${alerts.state} <> 'RESOLVED'`)
  return row ?? { PENDING: 0, FIRING: 0, ACKNOWLEDGED: 0 }
}

/** All of them are counted, however long ago that was. */
export function countResolvedAlerts(db: Database): Promise<number> {
  return db.$count(alerts, viewFilter.RESOLVED)
}
