import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { silences } from '#db/schema/suppressions.ts'
import type { Actor } from '#engine/person.ts'
import { type ScheduledSilence, type SilenceChange, silenceState } from '#engine/suppress/silence-schedule.ts'
import { releaseHeld } from './notifications.ts'
import { followSilences, type SilenceTurn } from './silence-turns.ts'
import { saveSilence, toSilence } from './silences.ts'

interface Moment {
  readonly now: Date
  /** Who changes or ends it; a new one is its author's. */
  readonly by: Actor
}

/**
 * Lock, decide, save and tell, in one transaction. Whatever a changed silence had kept back is looked at again; the ids
 * are to be announced.
 */
export async function changeSilence(
  db: Database,
  id: string | undefined,
  decide: (known: ScheduledSilence | undefined) => SilenceChange,
  { now, by }: Moment,
): Promise<{ change: SilenceChange; notificationIds: readonly string[] }> {
  return db.transaction(async (tx) => {
    const [row] =
      id === undefined ? [] : await tx.select().from(silences).where(eq(silences.id, id)).for('update')
    const known = row && toSilence(row)
    const change = decide(known)
    if (change.kind !== 'changed') return { change, notificationIds: [] }
    const { silence, ended } = change
    if (ended) await saveSilence(tx, ended, now)
    await saveSilence(tx, silence, now)
    const released = row ? await releaseHeld(tx, row.environment, now) : []
    const before = known && { silence: known, wasActive: silenceState(known, now) === 'active' }
    const followed = await followSilences(tx, turnsOf({ silence, ended }, before, { now, by }), now)
    return { change, notificationIds: [...new Set([...released, ...followed])] }
  })
}

interface Before {
  readonly silence: ScheduledSilence
  readonly wasActive: boolean
}

interface After {
  readonly silence: ScheduledSilence
  readonly ended: ScheduledSilence | undefined
}

function turnsOf({ silence, ended }: After, before: Before | undefined, { now, by }: Moment): SilenceTurn[] {
  const made: SilenceTurn = { silence, kind: 'made', actor: silence.createdBy, at: now }
  if (!before) return [made]
  if (before.silence.id !== silence.id) {
    return ended
      ? [{ silence: ended, kind: 'ended', actor: by, at: now, neverHeld: !before.wasActive }, made]
      : [made]
  }
  if (silenceState(silence, now) === 'expired')
    return [{ silence, kind: 'ended', actor: by, at: now, neverHeld: !before.wasActive }]
  const isSame =
    before.silence.startsAt.getTime() === silence.startsAt.getTime() &&
    before.silence.endsAt.getTime() === silence.endsAt.getTime()
  return isSame ? [] : [{ silence, kind: 'changed', actor: by, at: now }]
}
