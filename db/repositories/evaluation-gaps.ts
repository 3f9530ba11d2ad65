import { and, between, desc, eq, gte, inArray, isNotNull, lt, max, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { evaluationGaps, evaluationShards } from '#db/schema/evaluation.ts'
import { slotMs, spreadOverMs } from '#engine/rule/cadence.ts'
import type { GapReason } from '#engine/rule/gap.ts'

/** A stretch in which a shard was not evaluated, or only here and there: after one slot, until another. */
export interface Gap {
  readonly shard: string
  readonly after: Date
  readonly until: Date
  readonly missed: number
  readonly reason: GapReason
}

const keptDays = 30
/** Gaps with less than this between them are one row, up to an hour of them: a store that is slow all week shall not fill the disk. */
const joinedMs = 60_000
const longestJoinedMs = 3_600_000

/** No ticker ran: of every shard that was ever evaluated nothing was. */
export async function recordStandstill(tx: Database, after: Date, until: Date): Promise<void> {
  const { gapFrom, gapTo } = evaluationShards
  const at = sql`${after.toISOString()}::timestamptz`
  // What is overdue since the gap before, and was to come after it, is overdue still.
  const isSoonAfter = sql`${at} - ${gapTo} between interval '0' and ${spreadOverMs} * interval '1 millisecond'`
  const rows = await tx
    .update(evaluationShards)
    .set({
      gapFrom: sql`case when ${isSoonAfter} then ${gapFrom} else ${at} end`,
      gapTo: until,
      missed: sql`${evaluationShards.missed} + ${missedSlots(after, until)}`,
    })
    .where(isNotNull(evaluationShards.committedSlot))
    .returning({ shard: evaluationShards.shard })
  await insertGaps(
    tx,
    rows.map(({ shard }) => ({ shard, after, until, reason: 'stopped' as const })),
  )
}

/** The ticker ran, but nobody came to evaluate this shard. */
export async function recordLateness(tx: Database, shard: string, after: Date, until: Date): Promise<void> {
  await tx
    .update(evaluationShards)
    .set({
      gapFrom: after,
      gapTo: until,
      missed: sql`${evaluationShards.missed} + ${missedSlots(after, until)}`,
    })
    .where(inArray(evaluationShards.shard, [shard]))
  await insertGaps(tx, [{ shard, after, until, reason: 'late' }])
}

async function insertGaps(tx: Database, gaps: readonly Omit<Gap, 'missed'>[]): Promise<void> {
  if (gaps.length === 0) return
  const apart: Gap[] = []
  for (const gap of gaps) {
    const counted = { ...gap, missed: missedSlots(gap.after, gap.until) }
    if (!(await joinToNewest(tx, counted))) apart.push(counted)
  }
  if (apart.length > 0) await tx.insert(evaluationGaps).values(apart)
  const newest = Math.max(...gaps.map(({ until }) => until.getTime()))
  await tx.delete(evaluationGaps).where(lt(evaluationGaps.until, new Date(newest - keptDays * 86_400_000)))
}

async function joinToNewest(tx: Database, { shard, after, until, missed, reason }: Gap): Promise<boolean> {
  const newestOfShard = tx
    .select({ id: max(evaluationGaps.id) })
    .from(evaluationGaps)
    .where(eq(evaluationGaps.shard, shard))
  const joined = await tx
    .update(evaluationGaps)
    .set({ until, missed: sql`${evaluationGaps.missed} + ${missed}` })
    .where(
      and(
        eq(evaluationGaps.id, newestOfShard),
        eq(evaluationGaps.reason, reason),
        between(evaluationGaps.until, new Date(after.getTime() - joinedMs), after),
        gte(evaluationGaps.after, new Date(until.getTime() - longestJoinedMs)),
      ),
    )
    .returning({ id: evaluationGaps.id })
  return joined.length > 0
}

function missedSlots(after: Date, until: Date): number {
  return Math.max(0, Math.ceil((until.getTime() - after.getTime()) / slotMs) - 1)
}

/** Newest first. */
export function listGaps(db: Database, since: Date, limit: number): Promise<Gap[]> {
  return db
    .select(gapColumns)
    .from(evaluationGaps)
    .where(gte(evaluationGaps.until, since))
    .orderBy(desc(evaluationGaps.until), desc(evaluationGaps.id))
    .limit(limit)
}

/** In the order in which they were noted, the newest first; `before` is the id of the last one that was seen. */
export function pageOfGaps(
  db: Database,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<(Gap & { readonly id: number })[]> {
  return db
    .select({ id: evaluationGaps.id, ...gapColumns })
    .from(evaluationGaps)
    .where(before === undefined ? undefined : lt(evaluationGaps.id, before))
    .orderBy(desc(evaluationGaps.id))
    .limit(limit)
}

const gapColumns = {
  shard: evaluationGaps.shard,
  after: evaluationGaps.after,
  until: evaluationGaps.until,
  missed: evaluationGaps.missed,
  reason: evaluationGaps.reason,
}
