import type { Facts } from '#engine/facts.ts'
import { everyVariable } from '#engine/rule/conditions/registry.ts'
import { namesIn, type NamedPlace } from './checked-template.ts'

/** Names that every template may use, each with an example: the guide's, and ours. */
const everywhere = {
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
  'alert.title': 'TimeoutException spike',
  'alert.summary': '7 lines in 5 min.',
  'alert.severity': 'WARNING',
  'alert.entity': 'orders-service',
  'alert.acknowledgedBy': '',
} as const satisfies Facts

/** Of the incident it is told in, and of the words of its rule: a body may hold what those templates made. */
const inBodies = {
  'alert.number': '42',
  'alert.reason': 'first',
  'alert.count': '1',
  'contact.id': 'ada',
  'contact.address': '+491701234567',
  'notification.title': '[WARNING] TimeoutException spike — prod',
  'notification.message':
    'Alert 8c1a5e2b-3f7d-4b6a-8d49-5f2f6c7b9e10 fired at 2026-04-22T16:39:49.000Z. Value: 7, Threshold: 5',
} as const satisfies Facts

/** What a template may say. */
export interface TemplateNames {
  readonly examples: Facts
  /** Sections that repeat, and what may be said inside each. */
  readonly lists: Readonly<Record<string, readonly string[]>>
}

/** In the title and the message of a rule; `variables` are those of its kind. */
export function ruleNames(variables: Facts): TemplateNames {
  return { examples: { ...everywhere, ...variables }, lists: {} }
}

const alertFields = [
  'id',
  'state',
  'severity',
  'title',
  'summary',
  'entity',
  'startedAt',
  'firedAt',
  'resolvedAt',
  'value',
  'threshold',
]

/** In the body a rule gives a webhook. */
export function bodyNamesOf(variables: Facts): TemplateNames {
  return { examples: { ...everywhere, ...inBodies, ...variables }, lists: { alerts: alertFields } }
}

/** In the body of a webhook that is sent for rules of every kind. */
export const bodyNames: TemplateNames = bodyNamesOf(everyVariable)

const anything: ReadonlySet<string> = new Set(['labels', '.'])

/** Names that nobody will fill in: they stay as they are written, so whoever saves the template is told. `labels.<name>` is anything. */
export function variableWarnings(template: string, field: string, names: TemplateNames): string[] {
  const unknown = namesIn(template).filter((place) => !isKnown(place, names))
  return [...new Set(unknown.map(({ name }) => name))].map(
    (name) =>
      `${field}: {{${name}}} is not available here and stays as it is written. ${nearest(name, names)}`,
  )
}

function isKnown({ name, sections }: NamedPlace, { examples, lists }: TemplateNames): boolean {
  if (Object.hasOwn(examples, name) || Object.hasOwn(lists, name) || anything.has(name)) return true
  if (name.startsWith('labels.') || sections.includes('labels')) return true
  if (Object.keys(examples).some((known) => known.startsWith(`${name}.`))) return true
  return sections.some(
    (section) => (lists[section] ?? []).includes(name) || Object.hasOwn(examples, `${section}.${name}`),
  )
}

const mostNamed = 3

/** `There are {{exchange.id}}, {{exchange.routeId}} …`: those of the same group, then those that are spelled most alike. */
function nearest(name: string, { examples, lists }: TemplateNames): string {
  const [group = ''] = name.split('.')
  const known = [...Object.keys(examples), ...Object.keys(lists)]
  const farness = (other: string) => editDistance(name, other) - (other.startsWith(`${group}.`) ? 5 : 0)
  const near = known.toSorted((one, other) => farness(one) - farness(other)).slice(0, mostNamed)
  return `Nearest are ${near.map((other) => `{{${other}}}`).join(', ')}.`
}

/** Levenshtein's: how many letters to add, take away or change; of overlong names the beginning. */
function editDistance(one: string, other: string): number {
  const letters = Array.from(one.slice(0, 60).toLowerCase())
  let above = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [row, letter] of letters.entries()) {
    const line = [row + 1]
    for (const [column, target] of Array.from(other.toLowerCase()).entries()) {
      const change = (above[column] ?? 0) + (letter === target ? 0 : 1)
      line.push(Math.min(change, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1))
    }
    above = line
  }
  return above.at(-1) ?? 0
}
