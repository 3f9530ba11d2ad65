import type { CommandName } from './command.ts'
import type { CommandArgument } from './description.ts'
import { isComplaint, parseCommand } from './parse.ts'
import { commandNames, commands, commandWord, usage } from './registry.ts'

export interface Completion {
  /** The whole line as it stands once this is chosen; ends in a space where something must follow. */
  readonly line: string
  readonly label: string
  readonly about: string
}

export interface KnownIncident {
  readonly number: number
  readonly title: string
  readonly state: string
}

const longestList = 8

/**
 * What may come next on a command line, best first; nothing once the line needs nothing more. What was typed is
 * kept as it is, with or without `/alert` in front, because both are understood.
 */
export function complete(
  text: string,
  { openIncidents }: { readonly openIncidents: readonly KnownIncident[] },
): readonly Completion[] {
  const { prefix, words, last } = takeApart(text)
  const name = longestFirst.find((one) => commands[one].words.every((word, at) => words[at] === word))
  const found = name ? completeCommand(name, { words, last, openIncidents }) : completeWords(words, last)
  const before = [prefix, ...words].filter(Boolean).join(' ')
  return found
    .map((one) => ({ ...one, line: [before, one.line].filter(Boolean).join(' ') }))
    .filter((one) => one.line.trimEnd() !== text.trimEnd() || one.line.length > text.length)
    .slice(0, longestList)
}

/** Whether a line can be sent as it stands. */
export function isComplete(text: string): boolean {
  return text.trim() !== '' && !isComplaint(parseCommand(text))
}

/** Those with words between their arguments are offered behind the first one. */
const plainlyCalled = commandNames.filter((name) => commands[name].infix.length === 0)
const longestFirst = plainlyCalled.toSorted(
  (one, other) => commands[other].words.length - commands[one].words.length,
)

interface Typed {
  readonly prefix: string
  /** The words that are finished, that is, followed by a space. */
  readonly words: readonly string[]
  /** The word still being typed; empty after a space. */
  readonly last: string
}

function takeApart(text: string): Typed {
  const all = text.toLowerCase().trimStart().split(/\s+/)
  const last = all.at(-1) ?? ''
  const finished = all.slice(0, -1)
  const slashed = finished[0] === `/${commandWord}` || finished[0] === commandWord
  if (slashed) return { prefix: finished[0] ?? '', words: finished.slice(1), last }
  if (finished.length === 0 && last.startsWith('/'))
    return { prefix: `/${commandWord}`, words: [], last: afterSlash(last) }
  return { prefix: '', words: finished, last }
}

/** `/al` is still on its way to `/alert`; `/li` is somebody in a hurry. */
function afterSlash(word: string): string {
  return `/${commandWord}`.startsWith(word) ? '' : word.slice(1)
}

function completeWords(words: readonly string[], last: string): Completion[] {
  return plainlyCalled
    .filter((name) => words.every((word, at) => commands[name].words[at] === word))
    .filter((name) => commands[name].words.length > words.length)
    .filter((name) => commands[name].words.slice(words.length).join(' ').startsWith(last))
    .map((name) => {
      const rest = commands[name].words.slice(words.length).join(' ')
      const needsMore = commands[name].arguments.some((argument) => argument.required)
      return { line: needsMore ? `${rest} ` : rest, label: usage(name), about: commands[name].about }
    })
}

function completeCommand(
  name: CommandName,
  { words, ...rest }: Omit<Place, 'given'> & { readonly words: readonly string[] },
): Completion[] {
  const given = words.slice(commands[name].words.length)
  const found = [...completeArgument(name, { given, ...rest }), ...completeInfix(name, given, rest.last)]
  return found.length > 0 ? found : completeWords(words, rest.last)
}

/** `contact ada ` → `media`, `hears` and what else can be said of a contact. */
function completeInfix(name: CommandName, [first, ...given]: readonly string[], last: string): Completion[] {
  if (first === undefined) return []
  return commandNames
    .filter((other) => commands[other].words.join(' ') === commands[name].words.join(' '))
    .filter((other) => given.every((word, at) => commands[other].infix[at] === word))
    .map((other) => ({ other, rest: commands[other].infix.slice(given.length).join(' ') }))
    .filter(({ rest }) => rest !== '' && rest.startsWith(last))
    .map(({ other, rest }) => {
      const needsMore = commands[other].arguments.slice(1).some((argument) => argument.required)
      return { line: needsMore ? `${rest} ` : rest, label: usage(other), about: commands[other].about }
    })
}

interface Place {
  readonly given: readonly string[]
  readonly last: string
  readonly openIncidents: readonly KnownIncident[]
}

/** Commands whose last argument may be said again: `ack 42 43`. */
const takesMany: ReadonlySet<CommandName> = new Set(['acknowledge', 'resolve'])

function completeArgument(name: CommandName, place: Place): Completion[] {
  const parameters = commands[name].arguments
  const argument = parameters[place.given.length] ?? (takesMany.has(name) ? parameters.at(-1) : undefined)
  if (!argument) return []
  const isLast =
    argument === parameters.at(-1) || !parameters.slice(place.given.length + 1).some((one) => one.required)
  return completers[argument.completes](name, place).map((one) =>
    isLast ? one : { ...one, line: `${one.line} ` },
  )
}

const completers: Record<CommandArgument['completes'], (name: CommandName, place: Place) => Completion[]> = {
  incident: (name, { given, last, openIncidents }) => {
    const taken = new Set(given.map((word) => Number(word.replace('#', ''))))
    return openIncidents
      .filter((one) => !taken.has(one.number) && (name !== 'acknowledge' || !isAcknowledged(one)))
      .filter((one) => answersTo(one, last))
      .map((one) => ({
        line: `${one.number}`,
        label: `#${one.number}`,
        about: `${one.title} · ${one.state.toLowerCase()}`,
      }))
  },
  duration: (_, { last }) => durations.filter((one) => one.line.startsWith(last)),
  filter: (_, { last }) => filters.filter((one) => one.line.startsWith(last)),
  command: (_, { last }) => completeWords([], last).map((one) => ({ ...one, line: one.line.trimEnd() })),
  nothing: () => [],
}

function isAcknowledged(incident: KnownIncident): boolean {
  return incident.state.toUpperCase() === 'ACKNOWLEDGED'
}

/** People remember what an alert is called better than its number. */
function answersTo(incident: KnownIncident, word: string): boolean {
  if (/^#?\d*$/.test(word)) return `${incident.number}`.startsWith(word.replace('#', ''))
  return incident.title.toLowerCase().includes(word)
}

const durations: readonly Completion[] = [
  { line: '30m', label: '30m', about: 'for 30 minutes' },
  { line: '1h', label: '1h', about: 'for an hour' },
  { line: '4h', label: '4h', about: 'for 4 hours' },
  { line: 'tomorrow', label: 'tomorrow', about: 'until tomorrow morning' },
]

const filters: readonly Completion[] = [
  { line: 'open', label: 'open', about: 'everything that is not settled' },
  { line: 'firing', label: 'firing', about: 'what nobody has taken yet' },
  { line: 'acknowledged', label: 'acknowledged', about: 'what somebody is looking at' },
  { line: 'resolved', label: 'resolved', about: 'what is over' },
]
