import type { Database } from '#db/client.ts'
import { beginTick } from '#db/repositories/evaluation-clock.ts'
import { recordStandstill } from '#db/repositories/evaluation-gaps.ts'
import { listShards, offerSlot, progressOf, type ShardRow } from '#db/repositories/evaluation-shards.ts'
import { slotMs } from '#engine/rule/cadence.ts'
import { isRulePerhapsDue } from '#engine/rule/due.ts'
import type { BookedRules, RuleBook } from './rule-book.ts'

/** So many slots without a tick are an outage. */
const toleratedSlots = 3

export interface Ticker {
  readonly db: Database
  readonly book: RuleBook
  readonly enqueue: (shards: readonly string[], slot: Date) => Promise<void>
}

/**
 * Offers the slot to every shard in which something is due. Row first, job second: what the queue does not take is still due
 * at the next tick, because nothing was committed. Answers the shards it offered.
 */
export async function tickRules({ db, book, enqueue }: Ticker, slot: Date): Promise<readonly string[]> {
  const booked = await book.current()
  const due = await db.transaction(async (tx) => {
    const before = await beginTick(tx, slot)
    if (before === undefined) return []
    if (before && slot.getTime() - before.getTime() > toleratedSlots * slotMs)
      await recordStandstill(tx, before, slot)
    const names = dueShards(booked, await listShards(tx), slot)
    await offerSlot(tx, names, slot)
    return names
  })
  if (due.length > 0) await enqueue(due, slot)
  return due
}

function dueShards({ shards }: BookedRules, rows: readonly ShardRow[], slot: Date): string[] {
  const rowOf = new Map(rows.map((row) => [row.shard, row]))
  return [...shards].flatMap(([name, { rules }]) => {
    const row = rowOf.get(name)
    if (row?.isTroubled) return name
    const progress = progressOf(row, slot)
    return rules.some((rule) => isRulePerhapsDue(rule, progress, slot.getTime())) ? name : []
  })
}
