import { and, asc, eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { connections } from '#db/schema/connections.ts'
import { mediaCarriers } from '#db/schema/contacts.ts'
import { mediaWayOf } from '#engine/directory/media-ways.ts'
import type { Connection } from './connections.ts'

/** The connection that carries this type of medium: the one somebody named, or the oldest mail server for mail. */
export async function findCarrier(db: Database, type: string): Promise<Connection | undefined> {
  const way = mediaWayOf(type)
  if (!way?.carrier) return undefined
  const [named] = await db
    .select({ connection: connections })
    .from(mediaCarriers)
    .innerJoin(connections, eq(connections.id, mediaCarriers.connectionId))
    .where(and(eq(mediaCarriers.type, type), eq(connections.enabled, true)))
  if (named || way.carrier !== 'email') return named?.connection
  const [oldest] = await db
    .select()
    .from(connections)
    .where(and(eq(connections.kind, 'email'), eq(connections.enabled, true)))
    .orderBy(asc(connections.createdAt))
    .limit(1)
  return oldest
}

export async function nameCarrier(db: Database, type: string, connectionId: string): Promise<void> {
  await db
    .insert(mediaCarriers)
    .values({ type, connectionId })
    .onConflictDoUpdate({ target: mediaCarriers.type, set: { connectionId } })
}

/** False where none was named. */
export async function forgetCarrier(db: Database, type: string): Promise<boolean> {
  const gone = await db
    .delete(mediaCarriers)
    .where(eq(mediaCarriers.type, type))
    .returning({ type: mediaCarriers.type })
  return gone.length > 0
}
