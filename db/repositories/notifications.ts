import { randomUUID } from 'node:crypto'
import { and, asc, eq, gt, inArray, lte, not, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { isChat } from './destinations.ts'
import { incidents, timeline } from '#db/schema/alerts.ts'
import { routings } from '#db/schema/dispatch.ts'
import { destinations, type NotificationState, notifications, receipts } from '#db/schema/notifications.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import type { Reason } from '#engine/notify/plan.ts'
import { isIntegration, type Medium } from '#engine/medium.ts'
import type { Suppression } from '#engine/suppress/suppression.ts'

export interface News {
  readonly incidentId: string
  readonly entryId: number | null
  readonly reason: Reason
  /** Keys of the chats that hear of it, besides those that heard of its incident before: their surface or their name. */
  readonly chats?: Chats
  /** Ids of the connections that hear of it, besides those that heard of its incident before. */
  readonly connections?: ReadonlySet<string>
}

type Chats = 'all' | ReadonlySet<string>

/** One row for every piece of news and every active destination that hears of it. The ids are announced once the transaction is through. */
export async function queueNotifications(db: Database, news: readonly News[], now: Date): Promise<string[]> {
  if (news.every(reachesNobody)) return []
  const places = await db
    .select({
      id: destinations.id,
      surface: destinations.surface,
      key: destinations.key,
      name: destinations.name,
    })
    .from(destinations)
    .where(eq(destinations.active, true))
  const past = news.filter((one) => one.chats !== 'all' && hasPast(one)).map(({ incidentId }) => incidentId)
  const told = await listToldChats(db, [...new Set(past)])
  const connected = places.some(({ surface }) => isIntegration(surface))
    ? await listToldConnections(db, news)
    : undefined
  const rows = news.flatMap(({ chats, connections, ...one }) => {
    const hearing = withPast(chats, told.get(one.incidentId))
    const before = connected?.get(one.incidentId)
    return places
      .filter((place) =>
        !isIntegration(place.surface)
          ? hears(hearing, place)
          : connections?.has(place.key) === true || before?.has(place.id) === true,
      )
      .map((place) => ({
        ...one,
        id: randomUUID(),
        destinationId: place.id,
        state: 'PENDING' as const,
        attempts: 0,
        notBefore: now,
        createdAt: now,
      }))
  })
  if (rows.length > 0) await db.insert(notifications).select(recordSet(notifications, rows))
  return rows.map((row) => row.id)
}

function reachesNobody(one: News): boolean {
  return one.chats !== 'all' && one.chats?.size === 0 && (one.connections?.size ?? 0) === 0 && !hasPast(one)
}

/** Nobody can have heard of what begins. */
function hasPast({ chats, reason }: News): boolean {
  return chats === undefined || reason !== 'first'
}

function withPast(chats: News['chats'], before: ReadonlySet<string> | undefined): Chats {
  if (chats === undefined) return before ?? 'all'
  return chats === 'all' ? 'all' : new Set([...chats, ...(before ?? [])])
}

function hears(chats: Chats, { surface, name }: { surface: string; name: string }): boolean {
  return chats === 'all' || chats.has(surface) || chats.has(name)
}

/** The connections that were told of these incidents: a recovery goes where the problem went, whatever is named today. */
async function listToldConnections(
  db: Database,
  news: readonly News[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const past = [...new Set(news.filter(hasPast).map(({ incidentId }) => incidentId))]
  if (past.length === 0) return new Map()
  const rows = await db
    .selectDistinct({ incidentId: notifications.incidentId, id: notifications.destinationId })
    .from(notifications)
    .innerJoin(destinations, eq(destinations.id, notifications.destinationId))
    .where(and(inArray(notifications.incidentId, past), not(isChat())))
  const told = Map.groupBy(rows, ({ incidentId }) => incidentId ?? '')
  return new Map([...told].map(([incidentId, some]) => [incidentId, new Set(some.map(({ id }) => id))]))
}

/** Where a routing chooses: the chats that were told of these incidents. Who heard of the beginning hears of the rest. */
async function listToldChats(
  db: Database,
  incidentIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  if (incidentIds.length === 0) return new Map()
  const rows = await db
    .selectDistinct({ incidentId: incidents.id, name: destinations.name })
    .from(incidents)
    .innerJoin(routings, eq(routings.environment, incidents.environment))
    .leftJoin(notifications, eq(notifications.incidentId, incidents.id))
    .leftJoin(destinations, eq(destinations.id, notifications.destinationId))
    .where(inArray(incidents.id, [...incidentIds]))
  const told = Map.groupBy(rows, ({ incidentId }) => incidentId)
  return new Map([...told].map(([id, some]) => [id, new Set(some.flatMap(({ name }) => name ?? []))]))
}

export type Notification = typeof notifications.$inferSelect & {
  /** Its place in the story. */
  readonly entry: TimelineEntry | undefined
}

export interface Parcel {
  readonly incidentId: string
  readonly destination: typeof destinations.$inferSelect
  /** Everything not yet said about this incident there, due or not, oldest first. */
  readonly unsaid: readonly Notification[]
  readonly receipt: Receipt | undefined
}

export type Receipt = Readonly<Record<string, string>>

/** What a notification is about, and where it goes. */
export type Addressed =
  | { readonly incidentId: string; readonly destinationId: string }
  | { readonly announcementId: string; readonly destinationId: string }

export async function findAddressed(db: Database, notificationId: string): Promise<Addressed | undefined> {
  const [row] = await db.select().from(notifications).where(eq(notifications.id, notificationId))
  const { destinationId = '', incidentId, announcementId } = row ?? {}
  if (incidentId) return { incidentId, destinationId }
  return announcementId ? { announcementId, destinationId } : undefined
}

/**
 * Opens what is to be said about one incident at one destination, and keeps others waiting until the transaction ends, so
 * that a message is never posted twice and replies keep their order. Undefined: nothing is left to say.
 */
export async function openParcel(
  db: Database,
  pair: { readonly incidentId: string; readonly destinationId: string },
): Promise<Parcel | undefined> {
  const { incidentId, destinationId } = pair
  await lockParcel(db, incidentId, destinationId)
  const [unsaid, [destination], [kept]] = await Promise.all([
    listUnsaid(db, pair),
    db.select().from(destinations).where(eq(destinations.id, destinationId)),
    db
      .select()
      .from(receipts)
      .where(and(eq(receipts.incidentId, incidentId), eq(receipts.destinationId, destinationId))),
  ])
  if (!destination || unsaid.length === 0) return undefined
  return { incidentId, destination, unsaid, receipt: kept?.receipt }
}

export async function lockParcel(db: Database, subject: string, destinationId: string): Promise<void> {
  const pair = `${subject}/${destinationId}`
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${pair}, 0))`)
}

async function listUnsaid(
  db: Database,
  pair: { readonly incidentId: string; readonly destinationId: string },
): Promise<Notification[]> {
  const rows = await db
    .select({ notification: notifications, entry: timeline })
    .from(notifications)
    .leftJoin(timeline, eq(timeline.id, notifications.entryId))
    .where(
      and(
        eq(notifications.incidentId, pair.incidentId),
        eq(notifications.destinationId, pair.destinationId),
        inArray(notifications.state, ['PENDING', 'HELD']),
      ),
    )
    .orderBy(asc(notifications.createdAt), asc(notifications.entryId))
  return rows.map(({ notification, entry }) => ({ ...notification, entry: entry ?? undefined }))
}

export async function settleNotifications(
  db: Database,
  ids: readonly string[],
  state: Extract<NotificationState, 'DELIVERED' | 'FAILED' | 'DROPPED'>,
  outcome: { at: Date; error?: string },
): Promise<void> {
  if (ids.length === 0) return
  await db
    .update(notifications)
    .set({
      state,
      settledAt: outcome.at,
      attempts: sql`${notifications.attempts} + 1`,
      lastError: outcome.error ?? null,
    })
    .where(inArray(notifications.id, [...ids]))
}

/** Tried again later. With an error it counts as an attempt; without one it only waits its turn. */
export async function postponeNotifications(
  db: Database,
  ids: readonly string[],
  until: { notBefore: Date; error?: string },
): Promise<void> {
  if (ids.length === 0) return
  const attempt = until.error !== undefined && {
    attempts: sql`${notifications.attempts} + 1`,
    lastError: until.error,
  }
  await db
    .update(notifications)
    .set({ notBefore: until.notBefore, ...attempt })
    .where(inArray(notifications.id, [...ids]))
}

/** Looked at again when what keeps them quiet ends. */
export async function holdNotifications(
  db: Database,
  ids: readonly string[],
  suppression: Suppression,
): Promise<void> {
  if (ids.length === 0) return
  const inhibitedBy = suppression.kind === 'inhibition' ? suppression.inhibitor.alertId : null
  await db
    .update(notifications)
    .set({ state: 'HELD', notBefore: suppression.until, inhibitedBy })
    .where(inArray(notifications.id, [...ids]))
}

/** Silences or inhibition rules of this environment changed: what is held back there is due to be looked at again, now. */
export async function releaseHeld(db: Database, environment: string, now: Date): Promise<string[]> {
  const there = db.select({ id: incidents.id }).from(incidents).where(eq(incidents.environment, environment))
  const isHeld = and(eq(notifications.state, 'HELD'), gt(notifications.notBefore, now))
  const rows = await db
    .update(notifications)
    .set({ notBefore: now })
    .where(and(isHeld, inArray(notifications.incidentId, there)))
    .returning({ id: notifications.id })
  return rows.map((row) => row.id)
}

export async function saveReceipt(
  db: Database,
  parcel: Pick<Parcel, 'incidentId' | 'destination'>,
  receipt: Readonly<Record<string, string>>,
  postedAt: Date,
): Promise<void> {
  await db
    .insert(receipts)
    .values({ incidentId: parcel.incidentId, destinationId: parcel.destination.id, receipt, postedAt })
    .onConflictDoUpdate({ target: [receipts.incidentId, receipts.destinationId], set: { receipt, postedAt } })
}

/** Which chat each of them is for. */
export async function listSurfaces(
  db: Database,
  ids: readonly string[],
): Promise<{ id: string; surface: Medium }[]> {
  return db
    .select({ id: notifications.id, surface: destinations.surface })
    .from(notifications)
    .innerJoin(destinations, eq(destinations.id, notifications.destinationId))
    .where(inArray(notifications.id, [...ids]))
}

/** What the sweeper re-adds: unsettled and due. */
export async function listDueNotifications(db: Database, due: Date, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: notifications.id })
    .from(notifications)
    .where(and(inArray(notifications.state, ['PENDING', 'HELD']), lte(notifications.notBefore, due)))
    .orderBy(asc(notifications.notBefore))
    .limit(limit)
  return rows.map((row) => row.id)
}
