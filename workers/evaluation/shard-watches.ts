import { type CompiledRule, questionOf } from '#engine/rule/compile.ts'
import type { Answer, Telemetry, Watch } from '#engine/telemetry/telemetry.ts'
import type { Quarantine } from './quarantine.ts'
import type { Shard } from './rule-book.ts'

/** How long the windows of a shard are asked about one by one after all of them together took too long. */
const apartForMs = 60_000

interface Prepared {
  readonly shard: Shard
  readonly quarantined: number
  readonly watch: Watch
  readonly placeOf: ReadonlyMap<CompiledRule, number>
}

/** The questions of each shard, prepared once and again only when its rules change or one of them is taken out. */
export interface ShardWatches {
  ask(shard: Shard, rules: readonly CompiledRule[], slot: Date): Promise<readonly Answer[]>
  isApart(shard: Shard, slot: Date): boolean
  setApart(shard: Shard, slot: Date): void
}

export function openShardWatches(telemetry: Telemetry, quarantine: Quarantine): ShardWatches {
  const preparedOf = new Map<string, Prepared>()
  const apartUntil = new Map<string, number>()
  const prepare = (shard: Shard): Prepared => {
    const known = preparedOf.get(shard.name)
    if (known?.shard === shard && known.quarantined === quarantine.changes()) return known
    const rules = shard.rules.filter((rule) => 'about' in rule.question && !quarantine.holds(rule))
    const prepared = {
      shard,
      quarantined: quarantine.changes(),
      watch: telemetry.watch(rules.map(questionOf)),
      placeOf: new Map(rules.map((rule, index) => [rule, index])),
    }
    preparedOf.set(shard.name, prepared)
    known?.watch.close()
    return prepared
  }
  return {
    ask: (shard, rules, slot) => {
      const { watch, placeOf } = prepare(shard)
      if (rules.length === placeOf.size) return watch.ask(slot)
      return watch.ask(
        slot,
        rules.map((rule) => placeOf.get(rule) ?? notPrepared(rule)),
      )
    },
    isApart: ({ name }, slot) => slot.getTime() < (apartUntil.get(name) ?? 0),
    setApart: ({ name }, slot) => void apartUntil.set(name, slot.getTime() + apartForMs),
  }
}

function notPrepared({ rule }: CompiledRule): never {
  throw new Error(`the question of ${rule.name} was not prepared`)
}
