import { and, eq, gt } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { silences } from '#db/schema/suppressions.ts'
import type { Silence } from '#engine/suppress/silence.ts'
import { nextTurn, type ScheduledSilence, silenceState } from '#engine/suppress/silence-schedule.ts'
import { renewRevision } from './quiet-revision.ts'

export async function saveSilence(
  db: Database,
  silence: Silence & Partial<ScheduledSilence>,
  now: Date,
): Promise<void> {
  const { updatedAt = silence.startsAt, recurrence, incidentId = null } = silence
  const scheduled = { ...silence, updatedAt, ...(recurrence && { recurrence }) }
  const turn = { phase: silenceState(scheduled, now), turnsAt: nextTurn(scheduled, now) ?? null }
  const row = { ...silence, updatedAt, recurrence: recurrence ?? null, incidentId, ...turn }
  const { id: _id, environment, ...set } = row
  await db.insert(silences).values(row).onConflictDoUpdate({ target: silences.id, set })
  await renewRevision(db, environment)
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

export function toSilence(row: typeof silences.$inferSelect): ScheduledSilence {
  const { recurrence, phase: _phase, turnsAt: _turnsAt, incidentId, ...silence } = row
  return { ...silence, ...(recurrence && { recurrence }), ...(incidentId !== null && { incidentId }) }
}
