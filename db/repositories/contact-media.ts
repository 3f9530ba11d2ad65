import { and, eq, inArray, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { media } from '#db/schema/contacts.ts'
import type { MediumDraft } from '#engine/directory/medium-draft.ts'
import type { Medium } from '#engine/route/contacts.ts'
import { changeRouting } from './change-routing.ts'
import { requireContacts } from './contact-directory.ts'

export interface MediumPlace {
  readonly contactId: string
  readonly type: string
}

/** One that the contact has already is changed and keeps its place in the order. Throws NotFound for the contact. */
export async function putMedia(
  db: Database,
  contactId: string,
  drafts: readonly MediumDraft[],
): Promise<void> {
  const last = new Map(drafts.map((draft) => [draft.type, draft]))
  await changeRouting(db, async (tx) => {
    await requireContacts(tx, [contactId])
    const [row] = await tx
      .select({ next: sql<number>`coalesce(max(${media.position}), -1) + 1` })
      .from(media)
      .where(eq(media.contactId, contactId))
    const rows = [...last.values()].map(({ type, ...medium }, index) => ({
      ...medium,
      contactId,
      name: type,
      position: (row?.next ?? 0) + index,
    }))
    if (rows.length === 0) return
    await tx
      .insert(media)
      .select(recordSet(media, rows))
      .onConflictDoUpdate({
        target: [media.contactId, media.name],
        set: {
          address: sql`excluded.address`,
          intervalSeconds: sql`excluded.interval_seconds`,
          rollupThreshold: sql`excluded.rollup_threshold`,
        },
      })
  })
}

/** Media that a contact has not got are left alone. Throws NotFound for contacts. */
export async function changeMedia(
  db: Database,
  places: readonly MediumPlace[],
  change: Partial<Medium>,
): Promise<void> {
  await changeRouting(db, async (tx) => {
    await requireContacts(
      tx,
      places.map(({ contactId }) => contactId),
    )
    if (Object.keys(change).length > 0) await tx.update(media).set(change).where(isOneOf(places))
  })
}

/** As above. How many there were. */
export async function deleteMedia(db: Database, places: readonly MediumPlace[]): Promise<number> {
  return changeRouting(db, async (tx) => {
    await requireContacts(
      tx,
      places.map(({ contactId }) => contactId),
    )
    const gone = await tx.delete(media).where(isOneOf(places)).returning({ name: media.name })
    return gone.length
  })
}

function isOneOf(places: readonly MediumPlace[]) {
  const byType = Map.groupBy(places, ({ type }) => type)
  return or(
    ...[...byType].map(([type, some]) =>
      and(
        eq(media.name, type),
        inArray(
          media.contactId,
          some.map(({ contactId }) => contactId),
        ),
      ),
    ),
  )
}
