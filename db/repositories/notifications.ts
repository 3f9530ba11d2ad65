import { randomUUID } from 'node:crypto'
import { and, eq, getTableColumns, gt, inArray, sql } from 'drizzle-orm'
import { allDone } from '#db/all-done.ts'
import type { Database } from '#db/client.ts'
import { rowsToCome, textLiteral } from '#db/record-set.ts'
import { hole, selection, statement } from '#db/statement.ts'
import { incidents, timeline } from '#db/schema/alerts.ts'
import { routings } from '#db/schema/dispatch.ts'
import { destinations, notifications, receipts } from '#db/schema/notifications.ts'
import type { TimelineEntry } from '#engine/incident/timeline.ts'
import { isIntegration, livingMedia } from '#engine/medium.ts'
import type { Reason } from '#engine/notify/plan.ts'
import { isChat } from './destinations.ts'

export interface News {
  readonly incidentId: string
  /** Its place in the story; without one it has none. */
  readonly entry?: TimelineEntry | undefined
  readonly reason: Reason
  /** Keys of the chats that hear of it, besides those that heard of its incident before: their surface or their name. */
  readonly chats?: Chats
  /** The connections that hear of it, by id (a rule names them so) or by name (a routing does), besides those that heard of its incident before. */
  readonly connections?: ReadonlySet<string>
}

type Chats = 'all' | ReadonlySet<string>

/** A notification that was written; to be announced once the transaction is through. */
export type Queued = Pick<NotificationRow, 'id' | 'destinationId'>

export type NotificationRow = typeof notifications.$inferSelect

export interface Recorded {
  /** Of the news, in their order. */
  readonly entryIds: readonly (number | null)[]
  readonly queued: readonly NotificationRow[]
}

/** An entry of the story for every piece of news that has one, and a row for every active destination that hears of it. */
export async function recordNews(
  db: Database,
  news: readonly News[],
  now: Date,
  known?: readonly Place[],
): Promise<Recorded> {
  const rows = news.every(reachesNobody) ? [] : await outboxRows(db, news, now, known)
  const entries = news.flatMap(({ incidentId, entry }) => (entry ? { incidentId, ...entry } : []))
  if (rows.length === 0 && entries.length === 0) return { entryIds: news.map(() => null), queued: [] }
  const column = (value: (entry: (typeof entries)[number]) => string) => textLiteral(entries.map(value))
  const made = await insertNews.run(db, {
    entryIncidents: column(({ incidentId }) => incidentId),
    instants: column(({ at }) => at.toISOString()),
    actors: column(({ actor }) => JSON.stringify(actor)),
    kinds: column(({ kind }) => kind),
    details: column((entry) => JSON.stringify(entry.details)),
    ...outbox.literals(rows),
  })
  const ids = made.map(({ id }) => Number(id))
  const places = ids.values()
  return {
    entryIds: news.map(({ entry }) => (entry ? (places.next().value ?? null) : null)),
    queued: rows.map((row) => ({ ...row, entryId: row.entryId && (ids[row.entryId - 1] ?? null) })),
  }
}

// Until its entry has an id, a row says which of them it is.
const outbox = rowsToCome(notifications, { entryId: sql`numbered.id` })
const insertNews = statement<{ id: string }>(sql`
  with entries as (
    insert into ${timeline} (incident_id, at, actor, kind, details)
    select incident_id::uuid, at::timestamptz, actor::jsonb, kind, details::jsonb
    from unnest(
      ${hole('entryIncidents')}::text[], ${hole('instants')}::text[], ${hole('actors')}::text[], ${hole('kinds')}::text[],
      ${hole('details')}::text[]
    ) with ordinality as fresh (incident_id, at, actor, kind, details, position)
    order by position returning id
  ), numbered as (
    select id, row_number() over (order by id) as position from entries
  ), queued as (
    insert into ${notifications} (${outbox.names})
    select ${outbox.values} from ${outbox.records} left join numbered on numbered.position = record.entry_id::bigint
  )
  select id from numbered order by position`)

