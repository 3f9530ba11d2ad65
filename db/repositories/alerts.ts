import { and, desc, eq, isNotNull, isNull, lt, or, sql, type SQL } from 'drizzle-orm'
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

const viewFilter: Record<AlertView, SQL | undefined> = {
  PENDING: eq(alerts.state, 'PENDING'),
  FIRING: and(eq(alerts.state, 'FIRING'), isNull(alerts.acknowledgedAt)),
  ACKNOWLEDGED: and(eq(alerts.state, 'FIRING'), isNotNull(alerts.acknowledgedAt)),
  RESOLVED: eq(alerts.state, 'RESOLVED'),
}

function isAfter({ startedAt, id }: AlertCursor): SQL | undefined {
  return or(lt(alerts.startedAt, startedAt), and(eq(alerts.startedAt, startedAt), lt(alerts.id, id)))
}

export async function countAlertsByView(db: Database): Promise<Readonly<Record<string, number>>> {
  const view = sql<string>`case when ${alerts.state} = 'FIRING' and ${alerts.acknowledgedAt} is not null then 'ACKNOWLEDGED' else ${alerts.state} end`
  const rows = await db
    .select({ view, alerts: sql<number>`count(*)::int` })
    .from(alerts)
    .groupBy(view)
  return Object.fromEntries(rows.map((row) => [row.view, row.alerts]))
}
