import type { Database } from '#db/client.ts'
import { lockTallies, saveTallies } from '#db/repositories/evaluation-kinds.ts'
import { type BatchResult, breakerAfter, isOpen } from '#engine/rule/circuit-breaker.ts'
import type { ConditionKind } from '#engine/rule/conditions/registry.ts'
import { type KindBatch, newTally, tallyAfter } from '#engine/rule/evaluation-tally.ts'
import type { Settling } from './settling.ts'

/** Counts what became of each kind, and opens or closes its circuit breaker. */
export async function countBatches(tx: Database, settling: Settling): Promise<void> {
  const batches = batchesOf(settling)
  if (batches.length === 0) return
  const { hands, claim, breaker: settings } = settling
  const now = claim.slot.getTime()
  const known = new Map(
    (
      await lockTallies(
        tx,
        batches.map(({ kind }) => kind),
      )
    ).map((tally) => [tally.kind, tally]),
  )
  const tallies = batches.map((batch) => {
    const tally = known.get(batch.kind) ?? newTally(batch.kind)
    const breaker = breakerAfter(tally.breaker, resultOf(batch), now, settings)
    if (isOpen(breaker, now) && breaker !== tally.breaker)
      hands.log.warn(
        { kind: batch.kind, rules: batch.unanswered, seconds: settings.cooldownSeconds },
        `Circuit breaker open for ${batch.kind}; its rules follow their error policy until it is tried again`,
      )
    return tallyAfter(tally, batch, breaker)
  })
  await saveTallies(
    tx,
    tallies.toSorted((one, other) => (one.kind < other.kind ? -1 : 1)),
  )
}

/** A kind failed when it was asked about and none of its rules was answered: a bad rule says nothing of the others. */
function resultOf({ answered, failed }: KindBatch & { readonly failed: number }): BatchResult {
  if (answered > 0) return 'answered'
  return failed > 0 ? 'failed' : 'skipped'
}

function batchesOf({ evaluated: { observation, skipped }, seconds }: Settling) {
  const counts = new Map<
    ConditionKind,
    { answered: number; unanswered: number; failed: number; skipped: number }
  >()
  const countOf = (kind: ConditionKind) => {
    const known = counts.get(kind)
    if (known) return known
    const fresh = { answered: 0, unanswered: 0, failed: 0, skipped: 0 }
    counts.set(kind, fresh)
    return fresh
  }
  for (const { rule } of observation.answered) countOf(rule.kind).answered++
  for (const { rule, wasAsked } of observation.unanswered) {
    countOf(rule.kind).unanswered++
    if (wasAsked) countOf(rule.kind).failed++
  }
  for (const { rule } of skipped) countOf(rule.kind).skipped++
  return [...counts].map(([kind, count]) => ({
    kind,
    ...count,
    seconds: count.answered + count.failed > 0 ? seconds : undefined,
  }))
}
