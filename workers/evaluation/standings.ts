import type { Database } from '#db/client.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { listShards } from '#db/repositories/evaluation-shards.ts'
import { listTallies } from '#db/repositories/evaluation-kinds.ts'
import {
  type FailingChecks,
  loadFailingChecks,
  loadFailingPlatform,
} from '#db/repositories/failing-checks.ts'
import { loadTroubles, type Trouble } from '#db/repositories/troubled-rules.ts'
import { type Breaker, isOpen } from '#engine/rule/circuit-breaker.ts'
import type { CompiledRule } from '#engine/rule/compile.ts'
import type { ConditionKind } from '#engine/rule/conditions/registry.ts'
import { nothingFails, type Standing } from '#engine/rule/condition.ts'
import type { HowItStands } from '#engine/rule/due.ts'
import { entityOf } from '#engine/rule/observe.ts'
import { silenceCheckKeys } from '#engine/rule/silence-event.ts'
import { storeCheckKeys } from '#engine/rule/store-event.ts'
import type { Store } from '#engine/telemetry/telemetry.ts'
import type { BookedRules, Shard } from './rule-book.ts'

/** How rules stand before they are evaluated: what fails, what got no answer, what is not asked at all. */
export interface Standings {
  readonly failing: FailingChecks
  readonly troubles: ReadonlyMap<string, Trouble>
  /** The platform's own checks that fail, by key. */
  readonly failingPlatform: ReadonlySet<string>
  /** Stores that other shards could not ask. */
  readonly troubledElsewhere: ReadonlySet<Store>
  readonly breakers: ReadonlyMap<ConditionKind, Breaker>
}

export async function loadStandings(db: Database, shard: Shard, { shards }: BookedRules): Promise<Standings> {
  const [failing, troubles, failingPlatform, rows, tallies] = await Promise.all([
    loadFailingChecks(db, shard.kinds),
    loadTroubles(db),
    loadFailingPlatform(db, firstEnvironment.slug, [...storeCheckKeys, ...silenceCheckKeys]),
    listShards(db),
    listTallies(db),
  ])
  const breakers = new Map(tallies.map(({ kind, breaker }) => [kind, breaker]))
  const others = rows.filter((row) => row.shard !== shard.name && shards.has(row.shard))
  const troubledElsewhere = new Set(others.flatMap(({ troubledStore }) => troubledStore ?? []))
  return { failing, troubles, failingPlatform, troubledElsewhere, breakers }
}

const wellAndAnswered: HowItStands = { isFailing: false, isTroubled: false }

export function howItStands({ failing, troubles }: Standings, { rule }: CompiledRule): HowItStands {
  if (failing.size === 0 && troubles.size === 0) return wellAndAnswered
  return { isFailing: failing.has(rule.id), isTroubled: troubles.has(rule.id) }
}

/** What its condition may know when it judges. */
export function standingOf({ failing }: Standings, { rule }: CompiledRule): Standing {
  const entities = failing.get(rule.id)
  if (!entities) return nothingFails
  return { isFailing: (subject) => entities.has(entityOf(rule, subject).toLowerCase()) }
}

/** Kinds that are not asked about for now. */
export function openKinds({ breakers }: Standings, slot: Date): ReadonlySet<ConditionKind> {
  return new Set([...breakers].flatMap(([kind, breaker]) => (isOpen(breaker, slot.getTime()) ? kind : [])))
}
