import { bodyNamesOf, ruleNames, variableWarnings } from '#engine/message/template-names.ts'
import { definitionOf } from './conditions/registry.ts'
import type { RuleDraft } from './rule.ts'

type Templated = Pick<
  RuleDraft,
  'condition' | 'notificationTitleTmpl' | 'notificationMessageTmpl' | 'webhooks'
>

/** Names in a rule's templates that alerts of its kind have no values for. */
export function templateWarnings(rule: Templated): string[] {
  const { variables } = definitionOf(rule.condition)
  const ofWords = (['notificationTitleTmpl', 'notificationMessageTmpl'] as const).flatMap((field) =>
    variableWarnings(rule[field], field, ruleNames(variables)),
  )
  const ofBodies = rule.webhooks.flatMap(({ bodyOverride }, index) =>
    variableWarnings(bodyOverride ?? '', `webhooks.${index}.bodyOverride`, bodyNamesOf(variables)),
  )
  return [...ofWords, ...ofBodies]
}
