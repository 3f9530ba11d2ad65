import { parseDuration } from '#engine/duration.ts'
import { readClauses } from './clauses.ts'
import type { Command, CommandName, SilenceUntil } from './command.ts'
import { complain, type Complaint } from './complaint.ts'
import { contactReaders, wordsBehindFirst } from './parse-contact.ts'
import { readRoute } from './parse-route.ts'
import { commandNames, commands, commandWord } from './registry.ts'

type Parsed = Command | Complaint

export function isComplaint(parsed: Parsed): parsed is Complaint {
  return 'complaint' in parsed
}

/**
 * `silence 42 1h` → a Command, or a complaint that says what to type instead. `/alert`, `alert` and `@Tocsin alert`
 * in front are all the same to us (a platform may or may not strip them), and so is upper case.
 */
export function parseCommand(text: string): Parsed {
  const words = tidy(text)
  if (words.length === 0) return { name: 'help' }
  const name = longestFirst.find((name) => isCalled(name, words, text))
  if (!name) return unknownCommand(words)
  return readers[name](words.slice(commands[name].words.length), () => typedAfter(name, text))
}

/** `silence expire` is no way to silence something called "expire", and `contact add media` adds one called "media". */
const longestFirst = commandNames.toSorted(
  (one, other) =>
    commands[other].words.length - commands[one].words.length ||
    commands[other].infix.length - commands[one].infix.length,
)

function isCalled(name: CommandName, tidied: readonly string[], text: string): boolean {
  const { words, infix } = commands[name]
  if (!words.every((word, at) => tidied[at] === word)) return false
  if (infix.length === 0) return true
  const behind = wordsBehindFirst(typedAfter(name, text))
  return infix.every((word, at) => behind[at]?.toLowerCase() === word)
}

function typedAfter(name: CommandName, text: string): string {
  return after(rawWords(text), commands[name].words.length)
}

/** What follows the words of the command as it was typed: labels, patterns and reasons mind case and spaces. */
function after(text: string, words: number): string {
  let rest = text
  for (let count = 0; count < words; count += 1) rest = rest.replace(/^(?:\s*@\S*)*\s*\S+/u, '')
  return rest.trim()
}

