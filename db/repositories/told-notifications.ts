import { and, asc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { Conflict, NotFound } from '#db/errors.ts'
import { alerts } from '#db/schema/alerts.ts'
import { destinations, type NotificationState, notifications } from '#db/schema/notifications.ts'

export type ToldNotification = typeof notifications.$inferSelect & {
  readonly destination: Pick<typeof destinations.$inferSelect, 'surface' | 'name'>
}

const mostShown = 500

/** Of the incident the alert is in, the newest last. */
export async function listNotificationsOf(
  db: Database,
  environment: string,
  alertId: string,
): Promise<ToldNotification[]> {
  const [alert] = await db
    .select({ incidentId: alerts.incidentId })
    .from(alerts)
    .where(and(eq(alerts.id, alertId), eq(alerts.environment, environment)))
  if (!alert) throw new NotFound(`alert ${alertId} in ${environment}`)
  if (alert.incidentId === null) return []
  const rows = await db
    .select({ notification: notifications, destination: destinations })
    .from(notifications)
    .innerJoin(destinations, eq(destinations.id, notifications.destinationId))
    .where(eq(notifications.incidentId, alert.incidentId))
    .orderBy(asc(notifications.createdAt), asc(notifications.entryId))
    .limit(mostShown)
  return rows.map(({ notification, destination }) => ({ ...notification, destination }))
}

/** What was given up is due again, at once. */
export async function retryNotification(db: Database, id: string, now: Date): Promise<void> {
  const [retried] = await db
    .update(notifications)
    .set({ state: 'PENDING', notBefore: now, settledAt: null })
    .where(and(eq(notifications.id, id), eq(notifications.state, 'FAILED')))
    .returning({ id: notifications.id })
  if (retried) return
  const [known] = await db
    .select({ state: notifications.state })
    .from(notifications)
    .where(eq(notifications.id, id))
  if (!known) throw new NotFound(`notification ${id}`)
  throw new Conflict(`It is ${known.state}; only what FAILED can be tried again.`)
}

/** Those that wait, which have an index of their own. */
export function countWaitingNotifications(db: Database): Promise<Readonly<Record<string, number>>> {
  return countByState(db, ['PENDING', 'HELD'])
}

/** All that were settled are counted, however long ago that was. */
export function countSettledNotifications(db: Database): Promise<Readonly<Record<string, number>>> {
  return countByState(db, ['DELIVERED', 'FAILED', 'DROPPED'])
}

async function countByState(
  db: Database,
  states: readonly NotificationState[],
): Promise<Readonly<Record<string, number>>> {
  const rows = await db
    .select({ state: notifications.state, notifications: sql<number>`count(*)::int` })
    .from(notifications)
    .where(sql`${notifications.state} in (${sql.raw(states.map((state) => `'${state}'`).join(', '))})`)
    .groupBy(notifications.state)
  const none = states.map((state) => [state, 0])
  return Object.fromEntries([...none, ...rows.map((row) => [row.state, row.notifications])])
}

/** What is due and not said, by surface: how much, and for how long the oldest has been. */
export async function measureOutbox(
  db: Database,
  now: Date,
): Promise<{ readonly surface: string; readonly depth: number; readonly ageSeconds: number }[]> {
  const instant = sql`${now.toISOString()}::timestamptz`
  return db
    .select({
      surface: destinations.surface,
      depth: sql<number>`count(${notifications.id})::int`,
      ageSeconds: sql<number>`coalesce(extract(epoch from ${instant} - min(${notifications.createdAt})), 0)::float8`,
    })
    .from(destinations)
    .leftJoin(
      notifications,
      sql`${notifications.destinationId} = ${destinations.id} and ${notifications.state} in ('PENDING', 'HELD')
        and ${notifications.state} = 'PENDING'`,
    )
    .groupBy(destinations.surface)
}
