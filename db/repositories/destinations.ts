import { randomUUID } from 'node:crypto'
import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { lanes } from '#db/schema/lanes.ts'
import { destinations } from '#db/schema/notifications.ts'
import { chatSurfaces, type Medium } from '#engine/medium.ts'
import type { Surface } from '#engine/person.ts'

/** A chat. */
export interface Destination {
  readonly surface: Surface
  readonly key: string
  readonly name: string
  readonly address: Readonly<Record<string, string>>
}

export async function rememberDestination(db: Database, destination: Destination): Promise<void> {
  const { name, address } = destination
  await db
    .insert(destinations)
    .values({ ...destination, id: randomUUID(), active: true })
    .onConflictDoUpdate({
      target: [destinations.surface, destinations.key],
      set: { name, address, active: true },
    })
  // That it was no more is no longer held against it.
  await db
    .update(lanes)
    .set({ gone: 0, resumeAt: null })
    .from(destinations)
    .where(
      and(
        eq(lanes.destinationId, destinations.id),
        eq(destinations.surface, destination.surface),
        eq(destinations.key, destination.key),
      ),
    )
}

/** Everything else hears only of what somebody names it for: a connection, or a medium of a contact. */
export function isChat(): SQL {
  return sql`(${inArray(destinations.surface, [...chatSurfaces])} and ${destinations.contactId} is null)`
}

/** The chats alerts are told in, by name; two may well use the same one. */
export async function listReceivers(db: Database): Promise<string[]> {
  const rows = await db
    .selectDistinct({ name: destinations.name })
    .from(destinations)
    .where(and(eq(destinations.active, true), isChat()))
    .orderBy(asc(destinations.name))
  return rows.map((row) => row.name)
}

/** The chats that are told, each once. */
export async function listChats(db: Database): Promise<{ surface: Medium; name: string }[]> {
  return db
    .selectDistinct({ surface: destinations.surface, name: destinations.name })
    .from(destinations)
    .where(and(eq(destinations.active, true), isChat()))
    .orderBy(asc(destinations.name))
}

/** Kept, but told nothing more: its receipts and its history stay readable. */
export async function forgetDestination(db: Database, surface: Surface, key: string): Promise<void> {
  await db
    .update(destinations)
    .set({ active: false })
    .where(and(eq(destinations.surface, surface), eq(destinations.key, key)))
}

export async function findDestination(
  db: Database,
  id: string,
): Promise<typeof destinations.$inferSelect | undefined> {
  const [row] = await db.select().from(destinations).where(eq(destinations.id, id))
  return row
}

/** Until somebody says anew where it is. */
export async function disableDestination(db: Database, id: string): Promise<void> {
  await db.update(destinations).set({ active: false }).where(eq(destinations.id, id))
}
