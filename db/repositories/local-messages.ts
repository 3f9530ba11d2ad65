import { desc, eq, lt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { localMessages, type LocalReply } from '#db/schema/notifications.ts'
import type { Message } from '#engine/message/message.ts'

/** NOTIFY channel; the payload is the id of the message that is new or changed. */
export const localChatChannel = 'tocsin_local_chat'

export type LocalMessageRow = typeof localMessages.$inferSelect

export async function postLocalMessage(
  db: Database,
  deliveryId: string,
  message: Message,
  at: Date,
): Promise<number> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .insert(localMessages)
      .values({ deliveryId, message, thread: [], postedAt: at, updatedAt: at })
      .onConflictDoUpdate({ target: localMessages.deliveryId, set: { message, updatedAt: at } })
      .returning({ id: localMessages.id })
    if (!row) throw new Error('a local message was not stored')
    await hint(tx, row.id)
    return row.id
  })
}

export async function editLocalMessage(db: Database, id: number, message: Message, at: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(localMessages).set({ message, updatedAt: at }).where(eq(localMessages.id, id))
    await hint(tx, id)
  })
}

/** A reply tried twice is one reply. */
export async function replyToLocalMessage(db: Database, id: number, reply: LocalReply): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(localMessages).where(eq(localMessages.id, id)).for('update')
    if (!row || row.thread.some((known) => known.deliveryId === reply.deliveryId)) return
    await tx
      .update(localMessages)
      .set({ thread: [...row.thread, reply], updatedAt: new Date(reply.at) })
      .where(eq(localMessages.id, id))
    await hint(tx, id)
  })
}

async function hint(tx: Database, id: number): Promise<void> {
  await tx.execute(sql`select pg_notify(${localChatChannel}, ${String(id)})`)
}

/** Newest first. */
export async function listLocalMessages(
  db: Database,
  page: { limit: number; before?: number },
): Promise<LocalMessageRow[]> {
  return db
    .select()
    .from(localMessages)
    .where(page.before === undefined ? undefined : lt(localMessages.id, page.before))
    .orderBy(desc(localMessages.id))
    .limit(page.limit)
}

export async function findLocalMessage(db: Database, id: number): Promise<LocalMessageRow | undefined> {
  const [row] = await db.select().from(localMessages).where(eq(localMessages.id, id))
  return row
}
