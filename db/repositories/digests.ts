import { and, eq, inArray, isNull, max, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alerts, incidents } from '#db/schema/alerts.ts'
import { digests, receipts } from '#db/schema/notifications.ts'
import type { Digest } from '#engine/view/digest.ts'
import { mostInDigest } from '#engine/view/digest.ts'
import { withAlerts } from './incident-alerts.ts'

export type DigestRow = typeof digests.$inferSelect

/** The storm at a destination that is not over. */
export async function findStorm(db: Database, destinationId: string): Promise<DigestRow | undefined> {
  const [row] = await db
    .select()
    .from(digests)
    .where(and(eq(digests.destinationId, destinationId), isNull(digests.endedAt)))
  return row
}

/** When a digest was posted there last. */
export async function findLastDigestAt(db: Database, destinationId: string): Promise<Date | undefined> {
  const [row] = await db
    .select({ at: max(digests.postedAt) })
    .from(digests)
    .where(eq(digests.destinationId, destinationId))
  return row?.at ?? undefined
}

/** Its beginning, its calm or its end; its receipt is not touched. */
export async function saveStorm(db: Database, storm: DigestRow): Promise<void> {
  const { calmSince, endedAt } = storm
  await db
    .insert(digests)
    .values(storm)
    .onConflictDoUpdate({ target: digests.id, set: { calmSince, endedAt } })
}

export async function listDigests(db: Database, ids: readonly string[]): Promise<DigestRow[]> {
  return ids.length === 0
    ? []
    : db
        .select()
        .from(digests)
        .where(inArray(digests.id, [...ids]))
}

/** Of everything a digest tells of. */
export type Standings = Omit<Digest, 'over'>

interface Standing {
  readonly id: string
  readonly firing: boolean
  readonly open: boolean
  readonly rank: number
}

/** How everything stands that a digest tells of, with what is about to join it. */
export async function loadDigest(
  db: Database,
  { id, beganAt }: Pick<DigestRow, 'id' | 'beganAt'>,
  joining: readonly string[],
): Promise<Standings> {
  const stands = await db.execute<Standing & Record<string, unknown>>(sql`
    select told.id, coalesce(bool_or(a.state = 'FIRING' and a.acknowledged_at is null), false) as firing,
      coalesce(bool_or(a.state = 'FIRING'), false) as open,
      coalesce(min(case a.severity when 'CRITICAL' then 0 when 'WARNING' then 1 else 2 end)
        filter (where a.state = 'FIRING'), 3)::int as rank
    from (
      select incident_id as id from ${receipts} where digest_id = ${id}::uuid
      union select unnest(${textArray(joining)})::uuid) as told
    join ${incidents} i on i.id = told.id join ${alerts} a on a.incident_id = told.id
    group by told.id, i.number
    order by firing desc, rank, i.number`)
  const open = stands.filter((one) => one.open)
  const worst = open.slice(0, mostInDigest).map((one) => one.id)
  const rows = worst.length === 0 ? [] : await db.select().from(incidents).where(inArray(incidents.id, worst))
  const shown = new Map((await withAlerts(db, rows)).map((incident) => [incident.id, incident]))
  const firing = open.filter((one) => one.firing).length
  const ranked = (rank: number) => open.filter((one) => one.rank === rank).length
  return {
    beganAt,
    firing,
    acknowledged: open.length - firing,
    resolved: stands.length - open.length,
    open: { CRITICAL: ranked(0), WARNING: ranked(1), INFO: ranked(2) },
    worst: worst.flatMap((one) => shown.get(one) ?? []),
  }
}
