import { type Read, readClass } from './character-class.ts'
import { LiteralParts } from './literal-parts.ts'

/**
 * The pattern as the multi-pattern engine must be given it to find exactly what `match` finds; undefined where nobody has shown that
 * the two agree, and `match` itself has to look.
 *
 * ClickHouse's `match` is RE2, its `multiMatch…` Vectorscan, whose language is nearly PCRE's. They differ in `$`, `\s`, `\v`, in `^`
 * and `$` under `(?m)`, in classes under `(?i)`; Vectorscan is wrong about some negated classes, `match` about repeated characters
 * beyond ASCII. So this is a list of what is known to be the same (`log-patterns.test.ts` goes on looking for a counter-example);
 * everything else is not on it.
 */
export function sharedSyntax(pattern: string): string | undefined {
  const [flags = '', ignoresCase = ''] = /^\(\?s?(i?)s?\)/.exec(pattern) ?? []
  const reading: Reading = {
    rest: pattern.slice(flags.length),
    ignoresCase: ignoresCase !== '',
    literals: new LiteralParts(),
    isAtStart: true,
    isBeyondAscii: false,
    isDoubtful: false,
  }
  let shared = ignoresCase === '' ? '' : '(?i)'
  while (reading.rest !== '') {
    const part = anchor(reading) ?? structure(reading) ?? atom(reading)
    if (part === undefined || reading.isDoubtful) return undefined
    shared += part
  }
  return reading.literals.suffice ? shared : undefined
}

interface Reading {
  rest: string
  readonly ignoresCase: boolean
  readonly literals: LiteralParts
  /** Of an alternative that is in no group. */
  isAtStart: boolean
  isBeyondAscii: boolean
  /** Nobody has shown that what was just read is the same for both. */
  isDoubtful: boolean
}

function take(reading: Reading, expression: RegExp): string | undefined {
  const [found] = expression.exec(reading.rest) ?? []
  if (found !== undefined) reading.rest = reading.rest.slice(found.length)
  return found
}

/** `$` is the end of the text for RE2, and for PCRE also where a last line break follows. */
function anchor(reading: Reading): string | undefined {
  if (reading.literals.depth > 0) return undefined
  if (reading.isAtStart && take(reading, /^(?:\^|\\A)(?![*+?{])/) !== undefined) {
    reading.isAtStart = false
    return '^'
  }
  return take(reading, /^(?:\$|\\z)(?=\||$)/) === undefined ? undefined : '\\z'
}

function structure(reading: Reading): string | undefined {
  const token = take(reading, /^(?:\(\?:|\((?!\?)|\)|\|)/)
  if (token === undefined) return undefined
  const { literals } = reading
  reading.isAtStart = token === '|' && literals.depth === 0
  if (token === '|') literals.alternative()
  else if (token !== ')') literals.open()
  else {
    const repeated = repetition(reading)
    reading.isDoubtful = !literals.close(repeated) || (repeated !== '' && reading.isBeyondAscii)
    return token + repeated
  }
  return token
}

function atom(reading: Reading): string | undefined {
  reading.isAtStart = false
  const boundary = take(reading, /^\\b(?![*+?{])/)
  if (boundary !== undefined) {
    reading.literals.other()
    return boundary
  }
  const beyond = take(reading, /^[\u0080-\u{10ffff}]/u)
  if (beyond !== undefined) {
    reading.isBeyondAscii = true
    reading.isDoubtful = reading.ignoresCase || repetition(reading) !== ''
    reading.literals.character('')
    return beyond
  }
  const read = oneCharacter(reading.rest) ?? readClass(reading.rest, reading.ignoresCase)
  if (read === undefined) return undefined
  reading.rest = reading.rest.slice(read.length)
  const repeated = repetition(reading)
  if (read.isCertain) reading.literals.character(repeated)
  else reading.literals.other()
  return read.text + repeated
}

function repetition(reading: Reading): string {
  return take(reading, /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/) ?? ''
}

function oneCharacter(rest: string): Read | undefined {
  if (rest.startsWith('.')) return { length: 1, text: '.', isCertain: false }
  const [plain] = /^[^\\^$[|()*+?{\u0080-\uffff]/.exec(rest) ?? []
  if (plain === undefined) return undefined
  return { length: 1, text: plain === ']' || plain === '}' ? `\\${plain}` : plain, isCertain: true }
}
