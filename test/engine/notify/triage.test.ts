import { describe, expect, test } from 'vitest'
import type { Reason } from '#engine/notify/plan.ts'
import { mayHaveHeard, triage } from '#engine/notify/triage.ts'

type View = 'FIRING' | 'ACKNOWLEDGED' | 'RESOLVED'

/** `first reminder(held)` → what becomes of each: say, hold or drop. */
function fates(unsaid: string, view: View, words = ''): string {
  const rows = unsaid.split(' ').map((word, index) => ({
    index,
    reason: word.replace('(held)', '') as Reason,
    state: word.endsWith('(held)') ? 'HELD' : 'PENDING',
  }))
  const { say, hold, drop } = triage(rows, {
    view,
    isSuppressed: words.includes('silenced'),
    isPosted: words.includes('posted'),
    takesEdits: !words.includes('unchanging'),
    mayHaveHeard: words.includes('unanswered'),
  })
  expect([...say, ...hold, ...drop].sort((a, b) => a.index - b.index)).toEqual(rows)
  return rows.map((row) => (say.includes(row) ? 'say' : hold.includes(row) ? 'hold' : 'drop')).join(' ')
}

describe('what becomes of everything not yet said about one incident at one place', () => {
  test.each<[string, string, View, string, string]>([
    ['it fired', 'first', 'FIRING', '', 'say'],
    ['it fired and was taken before anyone was told', 'first acknowledged', 'ACKNOWLEDGED', '', 'say say'],
    ['it is over before anyone could be told: nobody is', 'first recovered', 'RESOLVED', '', 'drop drop'],
    ['the same after a person took it', 'first acknowledged recovered', 'RESOLVED', '', 'drop drop drop'],
    [
      'the same where they may have heard the beginning',
      'first recovered',
      'RESOLVED',
      'unanswered',
      'say say',
    ],
    ['it fired under a silence', 'first', 'FIRING', 'silenced', 'hold'],
    ['and was taken under it', 'first(held) acknowledged', 'ACKNOWLEDGED', 'silenced', 'hold hold'],
    [
      'and cleared under it: nobody was told, nobody is',
      'first(held) recovered',
      'RESOLVED',
      'silenced',
      'drop drop',
    ],
    ['fired and cleared under it at once', 'first recovered', 'RESOLVED', 'silenced', 'drop drop'],
    ['cleared after the silence, before the post', 'first(held) recovered', 'RESOLVED', '', 'drop drop'],
    ['the silence is over and it still fails', 'first(held)', 'FIRING', '', 'say'],
    ['silenced by a person: the message says so', 'silenced', 'FIRING', 'silenced posted', 'say'],
    ['taken while silenced', 'acknowledged', 'ACKNOWLEDGED', 'silenced posted', 'say'],
    ['over while silenced', 'recovered', 'RESOLVED', 'silenced posted', 'say'],
    ['a reminder while silenced', 'reminder', 'FIRING', 'silenced posted', 'hold'],
    ['worse while silenced', 'severity-rise', 'FIRING', 'silenced posted', 'hold'],
    [
      'news waits, what a person did does not',
      'severity-rise acknowledged',
      'ACKNOWLEDGED',
      'silenced posted',
      'hold say',
    ],
    [
      'of reminders only the newest',
      'reminder(held) reminder(held) reminder',
      'FIRING',
      'posted',
      'drop drop say',
    ],
    [
      'a reminder that is no longer true',
      'reminder(held) acknowledged',
      'ACKNOWLEDGED',
      'posted',
      'drop say',
    ],
    [
      'what was held is not said after the end',
      'severity-rise(held) recovered',
      'RESOLVED',
      'posted',
      'drop say',
    ],
    ['what a busy chat missed is', 'severity-rise recovered', 'RESOLVED', 'posted', 'say say'],
    ['an edit without a word, where nothing can be edited', 'edit', 'FIRING', 'posted unchanging', 'drop'],
    ['with a word', 'edit recovered', 'RESOLVED', 'posted unchanging', 'drop say'],
    ['before anything was said there', 'first edit', 'FIRING', 'unchanging', 'say say'],
  ])('%s', (_what, unsaid, view, words, expected) => {
    expect(fates(unsaid, view, words)).toBe(expected)
  })
})

describe('who may have heard without saying so', () => {
  const unanswered = { at: '', outcome: 'failed', status: null, durationMs: 1, snippet: null } as const
  test.each([
    ['pagerduty', [unanswered], true],
    ['webhook', [{ ...unanswered, status: 503 }, unanswered], true],
    ['pagerduty', [{ ...unanswered, status: 503 }], false],
    ['pagerduty', null, false],
    ['slack', [unanswered], false],
    ['slack', [{ ...unanswered, outcome: 'unknown' }], true],
  ] as const)('%s after %j: %s', (surface, attemptLog, expected) => {
    expect(mayHaveHeard(surface, [{ attemptLog: null }, { attemptLog }])).toBe(expected)
  })
})
