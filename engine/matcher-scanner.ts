import type { Matcher } from './matcher.ts'

/** Where a matcher text stops making sense, for the person who typed it. */
export class MatcherTextError extends Error {
  constructor(text: string, position: number, remedy: string) {
    const found =
      position < text.length
        ? `found ${JSON.stringify(text.slice(position, position + 12))}`
        : 'found the end'
    super(`at character ${position + 1}, ${found}: ${remedy}`)
  }
}

/** Alertmanager's newer grammar (0.27): names and values are bare words or Go-quoted text of any script. */
export interface MatcherScanner {
  readonly matcher: () => Matcher
  readonly take: (mark: string) => boolean
  readonly isAtEnd: () => boolean
  readonly fail: (remedy: string) => never
}

const bareWord = /[^\s{}!=~,\\"'`]+/y
const operator = /=~|!=|!~|=/y
const space = /\s*/y

export function scanMatchers(text: string): MatcherScanner {
  let position = 0
  const run = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position
    const [found] = pattern.exec(text) ?? []
    position += found?.length ?? 0
    return found
  }
  const fail = (remedy: string): never => {
    throw new MatcherTextError(text, position, remedy)
  }
  const word = (remedy: string): string => {
    run(space)
    if (text[position] !== '"') return run(bareWord) ?? fail(remedy)
    const quoted = unquote(text, position)
    position = quoted.end
    return quoted.value
  }
  const matcher = (): Matcher => {
    const name = word('a label name is due here, such as team or "my label"')
    run(space)
    const sign = (run(operator) ?? fail('an operator is due here: =, !=, =~ or !~')) as Matcher['operator']
    return { name, operator: sign, value: word('a value is due here; put it in double quotes, "" for none') }
  }
  const take = (mark: string): boolean => {
    run(space)
    const isThere = text.startsWith(mark, position)
    if (isThere) position += mark.length
    return isThere
  }
  const isAtEnd = () => (run(space), position === text.length)
  return { matcher, take, isAtEnd, fail }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
}
const codePoint = /(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|x([0-7][\da-fA-F]))/y

function unquote(text: string, start: number): { value: string; end: number } {
  let value = ''
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charAt(index)
    if (character === '"') return { value, end: index + 1 }
    if (character === '\n')
      throw new MatcherTextError(text, index, 'a line break inside quotes is written \\n')
    if (character !== '\\') {
      value += character
      continue
    }
    const escaped = unescape(text, index + 1)
    value += escaped.value
    index += escaped.length
  }
  throw new MatcherTextError(
    text,
    text.length,
    `the quote opened at character ${start + 1} is never closed: add a double quote`,
  )
}

function unescape(text: string, position: number): { value: string; length: number } {
  const plain = escapes[text.charAt(position)]
  if (plain !== undefined) return { value: plain, length: 1 }
  codePoint.lastIndex = position
  const [whole, short, long, ascii] = codePoint.exec(text) ?? []
  const code = Number.parseInt(short ?? long ?? ascii ?? '', 16)
  const isCharacter = whole !== undefined && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  if (!isCharacter)
    throw new MatcherTextError(
      text,
      position - 1,
      'not an escape inside quotes: write a plain backslash as \\\\',
    )
  return { value: String.fromCodePoint(code), length: whole.length }
}
