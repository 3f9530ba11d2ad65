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

/** Asks about all rules at once. One that spoils the common query is found by halving, and fails alone. */
export async function observeRules(
  telemetry: Telemetry,
  rules: readonly Rule[],
  slot: Date,
): Promise<Observation> {
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
    return rules.length === 1 ? { answered: [], unanswered } : observeHalves(telemetry, rules, slot)
  }
}

async function observeHalves(telemetry: Telemetry, rules: readonly Rule[], slot: Date): Promise<Observation> {
  const middle = Math.floor(rules.length / 2)
  const first = await observeRules(telemetry, rules.slice(0, middle), slot)
  const second = await observeRules(telemetry, rules.slice(middle), slot)
  const storeProblem = first.storeProblem ?? second.storeProblem
  return {
    answered: [...first.answered, ...second.answered],
    unanswered: [...first.unanswered, ...second.unanswered],
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
