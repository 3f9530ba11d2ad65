import { createRequire } from 'node:module'
import type * as AdaptiveCards from 'adaptivecards'

const { AdaptiveCard, HostConfig, SerializationContext, Versions } = createRequire(import.meta.url)(
  'adaptivecards/dist/adaptivecards.js',
) as typeof AdaptiveCards

/** What Teams takes, as far as its documents and our trials say. */
export const teamsLimits = {
  /** Of our own making, for a card in a message; see the renderer. */
  cardBytes: 24 * 1024,
  /** In a dialog a card is no message; with every field full of emoji this is still far from the Connector's limit. */
  dialogBytes: 40 * 1024,
  /** The Connector answers 413 above this, counted as UTF-16. */
  activityUtf16Bytes: 100 * 1024,
  actionsInARow: 6,
  title: 80,
  choices: 25,
} as const

/** Everything wrong with a card, as sentences; an empty list means that Teams would show it. */
export function teamsCardProblems(card: unknown, maxBytes: number = teamsLimits.cardBytes): string[] {
  const text = JSON.stringify(card)
  const seen = JSON.stringify(card, (name, value: unknown) => (name === 'data' ? undefined : value))
  const bytes = Buffer.byteLength(text)
  return [
    ...(bytes > maxBytes ? [`${bytes} bytes of card`] : []),
    ...(text.isWellFormed() && !/\\ud[89a-f]/i.test(text) ? [] : ['half a surrogate pair']),
    ...(/\\u00[01]|\\[btr]/.test(seen.replaceAll('\\\\', '')) ? ['a control character'] : []),
    ...(/[\u202A-\u202E\u2066-\u2069]/u.test(seen) ? ['a bidirectional override'] : []),
    ...parserProblems(card),
    ...elements(card).flatMap(elementProblems),
    ...doubles(elements(card).flatMap(({ id }) => (typeof id === 'string' ? [id] : []))),
  ]
}

/** What Microsoft's own parser objects to: unknown types, bad values of enumerations, inputs without an id. */
function parserProblems(card: unknown): string[] {
  const parsed = new AdaptiveCard()
  parsed.hostConfig = new HostConfig({ actions: { maxActions: teamsLimits.actionsInARow } })
  const context = new SerializationContext(Versions.v1_5)
  parsed.parse(card, context)
  const parsing = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message)
  return [...parsing, ...parsed.validateProperties().validationEvents.map(({ message }) => message)]
}

export interface FoundElement {
  readonly type: string
  readonly [property: string]: unknown
}

/** Every object with a type, however deep. */
export function elements(value: unknown): FoundElement[] {
  if (Array.isArray(value)) return value.flatMap(elements)
  if (typeof value !== 'object' || value === null) return []
  const below = Object.entries(value).flatMap(([name, child]) => (name === 'data' ? [] : elements(child)))
  return 'type' in value ? [value as FoundElement, ...below] : below
}

function elementProblems(element: FoundElement): string[] {
  const { type } = element
  const text = element['text']
  const title = element['title']
  const actions = element['actions']
  const choices = element['choices']
  return [
    ...(type === 'TextBlock' && (typeof text !== 'string' || text === '')
      ? ['a TextBlock without text']
      : []),
    ...(type.startsWith('Action.') ? titleProblems(title) : []),
    ...(Array.isArray(actions) && actions.length > teamsLimits.actionsInARow
      ? [`${actions.length} actions`]
      : []),
    ...(Array.isArray(choices) && choices.length > teamsLimits.choices ? [`${choices.length} choices`] : []),
  ]
}

function titleProblems(title: unknown): string[] {
  if (typeof title !== 'string' || title.trim() === '') return ['a button without a title']
  return title.length > teamsLimits.title * 2 ? [`a title of ${title.length}`] : []
}

function doubles(ids: readonly string[]): string[] {
  return ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `two inputs called ${id}`)
}
