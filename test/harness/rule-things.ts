import { nothingFails, type Reading } from '#engine/rule/condition.ts'
import { type Condition, definitionOf } from '#engine/rule/conditions/registry.ts'
import { parseRuleDraft, type RuleDraft } from '#engine/rule/rule.ts'
import type { Answer } from '#engine/telemetry/telemetry.ts'

export interface Draft {
  readonly kind: string
  readonly [field: string]: unknown
}

/** A rule of this condition, with what else is of no matter. */
export function parsed(condition: Draft, parts: object = {}) {
  return parseRuleDraft({
    name: 'A rule',
    severity: 'WARNING',
    conditionKind: condition.kind,
    condition,
    ...parts,
  })
}

export function draftOf(condition: Draft, parts: object = {}): RuleDraft {
  const result = parsed(condition, parts)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.draft
}

export function judge(condition: Condition, answer: Answer, standing = nothingFails): readonly Reading[] {
  return definitionOf(condition).judge(condition, answer, standing)
}
