import { and, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { evaluationShards } from '#db/schema/evaluation.ts'
import { neverEvaluated, type Progress, slotMs } from '#engine/rule/cadence.ts'
import type { Store } from '#engine/telemetry/telemetry.ts'
import { latestMs } from './evaluation-clock.ts'

type ShardRow = typeof evaluationShards.$inferSelect

export type { ShardRow }

export function listShards(db: Database): Promise<ShardRow[]> {
  return db.select().from(evaluationShards)
}

/** How far a shard is, for whoever stands at this slot: what was committed far ahead of it was so by a clock that was set back. */
export function progressOf(row: ShardRow | undefined, slot: Date): Progress {
  if (!row?.committedSlot) return neverEvaluated
  const committed = row.committedSlot.getTime()
  const wasSetBack = committed - slot.getTime() > latestMs
  return {
    evaluatedTo: wasSetBack ? slot.getTime() - slotMs : committed,
    revision: row.revision,
    gap: row.gapFrom && row.gapTo ? { from: row.gapFrom.getTime(), to: row.gapTo.getTime() } : undefined,
  }
}

/** To be evaluated for this slot by whoever claims it. */
export async function offerSlot(tx: Database, shards: readonly string[], slot: Date): Promise<void> {
  if (shards.length === 0) return
  await tx
    .insert(evaluationShards)
    .values(shards.toSorted().map((shard) => ({ shard, offeredSlot: slot, offers: 1 })))
    .onConflictDoUpdate({
      target: evaluationShards.shard,
      set: { offeredSlot: slot, offers: sql`${evaluationShards.offers} + 1` },
    })
}

export interface Claim {
  readonly shard: string
  readonly slot: Date
  readonly progress: Progress
}

/**
 * Takes the newest slot that was offered: each is claimed once, whoever asks. One whose worker dies is not evaluated; what was
 * due in it is due at the next.
 */
export async function claimSlot(db: Database, shard: string): Promise<Claim | undefined> {
  const { claimedSlot, offeredSlot, offers } = evaluationShards
  const isFresh = or(isNull(claimedSlot), lt(claimedSlot, offeredSlot), isFarAhead(claimedSlot, offeredSlot))
  const [row] = await db
    .update(evaluationShards)
    .set({
      claimedSlot: sql`${offeredSlot}`,
      offers: 0,
      superseded: sql`${evaluationShards.superseded} + greatest(${offers} - 1, 0)`,
    })
    .where(and(eq(evaluationShards.shard, shard), isFresh))
    .returning()
  return row && { shard, slot: row.offeredSlot, progress: progressOf(row, row.offeredSlot) }
}

function isFarAhead(
  one: typeof evaluationShards.claimedSlot,
  other: typeof evaluationShards.offeredSlot,
): SQL {
  return sql`${one} > ${other} + ${latestMs} * interval '1 millisecond'`
}

interface Committing {
  readonly revision: number
  readonly isTroubled: boolean
  readonly troubledStore: Store | null
  readonly lagMs: number
}

/** In the transaction that keeps what was decided. False: somebody claimed a newer slot meanwhile, and this one decides nothing. */
export async function commitSlot(
  tx: Database,
  { shard, slot }: Claim,
  changes: Committing,
): Promise<boolean> {
  const committed = await tx
    .update(evaluationShards)
    .set({ committedSlot: slot, ...changes })
    .where(and(eq(evaluationShards.shard, shard), eq(evaluationShards.claimedSlot, slot)))
    .returning({ shard: evaluationShards.shard })
  return committed.length > 0
}
