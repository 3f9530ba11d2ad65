import { patternProblem, type Matcher } from './matcher.ts'
import { MatcherTextError, scanMatchers } from './matcher-scanner.ts'

export type ParsedMatcher = { readonly matcher: Matcher } | { readonly problem: string }
export type ParsedMatchers = { readonly matchers: readonly Matcher[] } | { readonly problem: string }

/**
 * One matcher as amtool and the API's `filter` write it: `team="a"`, `team=~a.*`, `"my label"!="b"`. Like Alertmanager
 * in its default mode, the classic reading wins where there is one, and the newer one (0.27) takes what is left.
 */
export function parseMatcher(text: string): ParsedMatcher {
  const read = attempt(
    text,
    () => classicMatcher(text),
    () => {
      const scanner = scanMatchers(text)
      const matcher = scanner.matcher()
      return scanner.isAtEnd()
        ? matcher
        : scanner.fail('one matcher ends here; put a value with such characters in double quotes')
    },
  )
  if ('problem' in read) return read
  const problem = unusable(read.value)
  return problem === undefined ? { matcher: read.value } : { problem }
}

/** A list: `{team="a", severity=~"warning|critical"}`, with or without the braces; a comma may end it. */
export function parseMatchers(text: string): ParsedMatchers {
  const read = attempt(
    text,
    () => classicParts(text).map(classicMatcher),
    () => scanList(text),
  )
  if ('problem' in read) return read
  const problem = read.value.map(unusable).find((found) => found !== undefined)
  return problem === undefined ? { matchers: read.value } : { problem }
}

/** What both grammars read back as the same matcher. */
export function printMatcher({ name, operator, value }: Matcher): string {
  return `${classicName.test(name) ? name : quote(name)}${operator}${quote(value)}`
}

export function printMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(printMatcher).join(',')}}`
}

const classicName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

function unusable({ operator, value }: Matcher): string | undefined {
  if (value.includes('\0') || !value.isWellFormed())
    return 'the value holds a NUL or half a character: remove it'
  return operator === '=~' || operator === '!~' ? patternProblem(value) : undefined
}

const longestText = 20_000

type Attempt<T> = { readonly value: T } | { readonly problem: string }

/** The first words of a complaint are Alertmanager's own, which people search for; then where, and what to do. */
function attempt<T>(text: string, classic: () => T, newer: () => T): Attempt<T> {
  if (text.length > longestText)
    return { problem: `matchers of more than ${longestText} characters are not read: split them` }
  try {
    return { value: classic() }
  } catch (classicError) {
    try {
      return { value: newer() }
    } catch (error) {
      if (!(error instanceof MatcherTextError) || !(classicError instanceof ClassicError)) throw error
      return { problem: `${classicError.message} (${error.message})` }
    }
  }
}

class ClassicError extends Error {}

const classicShape = /^[ \t\n\f\r]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t\n\f\r]*(=~|!=|!~|=)[ \t\n\f\r]*([^]*)$/

function classicMatcher(text: string): Matcher {
  const [, name, operator, rest] = classicShape.exec(text) ?? []
  if (name === undefined || operator === undefined || rest === undefined) {
    throw new ClassicError(`bad matcher format: ${text}`)
  }
  return { name, operator: operator as Matcher['operator'], value: classicValue(trimSpaceEnd(rest)) }
}

/** By hand: a pattern ending in `\s*$` takes quadratic time over hostile runs of spaces. */
function trimSpaceEnd(text: string): string {
  let end = text.length
  while (end > 0 && ' \t\n\f\r'.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

/** Quotes are optional; inside or outside them only `\n`, `\"` and `\\` are escapes, so that `\d` reaches a pattern whole. */
function classicValue(raw: string): string {
  const isQuoted = raw.startsWith('"')
  const body = isQuoted ? raw.slice(1) : raw
  const [whole = ''] = /^(?:\\[^]|[^"\\]|\\$)*/.exec(body) ?? []
  if (body.slice(whole.length) !== (isQuoted ? '"' : '')) {
    throw new ClassicError(`matcher value contains unescaped double quote: ${raw}`)
  }
  return whole.replaceAll(/\\([n"\\])/g, (_, character: string) => (character === 'n' ? '\n' : character))
}

function classicParts(text: string): string[] {
  const body = text.replace(/^\{/, '').replace(/\}$/, '')
  const parts = body.match(/(?:"(?:\\[^]|[^"\\]|\\$)*(?:"|$)|\\[^,]|[^",\\]|\\)+|,/g) ?? []
  const texts: string[] = []
  let isDue = true
  for (const part of parts) {
    if (part === ',' && isDue) texts.push('')
    if (part !== ',') texts.push(part)
    isDue = part === ','
  }
  return texts
}

function scanList(text: string): Matcher[] {
  const scanner = scanMatchers(text)
  const isBraced = scanner.take('{')
  const isOver = () => (isBraced ? scanner.take('}') : scanner.isAtEnd())
  const matchers: Matcher[] = []
  while (!isOver()) {
    matchers.push(scanner.matcher())
    if (scanner.take(',')) continue
    if (!isOver()) scanner.fail(isBraced ? 'a comma or } is due here' : 'a comma is due here')
    break
  }
  return scanner.isAtEnd() ? matchers : scanner.fail('nothing may follow the list')
}
