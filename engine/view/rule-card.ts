import { formatDuration } from '#engine/duration.ts'
import { type Action, type Fact, type Line, type Message, message } from '#engine/message/message.ts'
import { type Condition, definitionOf } from '#engine/rule/conditions/registry.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { describeCondition, ruleTone, type WatchedRule } from './rule-list.ts'
import { shortId } from './short-id.ts'

/** One rule with all that was set, for `rule show`. */
export function ruleCard(watched: WatchedRule): Message {
  const { rule, firing, lastError } = watched
  return message({
    tone: ruleTone(rule, firing),
    headline: `${rule.name}${rule.enabled ? '' : ' (switched off)'}`,
    lines: [
      [describeCondition(rule.condition), '.'],
      ...(rule.description === '' ? [] : [[rule.description]]),
      ...(lastError === null ? [] : [[`Could not be checked: ${lastError}`]]),
    ],
    facts: facts(watched),
    actions: actions(rule),
  })
}

function facts({ rule, lastEvaluatedAt }: WatchedRule): Fact[] {
  const { condition, forDurationSeconds, reNotifyMinutes, noDataPolicy, errorPolicy } = rule
  return [
    fact('Severity', rule.severity),
    ...recovery(condition),
    ...samples(condition),
    fact('Checked every', formatDuration(rule.evaluationIntervalSeconds)),
    ...(forDurationSeconds > 0 ? [fact('Only after', formatDuration(forDurationSeconds))] : []),
    fact('Told again', reNotifyMinutes > 0 ? `every ${formatDuration(reNotifyMinutes * 60)}` : 'never'),
    fact('No data', policyWords[noDataPolicy]),
    fact('Cannot be checked', policyWords[errorPolicy]),
    ...(rule.webhooks.length > 0 ? [fact('Webhooks', String(rule.webhooks.length))] : []),
    ...(rule.targets.length > 0
      ? [fact('For', rule.targets.map(({ targetId }) => targetId).join(', '))]
      : []),
    ...(lastEvaluatedAt ? [{ label: 'Checked last', value: checkedAt(lastEvaluatedAt) }] : []),
    fact('Id', shortId(rule.id)),
  ]
}

const policyWords: Record<Rule['noDataPolicy'], string> = {
  KEEP_LAST: 'keeps what was',
  FIRE: 'fires',
  RESOLVE: 'is over',
}

/** Of a condition that is over later than it stops being above its threshold. */
function recovery(condition: Condition): Fact[] {
  if (!('recoveryThreshold' in condition) || condition.recoveryThreshold === undefined) return []
  const { comparator } = { comparator: 'GT', ...condition }
  const side = comparator === 'LT' || comparator === 'LTE' ? 'at or above' : 'at or below'
  const unit = definitionOf(condition).unit(condition)
  return [fact('Over', `${side} ${formatQuantity(condition.recoveryThreshold, unit)}`)]
}

function samples(condition: Condition): Fact[] {
  if (!('minimumSamples' in condition) || condition.minimumSamples === undefined) return []
  return [fact('Judged from', `${formatQuantity(condition.minimumSamples, 'count')} samples on`)]
}

function checkedAt(at: Date): Line {
  return [{ time: at.toISOString(), style: 'relative' }]
}

function fact(label: string, value: string): Fact {
  return { label, value: [value] }
}

function actions({ id, enabled }: Rule): Action[] {
  const switching = enabled
    ? { label: 'Switch off', command: `rule disable ${id}` }
    : { label: 'Switch on', command: `rule enable ${id}` }
  return [
    { kind: 'button', ...switching },
    { kind: 'button', label: 'Delete', command: `rule delete ${id}`, style: 'danger' },
  ]
}
