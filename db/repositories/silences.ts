import { and, asc, desc, eq, gt, lte, sql } from 'drizzle-orm'
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

/** Where the next page begins: after this silence. */
export interface SilenceCursor {
  readonly endsAt: Date
  readonly id: string
}

interface SilenceQuery {
  readonly environment: string
  readonly now: Date
  readonly limit: number
  readonly over: boolean
  readonly after?: SilenceCursor
}

/** What ends first comes first, by keyset; of those that are over, what ended last. */
export async function listSilencePage(
  db: Database,
  { environment, now, limit, over, after }: SilenceQuery,
): Promise<{ readonly silences: readonly ScheduledSilence[]; readonly next: SilenceCursor | undefined }> {
  const { endsAt, id } = silences
  const place = after && sql`(${after.endsAt.toISOString()}::timestamptz, ${after.id}::uuid)`
  const rest = place && (over ? sql`(${endsAt}, ${id}) < ${place}` : sql`(${endsAt}, ${id}) > ${place}`)
  const rows = await db
    .select()
    .from(silences)
    .where(and(eq(silences.environment, environment), over ? lte(endsAt, now) : gt(endsAt, now), rest))
    .orderBy(...(over ? [desc(endsAt), desc(id)] : [asc(endsAt), asc(id)]))
    .limit(limit + 1)
  const page = rows.slice(0, limit).map(toSilence)
  return { silences: page, next: rows.length > limit ? page.at(-1) : undefined }
}

/** By the beginning of their id, among those that are not over; at most two, so that one can be told from many. */
export async function findSilencesByPrefix(
  db: Database,
  environment: string,
  { prefix, now }: { readonly prefix: string; readonly now: Date },
): Promise<ScheduledSilence[]> {
  const isIt = sql`starts_with(${silences.id}::text, ${prefix})`
  const rows = await db
    .select()
    .from(silences)
    .where(and(eq(silences.environment, environment), gt(silences.endsAt, now), isIt))
    .limit(2)
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
