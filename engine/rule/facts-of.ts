import type { Facts } from '#engine/facts.ts'
import { makeStorable } from '#engine/storable-text.ts'
import { scopeFacts } from './condition.ts'
import { definitionOf } from './conditions/registry.ts'
import type { Rule } from './rule.ts'

/** Each of the variables its kind has, empty where nobody knows: whoever names another one has to be told apart from that. */
export function factsOf({ condition }: Pick<Rule, 'condition'>, seen: Facts = {}): Facts {
  const { variables, scope, facts } = definitionOf(condition)
  const known: Facts = { ...scopeFacts(scope(condition)), ...facts?.(condition), ...seen }
  return Object.fromEntries(Object.keys(variables).map((name) => [name, makeStorable(known[name] ?? '')]))
}
