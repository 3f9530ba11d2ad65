import { saveRule } from '#db/repositories/rules.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { previewRule } from '#engine/rule/preview.ts'
import type { Rule, RuleDraft } from '#engine/rule/rule.ts'
import { slotsUntil } from '#engine/telemetry/picture-slots.ts'
import type { RulePreview } from '#engine/view/rule-form.ts'
import type { Desk } from './desk.ts'

const previewHours = 3
const previewPoints = 120

/** Asks the very question the evaluator will ask, for the last hours. */
export async function testRule({ telemetry, clock }: Desk, draft: RuleDraft, environment: string): Promise<RulePreview> {
  const now = clock()
  const question = definitionOf(draft.condition).question(draft.condition, environment, now)
  const slots = slotsUntil(now, Math.max(previewHours * 3600, 6 * question.windowSeconds), previewPoints)
  return previewRule(draft, slots, await telemetry.trace(question, slots))
}

interface NewRule {
  readonly id: string
  readonly environment: string
  readonly createdBy: string
}

export async function saveNewRule({ db, clock }: Desk, draft: RuleDraft, { id, environment, createdBy }: NewRule): Promise<Rule> {
  const rule: Rule = { ...draft, id, environment, createdAt: clock() }
  await saveRule(db, rule, createdBy)
  return rule
}
