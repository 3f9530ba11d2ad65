import { and, eq, inArray, isNotNull, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { media } from '#db/schema/contacts.ts'
import { keepAddress, openAddress } from '#db/secrets/sealed-medium.ts'
import { type SecretBox, Unsealable } from '#db/secrets/secret-box.ts'
import type { MediumDraft } from '#engine/directory/medium-draft.ts'
import type { Medium } from '#engine/route/contacts.ts'
import { changeRouting } from './change-routing.ts'
import { leaveContacts, tryContactsAnew } from './contact-destinations.ts'
import { requireContacts } from './contact-directory.ts'

/** Some addresses are secrets. */
interface Keeping {
  readonly db: Database
  readonly secrets: SecretBox
}

export interface MediumPlace {
  readonly contactId: string
  readonly type: string
}

/** One that the contact has already is changed and keeps its place in the order. Throws NotFound for the contact. */
export async function putMedia(
  { db, secrets }: Keeping,
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
      ...keepAddress(secrets, { contactId, type }, medium.address),
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
          secret: sql`excluded.secret`,
          intervalSeconds: sql`excluded.interval_seconds`,
          rollupThreshold: sql`excluded.rollup_threshold`,
        },
      })
    await tryContactsAnew(
      tx,
      rows.map(({ name }) => ({ contactId, medium: name })),
    )
  })
}

/** Media that a contact has not got are left alone. Throws NotFound for contacts. */
export async function changeMedia(
  { db, secrets }: Keeping,
  places: readonly MediumPlace[],
  change: Partial<Medium>,
): Promise<void> {
  await changeRouting(db, async (tx) => {
    await requireContacts(
      tx,
      places.map(({ contactId }) => contactId),
    )
    const { address, ...rest } = change
    if (Object.keys(rest).length > 0) await tx.update(media).set(rest).where(isOneOf(places))
    if (address === undefined) return
    for (const place of places)
      await tx
        .update(media)
        .set(keepAddress(secrets, place, address))
        .where(isOneOf([place]))
    await tryContactsAnew(tx, places.map(named))
  })
}

/** As above. How many there were. */
export async function deleteMedia(db: Database, places: readonly MediumPlace[]): Promise<number> {
  return changeRouting(db, async (tx) => {
    await requireContacts(
      tx,
      places.map(({ contactId }) => contactId),
    )
    await leaveContacts(tx, places.map(named))
    const gone = await tx.delete(media).where(isOneOf(places)).returning({ name: media.name })
    return gone.length
  })
}

/** All of its address; undefined: the contact has no such medium. Throws `Unsealable`. */
export async function findContactMedium(
  db: Database,
  box: SecretBox,
  contactId: string,
  type: string,
): Promise<{ readonly address: string } | undefined> {
  const [row] = await db
    .select()
    .from(media)
    .where(isOneOf([{ contactId, type }]))
  return row && { address: openAddress(box, { contactId, type }, row) }
}

/** Seals anew, with the newest key, what an older one sealed → how many no key here opens. */
export async function resealMedia(db: Database, box: SecretBox): Promise<number> {
  let unreadable = 0
  const rows = await db.select().from(media).where(isNotNull(media.secret))
  for (const { contactId, name: type, address, secret } of rows) {
    if (secret === null) continue
    try {
      const whole = openAddress(box, { contactId, type }, { address, secret })
      if (!box.isOutdated(secret)) continue
      await db
        .update(media)
        .set(keepAddress(box, { contactId, type }, whole))
        .where(and(isOneOf([{ contactId, type }]), eq(media.secret, secret)))
    } catch (error) {
      if (!(error instanceof Unsealable)) throw error
      unreadable++
    }
  }
  return unreadable
}

function named({ contactId, type }: MediumPlace) {
  return { contactId, medium: type }
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
