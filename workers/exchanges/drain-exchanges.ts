import { insertCursors, listCursors } from '#db/repositories/exchange-cursors.ts'
import { cursorOf, type ExchangeCursor, firstCursor, sweepKey } from '#engine/exchange/cursor.ts'
import { isPerExchangeRule, type PerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import type { CompiledRule } from '#engine/rule/compile.ts'
import { TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { nothingObserved, type Observation, together } from '#workers/evaluation/observation.ts'
import type { ExchangeReader } from './exchange-reader.ts'
import { sweepExchanges } from './sweep-exchanges.ts'
import type { Follower, Sweeping } from './sweeping.ts'

type Outcome = 'read' | { readonly because: unknown }

/**
 * Of these rules those that tell of every exchange: each exactly once, however often it is reported and whoever ends or begins
 * meanwhile. Reads on from where each rule was, in bounded steps; what is left comes with the next slot.
 */
export async function drainExchanges(
  hands: Sweeping['hands'] & { readonly exchanges?: ExchangeReader },
  compiled: readonly CompiledRule[],
  slot: Date,
): Promise<Observation> {
  const byId = new Map(compiled.map((one) => [one.rule.id, one]))
  const rules = compiled.map(({ rule }) => rule).filter(isPerExchangeRule)
  const observe = (some: readonly PerExchangeRule[], outcome: Outcome) =>
    observed(
      some.flatMap(({ id }) => byId.get(id) ?? []),
      outcome,
    )
  const { exchanges: reader } = hands
  if (rules.length === 0) return nothingObserved
  if (!reader) return observe(rules, { because: new Error('no ClickHouse is set up to read exchanges from') })
  try {
    const instants = { now: hands.clock(), storeNow: await reader.log.now(), slot }
    const sweeping = { hands, reader, instants }
    const sweeps = Map.groupBy(await follow(sweeping, rules), ({ cursor }) => sweepKey(cursor))
    const parts: Observation[] = []
    for (const sweep of sweeps.values())
      for (const { followers, outcome } of await sweepOrHalve(sweeping, sweep))
        parts.push(
          observe(
            followers.map(({ rule }) => rule),
            outcome,
          ),
        )
    return together([nothingObserved, ...parts])
  } catch (error) {
    return observe(rules, { because: error })
  }
}

/** What was told of was taken in with how far was read; here is left whether it could be read at all. */
function observed(rules: readonly CompiledRule[], outcome: Outcome): Observation {
  if (outcome === 'read')
    return {
      answered: rules.map((rule) => ({ rule, readings: [] })),
      unanswered: [],
      stores: new Map([['clickhouse', undefined]]),
      silences: new Map(),
    }
  const { because: error } = outcome
  const because = error instanceof Error ? error.message : String(error)
  return {
    answered: [],
    unanswered: rules.map((rule) => ({ rule, because, wasAsked: true })),
    stores: new Map(error instanceof TelemetryUnavailable ? [[error.store, because]] : []),
    silences: new Map(),
  }
}

interface Swept {
  readonly followers: readonly Follower[]
  readonly outcome: Outcome
}

/** One that spoils the others is found by halving, and fails alone. */
async function sweepOrHalve(sweeping: Sweeping, followers: readonly Follower[]): Promise<Swept[]> {
  try {
    await sweepExchanges(sweeping, followers)
    return [{ followers, outcome: 'read' }]
  } catch (error) {
    if (error instanceof TelemetryUnavailable || followers.length <= 1)
      return [{ followers, outcome: { because: error } }]
    const middle = Math.floor(followers.length / 2)
    const first = await sweepOrHalve(sweeping, followers.slice(0, middle))
    return [...first, ...(await sweepOrHalve(sweeping, followers.slice(middle)))]
  }
}

/** Each rule with how far it was read. One that was read for this slot or a later one has nothing to do. */
async function follow(
  { hands: { db }, reader: { reach }, instants }: Sweeping,
  rules: readonly PerExchangeRule[],
): Promise<Follower[]> {
  const ids = rules.map(({ id }) => id)
  const known = cursorsByRule(await listCursors(db, ids))
  const fresh = rules.filter(({ id }) => !known.has(id)).map((rule) => firstCursor(rule, instants, reach))
  await insertCursors(db, fresh)
  const all = fresh.length === 0 ? known : cursorsByRule(await listCursors(db, ids))
  return rules.flatMap((rule) => {
    const stored = all.get(rule.id)
    if (!stored || stored.lastSlot >= instants.slot) return []
    return { rule, stored, cursor: cursorOf(rule, stored, reach) }
  })
}

function cursorsByRule(cursors: readonly ExchangeCursor[]): ReadonlyMap<string, ExchangeCursor> {
  return new Map(cursors.map((cursor) => [cursor.ruleId, cursor]))
}
