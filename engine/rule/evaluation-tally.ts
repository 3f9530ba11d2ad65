import { type Breaker, closedBreaker } from './circuit-breaker.ts'
import type { ConditionKind } from './conditions/registry.ts'

/** Upper bounds, in seconds, of what one batch of a kind may take; above the last there is only "longer". */
export const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

/** One batch of one kind, evaluated for one slot. */
export interface KindBatch {
  readonly kind: ConditionKind
  readonly answered: number
  readonly unanswered: number
  readonly skipped: number
  /** undefined = nothing was asked. */
  readonly seconds: number | undefined
}

/** What became of the evaluations of a kind since the first of them. */
export interface KindTally {
  readonly kind: ConditionKind
  readonly answered: number
  readonly unanswered: number
  readonly skipped: number
  readonly batches: number
  readonly seconds: number
  /** For each bound, how many batches took at most so long. */
  readonly batchesWithin: readonly number[]
  readonly opened: number
  readonly breaker: Breaker
}

export function newTally(kind: ConditionKind): KindTally {
  return {
    kind,
    answered: 0,
    unanswered: 0,
    skipped: 0,
    batches: 0,
    seconds: 0,
    batchesWithin: durationBounds.map(() => 0),
    opened: 0,
    breaker: closedBreaker,
  }
}

export function tallyAfter(tally: KindTally, batch: KindBatch, breaker: Breaker): KindTally {
  const { seconds } = batch
  const hasOpened = breaker.openUntil !== null && breaker.openUntil !== tally.breaker.openUntil
  return {
    kind: tally.kind,
    answered: tally.answered + batch.answered,
    unanswered: tally.unanswered + batch.unanswered,
    skipped: tally.skipped + batch.skipped,
    batches: tally.batches + (seconds === undefined ? 0 : 1),
    seconds: tally.seconds + (seconds ?? 0),
    batchesWithin: durationBounds.map(
      (bound, index) =>
        (tally.batchesWithin[index] ?? 0) + (seconds !== undefined && seconds <= bound ? 1 : 0),
    ),
    opened: tally.opened + (hasOpened ? 1 : 0),
    breaker,
  }
}
