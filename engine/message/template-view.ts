import type { Recipient } from '#engine/connection/connection.ts'
import { type Facts, nestedFacts } from '#engine/facts.ts'
import { everyVariable } from '#engine/rule/conditions/registry.ts'
import type { Subject } from './subject.ts'
import { bodyNames } from './template-names.ts'

type View = Readonly<Record<string, unknown>>

/** One body is sent for alerts of every kind, so what the others know is nothing, and no mistake. */
const blanks: Facts = Object.fromEntries(Object.keys(everyVariable).map((name) => [name, '']))

/** What the body of a webhook is filled in with, of an incident as it is told; `recipient`: the contact it is carried to. */
export function templateView(subject: Subject, recipient?: Recipient): View {
  const [worst] = subject.alerts
  return {
    ...nestedFacts({ ...blanks, ...subject.facts }),
    notification: subject.notification ?? { title: subject.title, message: subject.summary },
    rule: subject.rule ?? { id: '', name: subject.title, description: '', severity: subject.severity },
    env: { slug: subject.environment, name: subject.environmentName ?? subject.environment },
    alert: {
      id: worst?.id ?? subject.incidentId,
      state: subject.status.toUpperCase(),
      firedAt: worst?.firedAt ?? worst?.startedAt ?? subject.startedAt,
      resolvedAt: subject.resolvedAt ?? '',
      currentValue: worst?.value ?? '',
      threshold: worst?.threshold ?? '',
      link: subject.link ?? '',
      number: subject.number,
      title: subject.title,
      summary: subject.summary,
      severity: subject.severity,
      entity: subject.entity,
      reason: subject.reason,
      acknowledgedBy: subject.acknowledgedBy ?? '',
      count: subject.alertCount,
    },
    contact: { id: recipient?.id ?? '', address: recipient?.address ?? '' },
    labels: subject.labels,
    alerts: subject.alerts.map((alert) => ({ ...alert, resolvedAt: alert.resolvedAt ?? '' })),
  }
}

/** The same without an incident, for previews. */
export function exampleView(): View {
  const view = nestedFacts(bodyNames.examples)
  const labels = { app: 'orders-service' }
  return { ...view, labels, alerts: [{ ...Object(view['alert']), labels }] }
}
