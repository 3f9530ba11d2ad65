import type { Database } from '#db/client.ts'
import { findRevision } from '#db/repositories/rule-revision.ts'
import { listRulesSince, type RuleChange } from '#db/repositories/rules.ts'
import { type CompiledRule, compileRule } from '#engine/rule/compile.ts'
import type { ConditionKind } from '#engine/rule/conditions/registry.ts'

/** Rules that are evaluated together. */
export interface Shard {
  readonly name: string
  readonly rules: readonly CompiledRule[]
  readonly kinds: readonly ConditionKind[]
}

/** All rules that are switched on, as of one revision. */
export interface BookedRules {
  readonly revision: number
  readonly shards: ReadonlyMap<string, Shard>
}

/** The rules in this process's memory, ready to be asked about; what changed since is read whenever somebody looks. */
export interface RuleBook {
  current(): Promise<BookedRules>
}

export function openRuleBook(db: Database): RuleBook {
  const compiled = new Map<string, CompiledRule>()
  let booked: BookedRules = { revision: -1, shards: new Map() }
  let reading: Promise<BookedRules> | undefined
  const learn = ({ rule, revision, isWatched }: RuleChange): readonly string[] => {
    const before = compiled.get(rule.id)
    const now = isWatched ? compileRule(rule, revision) : undefined
    if (now) compiled.set(rule.id, now)
    else compiled.delete(rule.id)
    return [before?.shard, now?.shard].filter((name) => name !== undefined)
  }
  const read = async (): Promise<BookedRules> => {
    if ((await findRevision(db)) === booked.revision) return booked
    const changes = await listRulesSince(db, booked.revision)
    const touched = new Set(changes.flatMap(learn))
    // A change that was committed while we read is among them, and its revision above the one we asked for.
    const revision = changes.reduce((newest, change) => Math.max(newest, change.revision), booked.revision)
    booked = { revision, shards: reshard(booked.shards, [...compiled.values()], touched) }
    return booked
  }
  return {
    current: () => {
      reading ??= read().finally(() => (reading = undefined))
      return reading
    },
  }
}

/** Shards nobody changed stay the very same, and what was prepared for them holds. */
function reshard(
  before: ReadonlyMap<string, Shard>,
  rules: readonly CompiledRule[],
  touched: ReadonlySet<string>,
): ReadonlyMap<string, Shard> {
  return new Map(
    [...Map.groupBy(rules, ({ shard }) => shard)].map(([name, some]) => {
      const known = touched.has(name) ? undefined : before.get(name)
      return [name, known ?? { name, rules: some, kinds: [...new Set(some.map(({ kind }) => kind))] }]
    }),
  )
}
