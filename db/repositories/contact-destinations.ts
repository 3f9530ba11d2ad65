import { randomUUID } from 'node:crypto'
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { lanes } from '#db/schema/lanes.ts'
import { destinations } from '#db/schema/notifications.ts'
import { mediaWayOf } from '#engine/directory/media-ways.ts'
import type { Medium } from '#engine/medium.ts'

export interface ContactMedium {
  readonly contactId: string
  readonly medium: string
  readonly address: string
}

export interface ContactPlace {
  readonly destinationId: string
  /** Why nothing can be told there. */
  readonly problem?: string
}

/** The destination that stands for each of these media in the outbox, by `mediumKey`; made when it is first told something. */
export async function placeContacts(
  tx: Database,
  told: readonly ContactMedium[],
): Promise<ReadonlyMap<string, ContactPlace>> {
  const wanted = [...new Map(told.map((one) => [mediumKey(one), one])).values()]
  const [known, conversations] = await Promise.all([listPlaces(tx, wanted), findConversations(tx, wanted)])
  const rows = wanted.map((one) => placeOf(one, conversations))
  const fresh = rows.filter((row) => !isSame(known.get(row.key), row))
  if (fresh.length > 0)
    await tx
      .insert(destinations)
      .select(recordSet(destinations, fresh))
      .onConflictDoUpdate({
        target: [destinations.surface, destinations.key],
        set: { name: sql`excluded.name`, address: sql`excluded.address`, active: true },
      })
  const after = fresh.length > 0 ? await listPlaces(tx, wanted) : known
  return new Map(
    [...after.values()].map(({ id, key, active, surface, address }) => {
      const problem = active
        ? problemOf(surface, address)
        : `${surface} said that this address is no more: enter another.`
      return [key, { destinationId: id, ...(problem !== undefined && { problem }) }]
    }),
  )
}

export function mediumKey({ contactId, medium }: Pick<ContactMedium, 'contactId' | 'medium'>): string {
  return `contact/${contactId}/${medium}`
}

type Place = typeof destinations.$inferSelect

async function listPlaces(
  tx: Database,
  wanted: readonly ContactMedium[],
): Promise<ReadonlyMap<string, Place>> {
  const ids = [...new Set(wanted.map(({ contactId }) => contactId))]
  const rows = await tx.select().from(destinations).where(inArray(destinations.contactId, ids))
  const keys = new Set(wanted.map(mediumKey))
  return new Map(rows.filter(({ key }) => keys.has(key)).map((row) => [row.key, row]))
}

function placeOf(one: ContactMedium, conversations: ReadonlyMap<string, Place['address']>): Place {
  const surface = surfaceOf(one.medium)
  const { contactId, medium, address } = one
  return {
    id: randomUUID(),
    surface,
    key: mediumKey(one),
    name: `${contactId} by ${medium}`,
    address: { ...addressAt(surface, address, conversations), contact: contactId, medium },
    active: true,
    contactId,
  }
}

/** What nobody knows was imported: it would take a gateway. */
function surfaceOf(medium: string): Medium {
  return mediaWayOf(medium)?.surface ?? 'webhook'
}

/** Chats are told directly; connections find the medium when something goes out, with its secret. */
function addressAt(
  surface: Medium,
  address: string,
  conversations: ReadonlyMap<string, Place['address']>,
): Place['address'] {
  if (surface === 'teams') return conversations.get(address) ?? { unknown: address }
  return surface === 'slack' || surface === 'discord' ? { channel: address } : {}
}

function problemOf(surface: Medium, { unknown }: Place['address']): string | undefined {
  if (unknown === undefined) return undefined
  return `Tocsin is in no conversation of ${surface} called ${JSON.stringify(unknown.slice(0, 80))}: add the app there, then use the name it has under /api/v1/receivers.`
}

/** Teams is written to where it spoke to us first: by the name or the key of that conversation. */
async function findConversations(
  tx: Database,
  wanted: readonly ContactMedium[],
): Promise<ReadonlyMap<string, Place['address']>> {
  const names = wanted.flatMap(({ medium, address }) => (surfaceOf(medium) === 'teams' ? [address] : []))
  if (names.length === 0) return new Map()
  const rows = await tx
    .select()
    .from(destinations)
    .where(
      and(
        eq(destinations.surface, 'teams'),
        eq(destinations.active, true),
        isNull(destinations.contactId),
        or(inArray(destinations.key, names), inArray(destinations.name, names)),
      ),
    )
  return new Map(
    rows.flatMap(({ key, name, address }) => [[name, address] as const, [key, address] as const]),
  )
}

function isSame(known: Place | undefined, { surface, name, address }: Place): boolean {
  return (
    known?.surface === surface &&
    known.name === name &&
    JSON.stringify(sorted(known.address)) === JSON.stringify(sorted(address))
  )
}

function sorted(address: Place['address']): [string, string][] {
  return Object.entries(address).toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** Somebody said anew where these are: that they were no more is no longer held against them. */
export async function tryContactsAnew(
  tx: Database,
  media: readonly Pick<ContactMedium, 'contactId' | 'medium'>[],
): Promise<void> {
  if (media.length === 0) return
  const places = tx
    .select({ id: destinations.id })
    .from(destinations)
    .where(inArray(destinations.key, media.map(mediumKey)))
  await tx.update(lanes).set({ gone: 0, resumeAt: null }).where(inArray(lanes.destinationId, places))
  await tx
    .update(destinations)
    .set({ active: true })
    .where(inArray(destinations.key, media.map(mediumKey)))
}

/** Nothing more goes there; what was told stays readable. */
export async function leaveContacts(
  tx: Database,
  media: readonly Pick<ContactMedium, 'contactId' | 'medium'>[],
): Promise<void> {
  if (media.length === 0) return
  await tx
    .update(destinations)
    .set({ active: false })
    .where(inArray(destinations.key, media.map(mediumKey)))
}
