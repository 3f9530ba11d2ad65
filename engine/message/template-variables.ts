import { namesIn } from './checked-template.ts'
import type { Subject } from './subject.ts'

/** Names that every template may use, with an example of each: the guide's, and ours. */
const templateExamples = {
  'rule.id': '2f0c8f9e-6f5c-4a7e-9a3e-0c9d1f1f0a11',
  'rule.name': 'TimeoutException spike',
  'rule.severity': 'WARNING',
  'rule.description': 'Too many timeouts in the order service.',
  'alert.id': '8c1a5e2b-3f7d-4b6a-8d49-5f2f6c7b9e10',
  'alert.state': 'FIRING',
  'alert.firedAt': '2026-04-22T16:39:49.000Z',
  'alert.resolvedAt': '',
  'alert.currentValue': '7',
  'alert.threshold': '5',
  'alert.link': 'https://alerts.example.com/#show=42',
  'env.slug': 'prod',
  'env.name': 'Production',
  'alert.number': '42',
  'alert.title': 'TimeoutException spike',
  'alert.summary': '7 lines in 5 min.',
  'alert.severity': 'WARNING',
  'alert.entity': 'orders-service',
  'alert.reason': 'first',
  'alert.acknowledgedBy': '',
  'alert.count': '1',
} as const satisfies Readonly<Record<string, string>>

const lists: Readonly<Record<string, readonly string[]>> = {
  alerts: [
    'id',
    'state',
    'severity',
    'title',
    'summary',
    'entity',
    'startedAt',
    'resolvedAt',
    'value',
    'threshold',
  ],
}

const groups: ReadonlySet<string> = new Set(['rule', 'alert', 'env', 'labels', '.'])

/** Names nobody will fill in: they render as nothing, so whoever saves the template is told. `labels.<name>` is anything. */
function unknownVariables(template: string): string[] {
  const unknown = namesIn(template).filter(({ name, sections }) => {
    if (Object.hasOwn(templateExamples, name) || Object.hasOwn(lists, name) || groups.has(name)) return false
    if (name.startsWith('labels.')) return false
    return !sections.some((section) => belongsTo(section, name))
  })
  return [...new Set(unknown.map(({ name }) => name))]
}

/** Inside `{{#alerts}}` or `{{#alert}}` the rest of a name is enough. */
function belongsTo(section: string, name: string): boolean {
  return (
    (lists[section] ?? []).includes(name) ||
    section === 'labels' ||
    name.startsWith('labels.') ||
    Object.hasOwn(templateExamples, `${section}.${name}`)
  )
}

export function variableWarnings(template: string, field: string): string[] {
  const known = Object.keys(templateExamples).join(', ')
  return unknownVariables(template).map(
    (name) =>
      `${field}: {{${name}}} is not available and renders as nothing. There are: ${known}, labels.<name>, and {{#alerts}}.`,
  )
}

type View = Readonly<Record<string, unknown>>

/** What a template is filled in with, of an incident as it is told. */
export function templateView(subject: Subject): View {
  const [worst] = subject.alerts
  return {
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
    labels: subject.labels,
    alerts: subject.alerts.map((alert) => ({ ...alert, resolvedAt: alert.resolvedAt ?? '' })),
  }
}

/** The same without an incident, for previews. */
export function exampleView(): View {
  const view: Record<string, Record<string, unknown>> = {}
  for (const [name, value] of Object.entries(templateExamples)) {
    const [group = '', field = ''] = name.split('.')
    view[group] = { ...view[group], [field]: value }
  }
  const labels = { app: 'orders-service' }
  return { ...view, labels, alerts: [{ ...view['alert'], labels }] }
}
