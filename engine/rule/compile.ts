import type { Question } from '#engine/telemetry/telemetry.ts'
import { type Cadence, cadenceOf } from './cadence.ts'
import type { ConditionDefinition } from './condition.ts'
import { type Condition, type ConditionKind, definitionOf } from './conditions/registry.ts'
import type { Rule } from './rule.ts'

/** A rule with all that stays the same from one evaluation to the next. */
export interface CompiledRule {
  readonly rule: Rule
  readonly revision: number
  readonly kind: ConditionKind
  readonly definition: ConditionDefinition<Condition>
  readonly question: Question | { readonly unaskable: string }
  /** Rules that are evaluated together. */
  readonly shard: string
  /** Of them those that the store answers with one look. */
  readonly scan: string
  readonly cadence: Cadence
  /** While it fires, where that is another. */
  readonly firingCadence: Cadence | undefined
}

export function compileRule(rule: Rule, revision: number): CompiledRule {
  const definition = definitionOf(rule.condition)
  const question = ask(definition, rule)
  const isAskable = 'about' in question
  const firingSeconds = definition.firingIntervalSeconds?.(rule.condition)
  return {
    rule,
    revision,
    kind: rule.condition.kind,
    definition,
    question,
    shard: isAskable ? question.about : 'unaskable',
    // One that cannot even be asked about is on its own, and fails alone.
    scan: isAskable ? `${question.about} ${question.windowSeconds}` : rule.id,
    cadence: cadenceOf(rule.id, rule.evaluationIntervalSeconds),
    firingCadence:
      firingSeconds === undefined || firingSeconds >= rule.evaluationIntervalSeconds
        ? undefined
        : cadenceOf(rule.id, firingSeconds),
  }
}

function ask(definition: ConditionDefinition<Condition>, rule: Rule): CompiledRule['question'] {
  try {
    return definition.question(rule.condition, rule.environment)
  } catch (error) {
    return { unaskable: error instanceof Error ? error.message : String(error) }
  }
}

export function questionOf({ question, rule }: CompiledRule): Question {
  if ('about' in question) return question
  throw new Error(`${rule.name} cannot be asked about: ${question.unaskable}`)
}
