import { and, eq, gt, lte } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { formDrafts } from '#db/schema/people.ts'

export type FormDraft = typeof formDrafts.$inferSelect

/** Long enough to be called away from a dialog and come back to it. */
const lifetimeMs = 4 * 3600 * 1000

export async function saveDraft(db: Database, draft: Omit<FormDraft, 'expiresAt'>, now: Date): Promise<void> {
  await db.insert(formDrafts).values({ ...draft, expiresAt: expiry(now) })
}

/** False when it was taken meanwhile: a form that is through must not come back. */
export async function moveDraft(
  db: Database,
  draft: Pick<FormDraft, 'id' | 'step' | 'values'>,
  now: Date,
): Promise<boolean> {
  const { id, step, values } = draft
  const moved = await db
    .update(formDrafts)
    .set({ step, values, expiresAt: expiry(now) })
    .where(eq(formDrafts.id, id))
    .returning({ id: formDrafts.id })
  return moved.length > 0
}

function expiry(now: Date): Date {
  return new Date(now.getTime() + lifetimeMs)
}

/** A draft belongs to the person who began it; to everyone else it does not exist. */
export async function findDraft(
  db: Database,
  id: string,
  personId: string,
  now: Date,
): Promise<FormDraft | undefined> {
  const mine = and(eq(formDrafts.id, id), eq(formDrafts.personId, personId), gt(formDrafts.expiresAt, now))
  const [draft] = await db.select().from(formDrafts).where(mine)
  return draft
}

/** True for the one who removed it: a form sent twice is carried out once. */
export async function takeDraft(db: Database, id: string): Promise<boolean> {
  const taken = await db.delete(formDrafts).where(eq(formDrafts.id, id)).returning({ id: formDrafts.id })
  return taken.length > 0
}

export async function dropExpiredDrafts(db: Database, now: Date): Promise<void> {
  await db.delete(formDrafts).where(lte(formDrafts.expiresAt, now))
}
