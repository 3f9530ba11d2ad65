import type { PerExchange } from '#engine/rule/conditions/exchange-match.ts'
import { isPerExchange } from '#engine/rule/per-exchange.ts'
import type { Rule } from '#engine/rule/rule.ts'

export type PerExchangeRule = Rule & { readonly condition: PerExchange }

export function isPerExchangeRule(rule: Rule): rule is PerExchangeRule {
  return isPerExchange(rule.condition)
}
