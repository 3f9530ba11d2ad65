import { RE2JS } from 're2js'
import type { Labels } from './labels.ts'

export interface Matcher {
  readonly name: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

/** A label that is absent counts as the empty string, so `team=` matches "no team" (Alertmanager's rule). */
export function matches(matcher: Matcher, labels: Labels): boolean {
  const value = Object.hasOwn(labels, matcher.name) ? (labels[matcher.name] ?? '') : ''
  switch (matcher.operator) {
    case '=':
      return value === matcher.value
    case '!=':
      return value !== matcher.value
    case '=~':
      return anchored(matcher.value).matches(value)
    case '!~':
      return !anchored(matcher.value).matches(value)
  }
}

export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matches(matcher, labels))
}

/** `matches` of re2js asks for the whole text, as Alertmanager's `^(?:…)$` does; re2js runs in linear time. */
function anchored(pattern: string) {
  return RE2JS.compile(pattern, RE2JS.DOTALL)
}
