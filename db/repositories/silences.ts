import { and, eq, gt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { silenceRevisions, silences } from '#db/schema/suppressions.ts'
import type { Silence } from '#engine/suppress/silence.ts'
import type { ScheduledSilence, SilenceChange } from '#engine/suppress/silence-schedule.ts'
import { type SilencesInForce, silencesInForce } from '#engine/suppress/silences-in-force.ts'
import { releaseHeld } from './notifications.ts'

export async function saveSilence(db: Database, silence: Silence & Partial<ScheduledSilence>): Promise<void> {
  const { updatedAt = silence.startsAt, recurrence = null } = silence
  const row = { ...silence, updatedAt, recurrence }
  const { id: _id, environment, ...set } = row
  await db.insert(silences).values(row).onConflictDoUpdate({ target: silences.id, set })
  const revision = sql`gen_random_uuid()`
  await db
    .insert(silenceRevisions)
    .values({ environment, revision })
    .onConflictDoUpdate({ target: silenceRevisions.environment, set: { revision } })
}

/** Those that end, or ended, after an instant. */
export async function listSilences(
  db: Database,
  environment: string,
  after: Date,
): Promise<ScheduledSilence[]> {
  const rows = await db
    .select()
    .from(silences)
    .where(and(eq(silences.environment, environment), gt(silences.endsAt, after)))
  return rows.map(toSilence)
}

export async function findSilence(db: Database, id: string): Promise<ScheduledSilence | undefined> {
  const [row] = await db.select().from(silences).where(eq(silences.id, id))
  return row && toSilence(row)
}

/**
 * Lock, decide, save, in one transaction. Whatever a changed silence had kept back is looked at again; the ids are to be
 * announced.
 */
export async function changeSilence(
  db: Database,
  id: string | undefined,
  decide: (known: ScheduledSilence | undefined) => SilenceChange,
  now: Date,
): Promise<{ change: SilenceChange; notificationIds: readonly string[] }> {
  return db.transaction(async (tx) => {
    const [row] =
      id === undefined ? [] : await tx.select().from(silences).where(eq(silences.id, id)).for('update')
    const change = decide(row && toSilence(row))
    if (change.kind !== 'changed') return { change, notificationIds: [] }
    if (change.ended) await saveSilence(tx, change.ended)
    await saveSilence(tx, change.silence)
    return { change, notificationIds: row ? await releaseHeld(tx, row.environment, now) : [] }
  })
}

interface Ready {
  readonly revision: string
  readonly from: Date
  readonly inForce: SilencesInForce
}

/** By environment. A revision is random, so that no other database can have the same. */
const ready = new Map<string, Ready>()

/** Ten thousand silences are read and indexed once for every change of theirs, and not for every notification. */
export async function loadSilencesInForce(
  db: Database,
  environment: string,
  now: Date,
): Promise<SilencesInForce> {
  const [row] = await db.select().from(silenceRevisions).where(eq(silenceRevisions.environment, environment))
  const known = ready.get(environment)
  if (row && known && known.revision === row.revision && holds(known, now)) return known.inForce
  // The revision is read first: what is loaded may be newer than it says, and is then only loaded once more.
  const inForce = silencesInForce(await listSilences(db, environment, now), now)
  if (row) ready.set(environment, { revision: row.revision, from: now, inForce })
  return inForce
}

function holds({ from, inForce: { changesAt } }: Ready, now: Date): boolean {
  return from <= now && (changesAt === undefined || now < changesAt)
}

function toSilence({ recurrence, ...silence }: typeof silences.$inferSelect): ScheduledSilence {
  return { ...silence, ...(recurrence && { recurrence }) }
}
