import { RE2JS } from 're2js'
import { labelValue, type Labels } from './labels.ts'

export interface Matcher {
  readonly name: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

/** A label that is absent counts as the empty string, so `team=` matches "no team" (Alertmanager's rule). */
export function matches(matcher: Matcher, labels: Labels): boolean {
  return testOf(matcher)(labelValue(labels, matcher.name))
}

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matches(matcher, labels))
}

/** The same as one question, for those who ask it of many label sets. */
export function compileMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const compiled = matchers.map((matcher) => ({ name: matcher.name, fits: testOf(matcher) }))
  return (labels) => compiled.every(({ name, fits }) => fits(labelValue(labels, name)))
}

/** Whether it matches where the label is not there at all. */
export function matchesEmpty(matcher: Matcher): boolean {
  return testOf(matcher)('')
}

/** Compiling takes time that grows with the pattern, however linear matching is. */
const longestPattern = 10_000

/** What is wrong with a pattern, or undefined; asked where it is typed, so that matching never throws at night. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > longestPattern)
    return `error parsing regexp: it has more than ${longestPattern} characters`
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

type Test = (value: string) => boolean

/** Compiling costs a thousand matches: it happens once for a matcher, and only when a value comes that needs it. */
const tests = new WeakMap<Matcher, Test>()

function testOf(matcher: Matcher): Test {
  const known = tests.get(matcher)
  if (known) return known
  const made = makeTest(matcher)
  tests.set(matcher, made)
  return made
}

function makeTest({ operator, value: wanted }: Matcher): Test {
  switch (operator) {
    case '=':
      return (value) => value === wanted
    case '!=':
      return (value) => value !== wanted
    case '=~':
      return compile(wanted)
    case '!~': {
      const isLike = compile(wanted)
      return (value) => !isLike(value)
    }
  }
}

/**
 * The whole value must match, as Alertmanager's `^(?:…)$` asks, and `.` stops at a line break as it does there. The
 * engine is linear; even so most values are told apart by the plain text a pattern begins with.
 */
function compile(pattern: string): Test {
  const prefix = plainPrefix(pattern)
  let expression: RE2JS | undefined
  return (value) => value.startsWith(prefix) && (expression ??= RE2JS.compile(pattern)).testExact(value)
}

/** What every value that matches begins with. */
export function plainPrefix(pattern: string): string {
  if (pattern.includes('|')) return ''
  const [plain = ''] = /^[\w\- :/@]*/.exec(pattern) ?? []
  const next = pattern.charAt(plain.length)
  return next === '*' || next === '?' || next === '{' ? plain.slice(0, -1) : plain
}
