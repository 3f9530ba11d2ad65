import { and, eq, isNotNull, lte, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts } from '#db/schema/alerts.ts'
import { silences } from '#db/schema/suppressions.ts'
import { alertLabels } from '#engine/alert.ts'
import { indexMatchers } from '#engine/matcher-index.ts'
import type { Actor } from '#engine/person.ts'
import { mostNamed, type AnnouncementDetails, type AnnouncementKind } from '#engine/suppress/announcement.ts'
import { isForEverything } from '#engine/suppress/broad-silence.ts'
import {
  currentSpan,
  nextTurn,
  type ScheduledSilence,
  silenceState,
  type SilenceState,
} from '#engine/suppress/silence-schedule.ts'
import { anyOf, mayMatch } from './label-filter.ts'
import { type NewAnnouncement, queueAnnouncements } from './announcements.ts'
import { recordNews } from './notifications.ts'
import { type FiringAlert, listFiring, queueEdits, retell } from './retell.ts'
import { toSilence } from './silences.ts'

/** Something happened to a silence. */
export interface SilenceTurn {
  readonly silence: ScheduledSilence
  readonly kind: Exclude<AnnouncementKind, 'tested'>
  readonly actor: Actor
  /** When it happened; the sweeper may be late. */
  readonly at: Date
  /** It ended before it had begun. */
  readonly neverHeld?: boolean
}

const mostAtOnce = 500
const clock: Actor = { kind: 'clock' }

/** Silences that began or ended by the clock: each is followed once, by whoever comes first. */
export async function turnSilences(db: Database, now: Date): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(silences)
      .where(and(isNotNull(silences.turnsAt), lte(silences.turnsAt, now)))
      .orderBy(silences.turnsAt, silences.id)
      .limit(mostAtOnce)
      .for('update', { skipLocked: true })
    if (rows.length === 0) return []
    const turns = rows.map((row) => {
      const silence = toSilence(row)
      return { silence, before: row.phase, after: silenceState(silence, now), at: row.turnsAt ?? now }
    })
    await saveTurns(
      tx,
      turns.map(({ silence, after }) => ({
        id: silence.id,
        phase: after,
        turns_at: nextTurn(silence, now) ?? null,
      })),
    )
    return followSilences(
      tx,
      turns.flatMap(({ silence, before, after, at }) => {
        const kind = turnOf(before, after)
        return kind ? [{ silence, kind, actor: clock, at }] : []
      }),
      now,
    )
  })
}

function turnOf(before: SilenceState, after: SilenceState): 'began' | 'ended' | undefined {
  if (before === after) return undefined
  if (after === 'active') return 'began'
  return before === 'active' ? 'ended' : undefined
}

async function saveTurns(
  tx: Database,
  rows: readonly { id: string; phase: SilenceState; turns_at: Date | null }[],
): Promise<void> {
  await tx.execute(sql`
    update ${silences} set phase = turned.phase, turns_at = turned.turns_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as turned (id uuid, phase text, turns_at timestamptz)
    where ${silences.id} = turned.id`)
}

/**
 * Tells what follows: what has begun or ended is announced, living messages are put right, and whatever still fires after
 * an end goes out. A silence made from an alert speaks in that alert's thread alone.
 */
export async function followSilences(
  tx: Database,
  turns: readonly SilenceTurn[],
  now: Date,
): Promise<readonly string[]> {
  const ids: string[] = []
  for (const [environment, some] of Map.groupBy(turns, ({ silence }) => silence.environment)) {
    const covered = await listCovered(tx, environment, some)
    const ended = some.filter(({ kind }) => kind === 'ended').flatMap((turn) => covered.get(turn) ?? [])
    const { told, notificationIds } = await retell(tx, unique(ended), 'silence', now)
    const quieted = some.filter(({ kind }) => kind !== 'ended').flatMap((turn) => covered.get(turn) ?? [])
    const edits = await queueEdits(
      tx,
      quieted.map(({ incidentId }) => incidentId),
      now,
    )
    const stillFiring = new Set(told.map(({ alert }) => alert.id))
    const fresh = some
      .filter(({ silence }) => silence.incidentId === undefined)
      .map((turn): NewAnnouncement => {
        const alerts = covered.get(turn) ?? []
        const named = turn.kind === 'ended' ? alerts.filter(({ alert }) => stillFiring.has(alert.id)) : alerts
        const details = { ...until(turn.silence, now), ...count(named) }
        const alwaysTold = isForEverything(turn.silence.matchers)
        return { ...announcementOf(turn, now), details, alwaysTold }
      })
    ids.push(
      ...notificationIds,
      ...edits,
      ...(await tellThreads(tx, some, now)),
      ...(await queueAnnouncements(tx, fresh, now)),
    )
  }
  return ids
}

function announcementOf({ silence, kind, actor }: SilenceTurn, now: Date): Omit<NewAnnouncement, 'details'> {
  return { environment: silence.environment, subject: `silence/${silence.id}`, kind, at: now, actor }
}

function until(silence: ScheduledSilence, now: Date): AnnouncementDetails {
  const span = currentSpan(silence, now)
  return span ? { until: span.endsAt.toISOString() } : {}
}

function count(named: readonly FiringAlert[]): AnnouncementDetails {
  const numbers = [...new Set(named.map(({ number }) => number))].sort((one, other) => one - other)
  return { alerts: numbers.slice(0, mostNamed), count: numbers.length }
}

/** A change of a silence made from an alert is a line in the thread of that alert, as its making was. */
async function tellThreads(tx: Database, turns: readonly SilenceTurn[], now: Date): Promise<string[]> {
  const changed = turns.flatMap(({ silence, kind, actor }) => {
    if (kind !== 'changed' || silence.incidentId === undefined) return []
    const details = { until: silence.endsAt.toISOString() }
    const entry = { at: now, actor, kind: 'silenced' as const, details }
    return [{ incidentId: silence.incidentId, entry, reason: 'silenced' as const }]
  })
  const { queued } = await recordNews(tx, changed, now)
  return queued.map(({ id }) => id)
}

/** What fires and is, or was until now, covered by each of them. */
async function listCovered(
  tx: Database,
  environment: string,
  turns: readonly SilenceTurn[],
): Promise<ReadonlyMap<SilenceTurn, readonly FiringAlert[]>> {
  const firing = await listFiring(
    tx,
    and(eq(alerts.environment, environment), anyOf(turns.map(({ silence }) => mayMatch(silence.matchers)))),
  )
  const index = indexMatchers(turns.map((turn) => ({ turn, matchers: turn.silence.matchers })))
  const covered = new Map<SilenceTurn, FiringAlert[]>(turns.map((turn) => [turn, []]))
  for (const one of firing) {
    for (const { turn } of index.find(alertLabels(one.alert))) {
      if (isWithin(turn, one)) covered.get(turn)?.push(one)
    }
  }
  return covered
}

/** What fires only since the silence ended was never kept quiet; a planned silence keeps nothing quiet yet. */
function isWithin({ kind, silence, at, neverHeld }: SilenceTurn, { alert }: FiringAlert): boolean {
  if (kind === 'ended') return neverHeld !== true && alert.firedAt !== null && alert.firedAt < at
  return silenceState(silence, at) === 'active'
}

function unique(firing: readonly FiringAlert[]): FiringAlert[] {
  return [...new Map(firing.map((one) => [one.alert.id, one])).values()]
}
