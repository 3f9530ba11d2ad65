import { and, asc, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { timeline } from '#db/schema/alerts.ts'
import { destinations, notifications, receipts } from '#db/schema/notifications.ts'
import { announcements } from '#db/schema/suppressions.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import type { Receipt } from './notifications.ts'

export type Destination = typeof destinations.$inferSelect

export type Notification = typeof notifications.$inferSelect & {
  /** Its place in the story. */
  readonly entry: TimelineEntry | undefined
}

/** What is to be said about one incident at one destination. */
export interface Parcel {
  readonly incidentId: string
  readonly destination: Destination
  /** Everything not yet said about this incident there, due or not, oldest first. */
  readonly unsaid: readonly Notification[]
  /** Of the message that is there; undefined = none yet. */
  readonly receipt: Receipt | undefined
}

export interface ParcelWish {
  readonly destinationId: string
  readonly now: Date
  readonly limit: number
  /** Notifications that are being said. */
  readonly except: readonly string[]
}

/** Parcels of which something is due, the longest waiting first. */
export async function loadParcels(db: Database, wish: ParcelWish): Promise<Parcel[]> {
  const { destinationId, now, limit, except } = wish
  // Asked for by itself: joined, PostgreSQL has been seen to run it once for every row.
  const due = await db.execute<{ id: string }>(sql`
    select incident_id as id from ${notifications}
    where destination_id = ${destinationId}::uuid and state in ('PENDING', 'HELD')
      and not_before <= ${now.toISOString()}::timestamptz
      and incident_id is not null and id <> all(${textArray(except)}::uuid[])
    order by not_before limit ${limit}`)
  if (due.length === 0) return []
  const incidentIds = textArray([...new Set(due.map(({ id }) => id))])
  const rows = await db
    .select({ notification: notifications, entry: timeline, destination: destinations, kept: receipts })
    .from(notifications)
    .innerJoin(destinations, eq(destinations.id, notifications.destinationId))
    .leftJoin(timeline, eq(timeline.id, notifications.entryId))
    .leftJoin(
      receipts,
      and(
        eq(receipts.incidentId, notifications.incidentId),
        eq(receipts.destinationId, notifications.destinationId),
      ),
    )
    .where(
      sql`${notifications.destinationId} = ${destinationId}::uuid and ${notifications.state} in ('PENDING', 'HELD')
        and ${notifications.incidentId} = any(${incidentIds}::uuid[])`,
    )
    .orderBy(asc(notifications.createdAt), asc(notifications.entryId))
  const parcels = Map.groupBy(rows, ({ notification }) => notification.incidentId ?? '')
  return [...parcels].flatMap(([incidentId, [first, ...rest]]) =>
    first
      ? {
          incidentId,
          destination: first.destination,
          unsaid: [first, ...rest].map(({ notification, entry }) => ({
            ...notification,
            entry: entry ?? undefined,
          })),
          receipt: first.kept?.receipt,
        }
      : [],
  )
}

/** Of what is due, the subjects of announcements. */
export async function listDueAnnouncements(db: Database, wish: ParcelWish): Promise<string[]> {
  const { destinationId, now, limit, except } = wish
  const rows = await db
    .selectDistinct({ subject: announcements.subject })
    .from(notifications)
    .innerJoin(announcements, eq(announcements.id, notifications.announcementId))
    .where(
      sql`${notifications.destinationId} = ${destinationId}::uuid and ${notifications.state} in ('PENDING', 'HELD')
        and ${notifications.notBefore} <= ${now.toISOString()}::timestamptz
        and ${notifications.id} <> all(${textArray(except)}::uuid[])`,
    )
    .limit(limit)
  return rows.map(({ subject }) => subject)
}
