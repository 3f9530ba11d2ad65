import type { Alert } from '#engine/alert.ts'
import { type AlertWords, notificationWords, type Wording } from '#engine/message/wording.ts'
import { withFacts } from '#engine/facts.ts'
import { definitionOf } from './conditions/registry.ts'
import { factsOf } from './facts-of.ts'
import { entityOf } from './observe.ts'
import type { Rule } from './rule.ts'

/** How a rule's alert would be told, on an alert of its kind that is made up. */
export function exampleWords(rule: Rule, environment: Wording['environment'], now: Date): AlertWords {
  const definition = definitionOf(rule.condition)
  const alert: Alert = {
    id: '00000000-0000-4000-8000-000000000000',
    checkId: '00000000-0000-4000-8000-000000000001',
    incidentId: null,
    sharesIncident: false,
    ruleId: rule.id,
    environment: rule.environment,
    state: 'FIRING',
    severity: rule.severity,
    title: rule.name,
    summary: `${definition.measure(rule.condition)}: an example; it fires ${definition.limit(rule.condition)}.`,
    entity: entityOf(rule),
    labels: { rule: rule.name },
    measurement: { value: 42, threshold: 10, unit: definition.unit(rule.condition), breachesAbove: true },
    facts: withFacts(definition.variables, factsOf(rule)),
    startedAt: now,
    firedAt: now,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    lastNotifiedAt: now,
    picture: null,
  }
  return notificationWords(alert, {
    rule,
    environment,
    titleTemplate: rule.notificationTitleTmpl,
    messageTemplate: rule.notificationMessageTmpl,
  })
}