function rawWords(text: string): string {
  const spoken = text.replace(/^(?:\s*@\S*)+/u, '').replace(/^\s*\//u, '')
  return tidy(spoken)[0] === undefined || firstWord(spoken) !== commandWord ? spoken : after(spoken, 1)
}

function firstWord(text: string): string | undefined {
  return /\S+/u.exec(text.normalize('NFKC').toLowerCase())?.[0]
}

function tidy(text: string): string[] {
  const [first = '', ...rest] = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '' && !word.startsWith('@'))
  const words = [first.replace(/^\//, ''), ...rest].filter(Boolean)
  return words[0] === commandWord ? words.slice(1) : words
}

type Reader = (rest: readonly string[], typed: () => string) => Parsed

const readers: Record<CommandName, Reader> = {
  list: ([which = 'open', ...more]) => {
    const only = filters.get(which)
    if (!only || more.length > 0)
      return complain(
        'list',
        `"${[which, ...more].join(' ')}" is not a list I know; try open, firing, acknowledged or resolved.`,
      )
    return { name: 'list', only }
  },
  show: (rest) =>
    withNumbers('show', rest, ([number, ...more]) => {
      if (more.length > 0) return complain('show', 'I can show one alert at a time.')
      return { name: 'show', number }
    }),
  acknowledge: (rest) =>
    oneOfSeveral('acknowledge', rest) ??
    withNumbers('acknowledge', rest, (numbers) => ({ name: 'acknowledge', numbers })),
  resolve: (rest) =>
    oneOfSeveral('resolve', rest) ??
    withNumbers('resolve', rest, (numbers) => ({ name: 'resolve', numbers })),
  silence: (rest, typed) =>
    /[=~]/.test(rest[0] ?? '')
      ? silenceWhere(typed())
      : withNumbers('silence', rest.slice(0, 1), ([number]) => silence(number, rest.slice(1))),
  'silence-where': (_rest, typed) => silenceWhere(typed()),
  'silence-extend': ([id, ...rest]) => {
    const seconds = parseDuration(rest.filter((word) => word !== 'for' && word !== 'by').join(' '))
    if (id === undefined) return complain('silence-extend', 'Which silence?')
    if (seconds === undefined || seconds < 60)
      return complain('silence-extend', 'How much longer? Say 30m, 4h or 2d.')
    return { name: 'silence-extend', id, seconds }
  },
  'silence-expire': (rest) =>
    withOne('silence-expire', rest, 'Which silence?', (id) => ({ name: 'silence-expire', id })),
  'silence-list': () => ({ name: 'silence-list' }),
  maintenance: (_rest, typed) => {
    const clauses = readClauses(typed())
    if (clauses.what === '') return complain('maintenance', 'Of what?')
    if (clauses.for === undefined && clauses.until === undefined)
      return complain('maintenance', 'For how long?')
    return { name: 'maintenance', clauses }
  },
  'maintenance-end': (rest) =>
    withOne('maintenance-end', rest, 'Which maintenance?', (id) => ({ name: 'maintenance-end', id })),
  'maintenance-list': () => ({ name: 'maintenance-list' }),
  'contact-list': () => ({ name: 'contact-list' }),
  ...contactReaders,
  entity: (_rest, typed) =>
    withText('entity', typed(), 'Which entity?', (entity) => ({ name: 'entity', entity })),
  who: (_rest, typed) => withText('who', typed(), 'Which check?', (subject) => ({ name: 'who', subject })),
  explain: (_rest, typed) =>
    withText('explain', typed(), 'Which alert or check?', (subject) => ({ name: 'explain', subject })),
  routes: () => ({ name: 'routes' }),
  route: ([row, severity, ...rest], typed) => readRoute([row, severity, ...rest], typed()),
  test: (_rest, typed) => withText('test', typed(), 'Which check?', (subject) => ({ name: 'test', subject })),
  'rule-list': () => ({ name: 'rule-list' }),
  'rule-create': () => ({ name: 'rule-create' }),
  'rule-show': (_rest, typed) => aboutRule('rule-show', typed()),
  'rule-enable': (_rest, typed) => aboutRule('rule-enable', typed()),
  'rule-disable': (_rest, typed) => aboutRule('rule-disable', typed()),
  'rule-delete': (_rest, typed) => {
    const isSure = /\s+sure$/iu.test(typed())
    return withText('rule-delete', typed().replace(/\s+sure$/iu, ''), 'Which rule?', (rule) => ({
      name: 'rule-delete',
      rule,
      isSure,
    }))
  },
  help: ([...topic]) => (topic.length > 0 ? { name: 'help', topic: topic.join(' ') } : { name: 'help' }),
}

const filters: ReadonlyMap<string, 'open' | 'firing' | 'acknowledged' | 'resolved'> = new Map([
  ['open', 'open'],
  ['firing', 'firing'],
  ['acked', 'acknowledged'],
  ['acknowledged', 'acknowledged'],
  ['resolved', 'resolved'],
])

function aboutRule(name: 'rule-show' | 'rule-enable' | 'rule-disable', typed: string): Parsed {
  return withText(name, typed, 'Which rule?', (rule) => ({ name, rule }))
}

/** `42.2`: the second alert of #42. */
function oneOfSeveral(
  name: 'acknowledge' | 'resolve',
  [word, ...more]: readonly string[],
): Parsed | undefined {
  const [, number, only] = /^#?(\d{1,9})\.(\d{1,6})$/.exec(word ?? '') ?? []
  if (number === undefined || only === undefined) return undefined
  if (more.length > 0) return complain(name, 'One alert of an incident at a time, please.')
  return { name, numbers: [Number(number)], only: Number(only) }
}

function withNumbers(
  name: CommandName,
  words: readonly string[],
  read: (numbers: [number, ...number[]]) => Parsed,
): Parsed {
  const numbers = words.map(parseNumber)
  const [first, ...more] = numbers
  if (first === undefined)
    return complain(name, words[0] ? `"${words[0]}" is not an alert number.` : 'Which alert?')
  const rest = more.filter((number) => number !== undefined)
  if (rest.length < more.length)
    return complain(name, `"${words[numbers.indexOf(undefined)]}" is not an alert number.`)
  return read([first, ...new Set(rest.filter((number) => number !== first))])
}

/** Numbers live in a 32-bit column; anything beyond it names no alert. */
function parseNumber(word: string): number | undefined {
  const digits = /^#?(\d{1,9})$/.exec(word)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function silence(number: number, rest: readonly string[]): Parsed {
  const words = rest.filter((word) => word !== 'for' && word !== 'until')
  if (words.length === 0) return { name: 'silence', number }
  const until = parseSilenceUntil(words.join(' '))
  if (!until)
    return complain(
      'silence',
      `"${rest.join(' ')}" is not a length of time I know; try 30m, 4h, 2d or tomorrow.`,
    )
  return { name: 'silence', number, until }
}

/** Whether the labels and times make sense is found out where a clock and a time zone are at hand. */
function silenceWhere(typed: string): Parsed {
  return typed === '' ? { name: 'silence-where' } : { name: 'silence-where', clauses: readClauses(typed) }
}

function withOne(
  name: CommandName,
  [id, ...more]: readonly string[],
  question: string,
  read: (id: string) => Parsed,
): Parsed {
  if (id === undefined) return complain(name, question)
  return more.length > 0 ? complain(name, 'One at a time, please.') : read(id)
}

function withText(
  name: CommandName,
  typed: string,
  question: string,
  read: (text: string) => Parsed,
): Parsed {
  return typed === '' ? complain(name, question) : read(typed.replaceAll(/^"|"$/g, ''))
}

/** The longest silence one word can make; longer ones are a maintenance, planned with its own command. */
const longestSilenceMinutes = 30 * 24 * 60

export function parseSilenceUntil(text: string): SilenceUntil | undefined {
  if (text.trim().toLowerCase() === 'tomorrow') return { kind: 'tomorrow' }
  const seconds = parseDuration(text)
  if (seconds === undefined || seconds < 60 || seconds > longestSilenceMinutes * 60) return undefined
  return { kind: 'minutes', minutes: Math.round(seconds / 60) }
}

function unknownCommand(words: readonly string[]): Complaint {
  return { complaint: `I do not know "${words.join(' ').slice(0, 80)}". Try /${commandWord} help` }
}
