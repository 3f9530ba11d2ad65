import { randomUUID } from 'node:crypto'
import { and, eq, gt, inArray, isNotNull, isNull, not, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { isChat } from './destinations.ts'
import { incidents } from '#db/schema/alerts.ts'
import { routings } from '#db/schema/dispatch.ts'
import { destinations, notifications, receipts } from '#db/schema/notifications.ts'
import type { Reason } from '#engine/notify/plan.ts'
import { isIntegration, livingMedia } from '#engine/medium.ts'

export interface News {
  readonly incidentId: string
  readonly entryId: number | null
  readonly reason: Reason
  /** Keys of the chats that hear of it, besides those that heard of its incident before: their surface or their name. */
  readonly chats?: Chats
  /** The connections that hear of it, by id (a rule names them so) or by name (a routing does), besides those that heard of its incident before. */
  readonly connections?: ReadonlySet<string>
}

type Chats = 'all' | ReadonlySet<string>

/** One row for every piece of news and every active destination that hears of it. The ids are announced once the transaction is through. */
export async function queueNotifications(
  db: Database,
  news: readonly News[],
  now: Date,
  known?: readonly Place[],
): Promise<string[]> {
  if (news.every(reachesNobody)) return []
  const places = known ?? (await listPlaces(db))
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
          : connections?.has(place.key) === true ||
            connections?.has(place.name) === true ||
            before?.has(place.id) === true,
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
  const edits = await editsForContacts(db, news, now)
  const all = [...rows, ...edits]
  if (all.length > 0) await db.insert(notifications).select(recordSet(notifications, all))
  return all.map((row) => row.id)
}

/** A contact hears what their rules say; but a message that is there is put right, and PagerDuty learns that somebody came. */
async function editsForContacts(
  db: Database,
  news: readonly News[],
  now: Date,
): Promise<(typeof notifications.$inferInsert)[]> {
  const changed = news.filter((one) => hasPast(one) && !isReminder(one))
  if (changed.length === 0) return []
  const rows = await db
    .select({ incidentId: receipts.incidentId, destinationId: receipts.destinationId })
    .from(receipts)
    .innerJoin(destinations, eq(destinations.id, receipts.destinationId))
    .where(
      and(
        inArray(
          receipts.incidentId,
          changed.map(({ incidentId }) => incidentId),
        ),
        isNotNull(destinations.contactId),
        eq(destinations.active, true),
        inArray(destinations.surface, [...livingMedia]),
      ),
    )
  return rows.map((place) => ({
    ...place,
    id: randomUUID(),
    reason: 'edit' as const,
    state: 'PENDING' as const,
    attempts: 0,
    notBefore: now,
    createdAt: now,
  }))
}

function isReminder({ reason }: News): boolean {
  return reason === 'reminder' || reason === 'asked'
}

/** Where something can be told. */
export type Place = Pick<typeof destinations.$inferSelect, 'id' | 'surface' | 'key' | 'name'>

/** The active ones, but those of contacts; whoever is about to queue may ask ahead. */
export async function listPlaces(db: Database): Promise<Place[]> {
  return db
    .select({
      id: destinations.id,
      surface: destinations.surface,
      key: destinations.key,
      name: destinations.name,
    })
    .from(destinations)
    .where(and(eq(destinations.active, true), isNull(destinations.contactId)))
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
    .where(and(inArray(notifications.incidentId, past), isNull(destinations.contactId), not(isChat())))
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

export type Receipt = Readonly<Record<string, string>>

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

/** One of each destination where something was held until now; the ids are to be announced. */
export async function listHeldTillNow(db: Database, now: Date): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select held.id from ${destinations} cross join lateral (
      select id from ${notifications}
      where destination_id = ${destinations.id} and state in ('PENDING', 'HELD') and state = 'HELD'
        and not_before <= ${now.toISOString()}::timestamptz
      limit 1) held`)
  return rows.map(({ id }) => id)
}
