import { NotFound } from '#db/errors.ts'
import { lockRule, removeRule, replaceRule, saveRule } from '#db/repositories/rules.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { previewNow, previewRule } from '#engine/rule/preview.ts'
import type { Rule, RuleDraft } from '#engine/rule/rule.ts'
import { previewSlots } from '#engine/telemetry/picture-slots.ts'
import type { RulePreview } from '#engine/view/rule-form.ts'
import type { Desk } from './desk.ts'

/** Asks the very question the evaluator will ask: for the last hours, or for now where the store does not know its past. */
export async function testRule(
  { telemetry, clock }: Desk,
  draft: RuleDraft,
  environment: string,
): Promise<RulePreview> {
  const now = clock()
  const { question: questionOf, hasPast } = definitionOf(draft.condition)
  const question = questionOf(draft.condition, environment)
  if (!hasPast) return previewNow(draft, await telemetry.ask([question], now))
  const slots = previewSlots(now, question.windowSeconds)
  return previewRule(draft, slots, await telemetry.trace(question, slots))
}

interface NewRule {
  readonly id: string
  readonly environment: string
  readonly createdBy: string
}

export async function saveNewRule(
  { db, clock }: Desk,
  draft: RuleDraft,
  { id, environment, createdBy }: NewRule,
): Promise<Rule> {
  const rule: Rule = { ...draft, id, environment, createdAt: clock() }
  await saveRule(db, rule, createdBy)
  return rule
}

interface RulePlace {
  readonly environment: string
  readonly id: string
}

/** The rule as it is once changed. The workers learn of it with the next slot. */
export async function changeRule(
  { db, clock }: Desk,
  { environment, id }: RulePlace,
  change: (rule: Rule) => Rule,
): Promise<Rule> {
  return db.transaction(async (tx) => {
    const known = await lockRule(tx, environment, id)
    if (!known) throw new NotFound(`rule ${id} in ${environment}`)
    const changed = change(known)
    await replaceRule(tx, changed, clock())
    return changed
  })
}

/** Its alerts stay as they are, for people to resolve. */
export async function deleteRule({ db, clock }: Desk, { environment, id }: RulePlace): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await lockRule(tx, environment, id))) throw new NotFound(`rule ${id} in ${environment}`)
    await removeRule(tx, id, clock())
  })
}
