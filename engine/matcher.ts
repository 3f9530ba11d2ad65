import { RE2JS } from 're2js'
import { labelValue, type Labels } from './labels.ts'

export interface Matcher {
  readonly name: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

/** A label that is absent counts as the empty string, so `team=` matches "no team" (Alertmanager's rule). */
export function matches(matcher: Matcher, labels: Labels): boolean {
  return fits(matcher, labelValue(labels, matcher.name))
}

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matches(matcher, labels))
}

/** Whether it matches where the label is not there at all. */
export function matchesEmpty(matcher: Matcher): boolean {
  return fits(matcher, '')
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

function fits(matcher: Matcher, value: string): boolean {
  switch (matcher.operator) {
    case '=':
      return value === matcher.value
    case '!=':
      return value !== matcher.value
    case '=~':
      return anchored(matcher)(value)
    case '!~':
      return !anchored(matcher)(value)
  }
}

type Test = (value: string) => boolean

/** Compiling costs a thousand matches; a matcher is immutable, so its pattern is compiled once and goes with it. */
const tests = new WeakMap<Matcher, Test>()

function anchored(matcher: Matcher): Test {
  const known = tests.get(matcher)
  if (known) return known
  const made = compile(matcher.value)
  tests.set(matcher, made)
  return made
}

/**
 * The whole value must match, as Alertmanager's `^(?:…)$` asks, and `.` stops at a line break as it does there. The
 * engine is linear; even so most values are told apart by the plain text a pattern begins with.
 */
function compile(pattern: string): Test {
  const prefix = plainPrefix(pattern)
  const expression = RE2JS.compile(pattern)
  return (value) => value.startsWith(prefix) && expression.testExact(value)
}

function plainPrefix(pattern: string): string {
  if (pattern.includes('|')) return ''
  const [plain = ''] = /^[\w\- :/@]*/.exec(pattern) ?? []
  const next = pattern.charAt(plain.length)
  return next === '*' || next === '?' || next === '{' ? plain.slice(0, -1) : plain
}
