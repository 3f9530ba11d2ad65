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

export function ruleList(rules: readonly WatchedRule[]): Message {
  if (rules.length === 0) {
    return message({
      headline: 'Nothing is watched yet.',
      lines: [['A rule says what deserves a person.']],
      actions: [{ kind: 'button', label: 'Create a rule', command: 'rule create', style: 'primary' }],
    })
  }
  const failing = rules.filter((watched) => watched.firing).length
  return message({
    headline: `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, ${failing} failing now`,
    items: rules.slice(0, 40).map(item),
    notes: rules.length > 40 ? [[`${rules.length - 40} more not shown.`]] : [],
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