async function outboxRows(
  db: Database,
  news: readonly News[],
  now: Date,
  known?: readonly Place[],
): Promise<NotificationRow[]> {
  const places = known ?? (await listPlaces(db))
  const isConnected = places.some(({ surface }) => isIntegration(surface))
  const [told, connected, edits] = await allDone([
    listToldChats(db, incidentsOf(news.filter((one) => one.chats !== 'all' && hasPast(one)))),
    listToldConnections(db, isConnected ? incidentsOf(news.filter(hasPast)) : []),
    listContactsWithMessage(db, incidentsOf(news.filter((one) => hasPast(one) && !isReminder(one)))),
  ])
  let entries = 0
  const rows = news.flatMap(({ incidentId, entry, reason, chats, connections }) => {
    const entryId = entry ? ++entries : null
    const hearing = withPast(chats, told.get(incidentId))
    const before = connected.get(incidentId)
    const isHeardAt = (place: Place) =>
      isIntegration(place.surface)
        ? connections?.has(place.key) === true ||
          connections?.has(place.name) === true ||
          before?.has(place.id) === true
        : hears(hearing, place)
    return places
      .filter(isHeardAt)
      .map(({ id: destinationId }) => pending({ incidentId, destinationId, reason, entryId }, now))
  })
  return [...rows, ...edits.map((place) => pending({ ...place, reason: 'edit', entryId: null }, now))]
}

interface Saying {
  readonly incidentId: string
  readonly destinationId: string
  readonly reason: Reason
  readonly entryId: number | null
}

function pending(saying: Saying, now: Date): NotificationRow {
  return {
    ...saying,
    id: randomUUID(),
    announcementId: null,
    state: 'PENDING',
    attempts: 0,
    notBefore: now,
    inhibitedBy: null,
    lastError: null,
    attemptLog: null,
    createdAt: now,
    settledAt: null,
  }
}

function incidentsOf(news: readonly News[]): readonly string[] {
  return [...new Set(news.map(({ incidentId }) => incidentId))]
}

/** A contact hears what their rules say; but a message that is there is put right, and PagerDuty learns that somebody came. */
async function listContactsWithMessage(db: Database, incidentIds: readonly string[]) {
  if (incidentIds.length === 0) return []
  return contactsWithMessage.run(db, { incidentIds: textLiteral(incidentIds) })
}

const contactPlace = selection({ incidentId: receipts.incidentId, destinationId: receipts.destinationId })
const contactsWithMessage = statement(
  sql`
    select ${contactPlace.columns} from ${receipts}
    join ${destinations} on ${destinations.id} = ${receipts.destinationId}
    where ${receipts.incidentId} = any(${hole('incidentIds')}::text[]::uuid[]) and ${destinations.contactId} is not null
      and ${destinations.active} and ${inArray(destinations.surface, [...livingMedia])}`,
  contactPlace,
)

function isReminder({ reason }: News): boolean {
  return reason === 'reminder' || reason === 'asked'
}

/** Where something can be told. */
export type Place = typeof destinations.$inferSelect

/** The active ones, but those of contacts; whoever is about to queue may ask ahead. */
export function listPlaces(db: Database): Promise<Place[]> {
  return activePlaces.run(db)
}

const place = selection(getTableColumns(destinations))
const activePlaces = statement(
  sql`select ${place.columns} from ${destinations} where ${destinations.active} and ${destinations.contactId} is null`,
  place,
)

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
  incidentIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  if (incidentIds.length === 0) return new Map()
  const rows = await toldConnections.run(db, { incidentIds: textLiteral(incidentIds) })
  const told = Map.groupBy(rows, ({ incidentId }) => incidentId ?? '')
  return new Map([...told].map(([incidentId, some]) => [incidentId, new Set(some.map(({ id }) => id))]))
}

const toldPlace = selection({ incidentId: notifications.incidentId, id: notifications.destinationId })
const toldConnections = statement(
  sql`
    select distinct ${toldPlace.columns} from ${notifications}
    join ${destinations} on ${destinations.id} = ${notifications.destinationId}
    where ${notifications.incidentId} = any(${hole('incidentIds')}::text[]::uuid[])
      and ${destinations.contactId} is null and not ${isChat()}`,
  toldPlace,
)

/** Where a routing chooses: the chats that were told of these incidents. Who heard of the beginning hears of the rest. */
async function listToldChats(
  db: Database,
  incidentIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  if (incidentIds.length === 0) return new Map()
  const rows = await toldChats.run(db, { incidentIds: textLiteral(incidentIds) })
  const told = Map.groupBy(rows, ({ incidentId }) => incidentId)
  return new Map([...told].map(([id, some]) => [id, new Set(some.flatMap(({ name }) => name ?? []))]))
}

const toldChat = selection({ incidentId: incidents.id, name: sql<string | null>`${destinations.name}` })
const toldChats = statement(
  sql`
    select distinct ${toldChat.columns} from ${incidents}
    join ${routings} on ${routings.environment} = ${incidents.environment}
    left join ${notifications} on ${notifications.incidentId} = ${incidents.id}
    left join ${destinations} on ${destinations.id} = ${notifications.destinationId}
    where ${incidents.id} = any(${hole('incidentIds')}::text[]::uuid[])`,
  toldChat,
)

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
