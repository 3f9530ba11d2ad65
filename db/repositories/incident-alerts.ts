import { asc, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alerts, type incidents } from '#db/schema/alerts.ts'
import type { Alert } from '#engine/alert.ts'
import type { Incident } from '#engine/incident/incident.ts'

export type IncidentRow = typeof incidents.$inferSelect

export async function withAlerts(db: Database, rows: readonly IncidentRow[]): Promise<Incident[]> {
  if (rows.length === 0) return []
  return withTheirAlerts(
    rows,
    await listAlertsOf(
      db,
      rows.map(({ id }) => id),
    ),
  )
}

/** Of these incidents, oldest first. */
export async function listAlertsOf(db: Database, incidentIds: readonly string[]): Promise<Alert[]> {
  return db
    .select()
    .from(alerts)
    .where(sql`${alerts.incidentId} = any(${textArray(incidentIds)}::uuid[])`)
    .orderBy(asc(alerts.startedAt), asc(alerts.id))
}

export function withTheirAlerts(rows: readonly IncidentRow[], found: readonly Alert[]): Incident[] {
  const byIncident = Map.groupBy(found, (alert) => alert.incidentId)
  return rows.flatMap((row) => {
    const [first, ...rest] = byIncident.get(row.id) ?? []
    return first ? [{ ...row, alerts: [first, ...rest] }] : []
  })
}
