import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { incidents, timeline } from '#db/schema/alerts.ts'
import { destinations, notifications, receipts } from '#db/schema/notifications.ts'
import { announcements } from '#db/schema/suppressions.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import { wordless } from '#engine/notify/plan.ts'
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
  /** That told of it first. */
  readonly digestId: string | undefined
}

/**
 * `all`: whatever is to be said now. Where there are digests, one of them tells what it told of and has ended (`over`), and of
 * the rest (`alone`) in a storm either what has no message of its own (`unposted`, not `posted`) or every incident (`incidents`,
 * not `announcements`).
 */
export type Part = 'all' | 'over' | 'alone' | 'unposted' | 'posted' | 'incidents' | 'announcements'

export interface ParcelWish {
  readonly part: Part
  readonly destinationId: string
  readonly now: Date
  readonly limit: number
  /** Notifications that are being said. */
  readonly except: readonly string[]
}

/** What something is due about, the longest waiting first. */
export interface Due {
  /** Rows that were found; as many as were wished for = there may be more. */
  readonly rows: number
  readonly incidentIds: readonly string[]
  /** Of announcements. */
  readonly subjects: readonly string[]
}

export async function listDue(db: Database, wish: ParcelWish): Promise<Due> {
  const { destinationId, now, limit, except, part } = wish
  const rows = await db.execute<{ incident: string | null; subject: string | null }>(sql`
    select due.incident_id as incident, (
      select subject from ${announcements} where ${announcements.id} = due.announcement_id) as subject
    from (
      select incident_id, announcement_id from ${notifications} as one
      where destination_id = ${destinationId}::uuid and state in ('PENDING', 'HELD')
        and not_before <= ${now.toISOString()}::timestamptz and id <> all(${textArray(except)}::uuid[])${ofPart[part]}
      order by not_before limit ${limit}) as due`)
  return {
    rows: rows.length,
    incidentIds: [...new Set(rows.flatMap(({ incident }) => incident ?? []))],
    subjects: [...new Set(rows.flatMap(({ subject }) => subject ?? []))],
  }
}

// Scalar subqueries, so that each is a look-up: as joins they may be planned as looks at everything that was ever posted.
const hasMessage = sql`(select 1 from ${receipts} there where there.incident_id = one.incident_id
  and there.destination_id = one.destination_id and there.receipt is not null) is not null`
const hasEndedInDigest = sql`(select 1 from ${receipts} there join ${incidents} ended on ended.id = there.incident_id
  where there.incident_id = one.incident_id and there.destination_id = one.destination_id
    and there.receipt is null and ended.closed_at is not null) is not null`

const ofPart: Readonly<Record<Part, SQL>> = {
  all: sql``,
  over: sql` and incident_id is not null and ${hasEndedInDigest}`,
  alone: sql` and (announcement_id is not null or not ${hasEndedInDigest})`,
  unposted: sql` and incident_id is not null and not ${hasMessage}`,
  posted: sql` and (announcement_id is not null or ${hasMessage})`,
  incidents: sql` and incident_id is not null`,
  announcements: sql` and announcement_id is not null`,
}

/** What is for a digest because it has ended in one waits as long as that: thousands of them need not be looked at meanwhile. */
export async function postponeEnds(
  db: Database,
  { destinationId, now, until }: Pick<ParcelWish, 'destinationId' | 'now'> & { readonly until: Date },
): Promise<void> {
  await db.execute(sql`
    update ${notifications} as one set not_before = ${until.toISOString()}::timestamptz
    where destination_id = ${destinationId}::uuid and state in ('PENDING', 'HELD') and state = 'PENDING'
      and not_before <= ${now.toISOString()}::timestamptz${ofPart.over}`)
}

interface CountWish extends Pick<ParcelWish, 'destinationId' | 'now'> {
  readonly part: Extract<Part, 'unposted' | 'incidents'>
  readonly most: number
}

/** Incidents of which something worth a word is due at a destination, so many at most; those that ended in a digest aside. */
export async function countDue(db: Database, { destinationId, now, part, most }: CountWish): Promise<number> {
  // Both states are named because the index is for both; what is held is nothing a digest tells.
  const rows = await db.execute(sql`
    select distinct incident_id from ${notifications} as one
    where destination_id = ${destinationId}::uuid and state in ('PENDING', 'HELD') and state = 'PENDING'
      and not_before <= ${now.toISOString()}::timestamptz and reason <> all(${textArray(wordless)})
      ${ofPart[part]} and not ${hasEndedInDigest}
    limit ${most}`)
  return rows.length
}

/** What is to be said of each of these incidents; none of those of which everything is said. */
export async function loadParcels(
  db: Database,
  destinationId: string,
  incidentIds: readonly string[],
): Promise<Parcel[]> {
  if (incidentIds.length === 0) return []
  // By the incident: asked for by state, the planner looks through everything that waits at the destination.
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
      sql`${notifications.destinationId} = ${destinationId}::uuid and ${notifications.settledAt} is null
        and ${notifications.incidentId} = any(${textArray(incidentIds)}::uuid[])`,
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
          receipt: first.kept?.receipt ?? undefined,
          digestId: first.kept?.digestId ?? undefined,
        }
      : [],
  )
}
