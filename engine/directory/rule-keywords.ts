import type { FailingState } from '#engine/notify/severity.ts'

/** A notification rule as people say it, by a line or a form; absent and blank are the same. */
export type RuleWords = Readonly<Partial<Record<RuleWord, string>>>

export type RuleWord = 'for' | 'tags' | 'hours' | FailingState

export const ruleKeywords: Readonly<Record<string, RuleWord>> = {
  for: 'for',
  tag: 'tags',
  tags: 'tags',
  hours: 'hours',
  critical: 'critical',
  warning: 'warning',
  unknown: 'unknown',
  info: 'info',
}
