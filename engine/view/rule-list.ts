import { formatDuration } from '#engine/duration.ts'
import { type Item, type Message, message, type Tone } from '#engine/message/message.ts'
import { type Condition, definitionOf } from '#engine/rule/conditions/registry.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import { scopeEntity } from '#engine/rule/condition.ts'
import type { ExchangeReading } from '#engine/exchange/cursor.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { shortId } from './short-id.ts'

export interface WatchedRule {
  readonly rule: Rule
  readonly lastEvaluatedAt: Date | null
  /** Why the newest evaluation gave no answer, in words for a person. */
  readonly lastError: string | null
  readonly firing: boolean
  /** Of one that tells of every single exchange. */
  readonly exchanges?: ExchangeReading
}

/** `Error rate over 1 min above 5 % on payment-service/authorize-card`. */
export function describeCondition(condition: Condition): string {
  const definition = definitionOf(condition)
  const place = definition.place?.(condition) ?? scopeEntity(definition.scope(condition))
  return `${definition.measure(condition)} ${definition.limit(condition)} on ${place}`
}

/** As many as a message is read for. */
export const mostRulesListed = 40

interface ListedRules {
  /** Those to show, in their order. */
  readonly rules: readonly WatchedRule[]
  readonly total: number
  readonly firing: number
}

export function ruleList({ rules, total, firing }: ListedRules): Message {
  if (rules.length === 0) {
    return message({
      headline: 'Nothing is watched yet.',
      lines: [['A rule says what deserves a person.']],
      actions: [{ kind: 'button', label: 'Create a rule', command: 'rule create', style: 'primary' }],
    })
  }
  return message({
    headline: `${formatQuantity(total, 'count')} ${total === 1 ? 'rule' : 'rules'}, ${formatQuantity(firing, 'count')} failing now`,
    items: rules.slice(0, mostRulesListed).map(item),
    notes:
      total > mostRulesListed
        ? [[`${formatQuantity(total - mostRulesListed, 'count')} more not shown.`]]
        : [],
    actions: [{ kind: 'button', label: 'Create a rule', command: 'rule create' }],
  })
}

function item({ rule, firing, lastError, exchanges }: WatchedRule): Item {
  const every = `checked every ${formatDuration(rule.evaluationIntervalSeconds)}`
  return {
    tone: ruleTone(rule, firing),
    line: [{ strong: rule.name }, rule.enabled ? '' : ' (switched off)', ' ', { code: shortId(rule.id) }],
    detail: [
      `${rule.severity} · ${describeCondition(rule.condition)} · ${every}`,
      ...(exchanges && exchanges.backlog > 0
        ? [` · ${formatQuantity(exchanges.backlog, 'count')} exchanges still to be told`]
        : []),
      ...(lastError === null ? [] : [` · could not be checked: ${lastError}`]),
    ],
  }
}

export function ruleTone(rule: Rule, firing: boolean): Tone {
  if (!firing) return rule.enabled ? 'resolved' : 'neutral'
  return rule.severity === 'CRITICAL' ? 'critical' : rule.severity === 'WARNING' ? 'warning' : 'info'
}
