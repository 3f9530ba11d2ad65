import type { Reading } from '#engine/rule/condition.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import type { Rule } from '#engine/rule/rule.ts'
import {
  type Answer,
  type Question,
  type Telemetry,
  TelemetryUnavailable,
} from '#engine/telemetry/telemetry.ts'

export interface Observation {
  readonly answered: readonly { readonly rule: Rule; readonly reading: Reading }[]
  readonly unanswered: readonly { readonly rule: Rule; readonly because: string }[]
  /** Why the store as a whole could not be asked; no rule is to blame. */
  readonly storeProblem?: string
}

/**
 * Asks about all rules at once, but for each scan by itself: a window too long for the store then blinds the rules that
 * look through it, and no others.
 */
export async function observeRules(
  telemetry: Telemetry,
  rules: readonly Rule[],
  slot: Date,
): Promise<Observation> {
  const scans = Map.groupBy(rules, (rule) => scanOf(rule, slot))
  return together(await Promise.all([...scans.values()].map((scan) => observeScan(telemetry, scan, slot))))
}

/** Rules about the same relation and window share a scan. One that cannot even be asked about is on its own, and fails alone. */
function scanOf(rule: Rule, slot: Date): string {
  try {
    const { about, windowSeconds } = questionOf(rule, slot)
    return `${about} ${windowSeconds}`
  } catch {
    return rule.id
  }
}

/** One that spoils the common query is found by halving. */
async function observeScan(telemetry: Telemetry, rules: readonly Rule[], slot: Date): Promise<Observation> {
  try {
    const answers = await telemetry.ask(rules.map((rule) => questionOf(rule, slot)))
    return {
      answered: rules.map((rule, index) => ({ rule, reading: judge(rule, answers[index]) })),
      unanswered: [],
    }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    const unanswered = rules.map((rule) => ({ rule, because }))
    if (error instanceof TelemetryUnavailable) return { answered: [], unanswered, storeProblem: because }
    if (rules.length === 1) return { answered: [], unanswered }
    const middle = Math.floor(rules.length / 2)
    const first = await observeScan(telemetry, rules.slice(0, middle), slot)
    return together([first, await observeScan(telemetry, rules.slice(middle), slot)])
  }
}

function together(parts: readonly Observation[]): Observation {
  const storeProblem = parts.find((part) => part.storeProblem !== undefined)?.storeProblem
  return {
    answered: parts.flatMap(({ answered }) => answered),
    unanswered: parts.flatMap(({ unanswered }) => unanswered),
    ...(storeProblem !== undefined && { storeProblem }),
  }
}

export function questionOf(rule: Rule, slot: Date): Question {
  return definitionOf(rule.condition).question(rule.condition, rule.environment, slot)
}

function judge({ condition }: Rule, answer: Answer | undefined): Reading {
  if (!answer) throw new Error(`a ${condition.kind} rule was not answered`)
  return definitionOf(condition).judge(condition, answer)
}
