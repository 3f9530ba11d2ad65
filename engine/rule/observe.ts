import { type CheckState, type HealthEvent, serviceEvent } from '#engine/event.ts'
import type { Labels } from '#engine/labels.ts'
import { makeStorable } from '#engine/storable-text.ts'
import { scopeEntity, scopeLabels } from './condition.ts'
import { definitionOf } from './conditions/registry.ts'
import { factsOf } from './facts-of.ts'
import { formatQuantity } from './quantity.ts'
import type { Reading } from './condition.ts'
import type { Policy, Rule } from './rule.ts'

export const failingState = { CRITICAL: 'critical', WARNING: 'warning', INFO: 'info' } as const

/** A reading of a rule, as an Event; undefined where its policy says that no data keeps what was. */
export function observe(rule: Rule, reading: Reading, at: Date): HealthEvent | undefined {
  const state = reading.verdict === 'no-data' ? byPolicy(rule, rule.noDataPolicy) : failing(rule, reading)
  return state && toEvent(rule, state, at, { reading, summary: reading.summary ?? summarize(rule, reading) })
}

/** What it failed for is not there any more; `entity` as its check was named. */
export function observeGone(rule: Rule, entity: string, at: Date): HealthEvent {
  // The rule as a whole fails where it could not be checked at all.
  const isTheRule = entity.toLowerCase() === entityOf(rule).toLowerCase()
  const summary = isTheRule ? 'It can be checked again.' : `${entity} is not there any more.`
  return toEvent(rule, 'ok', at, { entity, summary })
}

/** The entity of a reading's check. */
export function entityOf(rule: Pick<Rule, 'condition'>, subject?: string): string {
  return scopeEntity(definitionOf(rule.condition).scope(rule.condition), subject)
}

/** The same where the question itself could not be answered; `because` is told to people. */
export function observeError(rule: Rule, because: string, at: Date): HealthEvent | undefined {
  const state = byPolicy(rule, rule.errorPolicy)
  return state && toEvent(rule, state, at, { summary: `Could not be checked: ${because}` })
}

function failing(rule: Rule, { verdict, severity = rule.severity }: Reading): CheckState {
  return verdict === 'breach' ? failingState[severity] : 'ok'
}

function byPolicy(rule: Rule, policy: Policy): CheckState | undefined {
  if (policy === 'KEEP_LAST') return undefined
  return policy === 'FIRE' ? failingState[rule.severity] : 'ok'
}

function toEvent(
  rule: Rule,
  state: CheckState,
  at: Date,
  told: { reading?: Reading; entity?: string; summary: string },
): HealthEvent {
  const scope = definitionOf(rule.condition).scope(rule.condition)
  const { reading, summary, entity = scopeEntity(scope, reading?.subject) } = told
  return serviceEvent({
    environment: rule.environment,
    entity,
    check: rule.id,
    state,
    at,
    title: rule.name,
    summary: makeStorable(summary),
    labels: {
      ...scopeLabels(scope),
      ...storable(reading?.labels),
      environment: rule.environment,
      rule: rule.name,
    },
    ...(reading && {
      measurement: {
        value: reading.value,
        threshold: reading.threshold,
        unit: reading.unit,
        breachesAbove: reading.breachesAbove,
      },
    }),
    facts: factsOf(rule, reading?.facts),
    ruleId: rule.id,
    initialFailureDelaySeconds: Math.max(rule.forDurationSeconds, reading?.forSeconds ?? 0),
    repeatFailureDelaySeconds: rule.reNotifyMinutes * 60,
  })
}

/** Names of agents, nodes and pods are what others wrote. */
function storable(labels: Labels = {}): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, makeStorable(value)]))
}

function summarize(rule: Rule, { value, unit }: Reading): string {
  const definition = definitionOf(rule.condition)
  const measure = definition.measure(rule.condition)
  const limit = definition.limit(rule.condition)
  if (value === null) return `${measure}: no data (fires ${limit}).`
  return `${measure} is ${formatQuantity(value, unit)}; it fires ${limit}.`
}
