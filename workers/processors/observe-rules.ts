import { nothingFails, type Reading, type Standing } from '#engine/rule/condition.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import type { Rule } from '#engine/rule/rule.ts'
import {
  type Answer,
  type Question,
  type Store,
  storeOf,
  type Telemetry,
  TelemetryUnavailable,
} from '#engine/telemetry/telemetry.ts'

export interface Observation {
  readonly answered: readonly { readonly rule: Rule; readonly readings: readonly Reading[] }[]
  readonly unanswered: readonly { readonly rule: Rule; readonly because: string }[]
  /** The stores that were asked, and why one as a whole could not be; no rule is to blame for that. */
  readonly stores: ReadonlyMap<Store, string | undefined>
}

/**
 * Asks about all rules at once, but for each scan by itself: a window too long for the store then blinds the rules that
 * look through it, and no others.
 */
export async function observeRules(
  telemetry: Telemetry,
  rules: readonly Rule[],
  slot: Date,
  standingOf: StandingOf = () => nothingFails,
): Promise<Observation> {
  const looking = { telemetry, slot, standingOf }
  const scans = Map.groupBy(rules, scanOf)
  return together(await Promise.all([...scans.values()].map((scan) => observeScan(looking, scan))))
}

type StandingOf = (rule: Rule) => Standing

interface Looking {
  readonly telemetry: Telemetry
  readonly slot: Date
  readonly standingOf: StandingOf
}

/** Rules about the same relation and window share a scan. One that cannot even be asked about is on its own, and fails alone. */
function scanOf(rule: Rule): string {
  try {
    const { about, windowSeconds } = questionOf(rule)
    return `${about} ${windowSeconds}`
  } catch {
    return rule.id
  }
}

/** One that spoils the common query is found by halving. */
async function observeScan(looking: Looking, rules: readonly Rule[]): Promise<Observation> {
  const { telemetry, slot, standingOf } = looking
  try {
    const answers = await telemetry.ask(rules.map(questionOf), slot)
    return {
      answered: rules.map((rule, index) => ({
        rule,
        readings: judge(rule, answers[index], standingOf(rule)),
      })),
      unanswered: [],
      stores: new Map(rules.slice(0, 1).map((rule) => [storeOf(questionOf(rule)), undefined])),
    }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    const unanswered = rules.map((rule) => ({ rule, because }))
    if (error instanceof TelemetryUnavailable)
      return { answered: [], unanswered, stores: new Map([[error.store, because]]) }
    if (rules.length === 1) return { answered: [], unanswered, stores: new Map() }
    const middle = Math.floor(rules.length / 2)
    const first = await observeScan(looking, rules.slice(0, middle))
    return together([first, await observeScan(looking, rules.slice(middle))])
  }
}

function together(parts: readonly Observation[]): Observation {
  const stores = new Map<Store, string | undefined>()
  for (const [store, problem] of parts.flatMap((part) => [...part.stores]))
    stores.set(store, problem ?? stores.get(store))
  return {
    answered: parts.flatMap(({ answered }) => answered),
    unanswered: parts.flatMap(({ unanswered }) => unanswered),
    stores,
  }
}

export function questionOf(rule: Rule): Question {
  return definitionOf(rule.condition).question(rule.condition, rule.environment)
}

function judge({ condition }: Rule, answer: Answer | undefined, standing: Standing): readonly Reading[] {
  if (!answer) throw new Error(`a ${condition.kind} rule was not answered`)
  return definitionOf(condition).judge(condition, answer, standing)
}
