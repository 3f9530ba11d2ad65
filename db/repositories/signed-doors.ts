import { asc, eq, lt } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { heardSignatures, signedDoors } from '#db/schema/signed-doors.ts'
import { type SecretBox, Unsealable } from '#db/secrets/secret-box.ts'

export type SignedDoor = typeof signedDoors.$inferSelect

export async function listSignedDoors(db: Database): Promise<SignedDoor[]> {
  return db.select().from(signedDoors).orderBy(asc(signedDoors.name))
}

export async function findSignedDoor(db: Database, name: string): Promise<SignedDoor | undefined> {
  const [row] = await db.select().from(signedDoors).where(eq(signedDoors.name, name))
  return row
}

interface SignedDoorDraft extends Pick<SignedDoor, 'name' | 'settings' | 'createdBy'> {
  /** Newest first; undefined: those that are there stay. */
  readonly secrets: readonly string[] | undefined
}

const longEnoughToShow = 16

/** Who made it stays who made it. */
export async function saveSignedDoor(
  db: Database,
  { secrets, ...draft }: SignedDoorDraft,
  { box, now }: { readonly box: SecretBox; readonly now: Date },
): Promise<SignedDoor> {
  const sealed = secrets?.map((secret) => ({
    sealed: box.seal(secret, placeOf(draft.name)),
    last4: secret.length >= longEnoughToShow ? secret.slice(-4) : null,
    updatedAt: now.toISOString(),
  }))
  const [saved] = await db
    .insert(signedDoors)
    .values({ ...draft, secrets: sealed ?? [], updatedAt: now })
    .onConflictDoUpdate({
      target: signedDoors.name,
      set: { settings: draft.settings, updatedAt: now, ...(sealed && { secrets: sealed }) },
    })
    .returning()
  if (!saved) throw new Error('a signed door was not saved')
  return saved
}

/** False when there is none of that name. */
export async function removeSignedDoor(db: Database, name: string): Promise<boolean> {
  const removed = await db.delete(signedDoors).where(eq(signedDoors.name, name)).returning()
  return removed.length > 0
}

/** Those that no key here opens are as good as gone: nothing is believed by them. */
export function doorSecrets(box: SecretBox, { name, secrets }: SignedDoor): string[] {
  return secrets.flatMap(({ sealed }) => readable(box, sealed, name) ?? [])
}

/** Seals anew, with the newest key, what an older one sealed → how many secrets no key here opens. */
export async function resealSignedDoors(db: Database, box: SecretBox): Promise<number> {
  let unreadable = 0
  for (const door of await listSignedDoors(db)) {
    const secrets = door.secrets.map((secret) => {
      const text = readable(box, secret.sealed, door.name)
      if (text === undefined) unreadable++
      if (text === undefined || !box.isOutdated(secret.sealed)) return secret
      return { ...secret, sealed: box.seal(text, placeOf(door.name)) }
    })
    if (secrets.some((secret, index) => secret !== door.secrets[index]))
      await db.update(signedDoors).set({ secrets }).where(eq(signedDoors.name, door.name))
  }
  return unreadable
}

function readable(box: SecretBox, sealed: string, name: string): string | undefined {
  try {
    return box.open(sealed, placeOf(name))
  } catch (error) {
    if (error instanceof Unsealable) return undefined
    throw error
  }
}

function placeOf(name: string): string {
  return `signed_doors:${name}`
}

/** Longer than anybody's sender tries again. */
const keptMs = 72 * 3600_000

export async function forgetHeardSignatures(db: Database, now: Date): Promise<void> {
  await db.delete(heardSignatures).where(lt(heardSignatures.heardAt, new Date(now.getTime() - keptMs)))
}
