import { and, eq, inArray, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { alerts, incidents } from '#db/schema/alerts.ts'
import { notifications, receipts } from '#db/schema/notifications.ts'
import type { Alert } from '#engine/alert.ts'
import type { Outlasted } from '#engine/incident/timeline.ts'
import { randomUUID } from 'node:crypto'
import { recordNews } from './notifications.ts'
import { loadSuppressions } from './suppressions.ts'

/** An alert that fires, and the incident it is in. */
export interface FiringAlert {
  readonly alert: Alert
  readonly incidentId: string
  readonly number: number
}

export async function listFiring(db: Database, where: SQL | undefined): Promise<FiringAlert[]> {
  const rows = await db
    .select({ alert: alerts, incidentId: incidents.id, number: incidents.number })
    .from(alerts)
    .innerJoin(incidents, eq(incidents.id, alerts.incidentId))
    // Said twice for the planner, which knows a partial index by its very words.
    .where(and(sql`${alerts.state} <> 'RESOLVED'`, eq(alerts.state, 'FIRING'), where))
  return rows
}

export interface Retold {
  /** Those that still fire, unacknowledged, and are told. */
  readonly told: readonly FiringAlert[]
  /** To be announced. */
  readonly notificationIds: readonly string[]
}

/**
 * What kept these quiet is over. Whatever of it still fires, has no one looking at it and is kept quiet by nothing else
 * is told, and why only now; of the others the living messages are put right.
 */
export async function retell(
  db: Database,
  firing: readonly FiringAlert[],
  outlasted: Outlasted,
  now: Date,
): Promise<Retold> {
  if (firing.length === 0) return { told: [], notificationIds: [] }
  const suppressions = await loadSuppressions(
    db,
    firing.map(({ alert }) => alert),
    now,
  )
  const told = firing.filter(({ alert }) => !suppressions.has(alert.id) && alert.acknowledgedAt === null)
  const loud = new Set(told.map(({ incidentId }) => incidentId))
  const entry = { at: now, actor: { kind: 'clock' }, kind: 'still-firing', details: { outlasted } } as const
  const news = [...loud].map((incidentId) => ({ incidentId, entry, reason: 'still-firing' as const }))
  const others = firing.map(({ incidentId }) => incidentId).filter((id) => !loud.has(id))
  const { queued } = await recordNews(db, news, now)
  return {
    told,
    notificationIds: [...queued.map(({ id }) => id), ...(await queueEdits(db, others, now))],
  }
}

/** In a storm the truth about the first ones has to do; the others show it with their next news. */
const mostEdits = 50

/** Living messages that no longer show what is true; nobody is told anything. */
export async function queueEdits(db: Database, incidentIds: readonly string[], now: Date): Promise<string[]> {
  const wanted = [...new Set(incidentIds)].slice(0, mostEdits)
  if (wanted.length === 0) return []
  const posted = await db
    .select({ incidentId: receipts.incidentId, destinationId: receipts.destinationId })
    .from(receipts)
    .where(and(inArray(receipts.incidentId, wanted), isNotNull(receipts.receipt)))
  const rows = posted.map((place) => ({
    ...place,
    id: randomUUID(),
    reason: 'edit' as const,
    state: 'PENDING' as const,
    attempts: 0,
    notBefore: now,
    createdAt: now,
  }))
  if (rows.length > 0) await db.insert(notifications).select(recordSet(notifications, rows))
  return rows.map((row) => row.id)
}
