import type { Claim } from '#db/repositories/evaluation-shards.ts'
import type { BreakerSettings } from '#engine/rule/circuit-breaker.ts'
import type { CompiledRule } from '#engine/rule/compile.ts'
import type { Hands } from '#workers/hands.ts'
import type { Evaluated } from './events-of.ts'
import type { BookedRules, Shard } from './rule-book.ts'

/** A slot that was evaluated and is to be kept. */
export interface Settling {
  readonly hands: Hands
  readonly claim: Claim
  readonly booked: BookedRules
  readonly shard: Shard
  readonly due: readonly CompiledRule[]
  readonly evaluated: Evaluated
  /** How long asking and judging took. */
  readonly seconds: number
  readonly breaker: BreakerSettings
}
