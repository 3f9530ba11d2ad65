import { describe, expect, test } from 'vitest'
import { logPattern } from '#engine/rule/conditions/log-pattern.ts'

const condition = {
  kind: 'LOG_PATTERN',
  scope: { appSlug: 'orders' },
  level: 'ERROR',
  pattern: 'Timeout',
  threshold: 5,
  windowSeconds: 300,
}

function problemsOf(given: unknown): Record<string, string> {
  const { error } = logPattern.schema.safeParse(given)
  return Object.fromEntries((error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]))
}

describe('a log pattern that cannot work is refused by field', () => {
  test.each<[string, object, string, RegExp]>([
    ['a window in words', { windowSeconds: '5ms' }, 'windowSeconds', /whole number of seconds, such as 300/],
    ['a window of parts of seconds', { windowSeconds: 60.5 }, 'windowSeconds', /whole number of seconds/],
    ['a window just too short', { windowSeconds: 9 }, 'windowSeconds', /shorter than 10 s/],
    ['a window just too long', { windowSeconds: 86_401 }, 'windowSeconds', /longer than 24 h/],
    ['an endless window', { windowSeconds: Infinity }, 'windowSeconds', /whole number/],
    ['fewer than no lines', { threshold: -1 }, 'threshold', /below 0/],
    ['a threshold in words', { threshold: 'many' }, 'threshold', /whole number of log lines/],
    ['a NUL in the pattern', { pattern: 'a\0b' }, 'pattern', /NUL/],
    ['a pattern without end', { pattern: 'a'.repeat(1001) }, 'pattern', /longer than 1,000 characters/],
    ['no text', { pattern: /Timeout/ }, 'pattern', /must be text/],
    ['the syntax of others', { pattern: 'a(?#comment)' }, 'pattern', /regular expression RE2 can run/],
    ['a possessive repetition', { pattern: 'a++' }, 'pattern', /regular expression RE2 can run/],
    ['too large a repetition', { pattern: 'a{1001}' }, 'pattern', /regular expression RE2 can run/],
    ['another way to match levels', { levelMatch: 'AT_MOST' }, 'levelMatch', /AT_LEAST, EXACTLY/],
    ['recovery above where it fires', { recoveryThreshold: 6 }, 'recoveryThreshold', /./],
    ['what is not there', { comparator: 'LT' }, '', /comparator/],
  ])('%s', (_what, parts, field, problem) => {
    const problems = problemsOf({ ...condition, ...parts })
    expect(Object.keys(problems)).toEqual([field])
    expect(problems[field]).toMatch(problem)
  })

  test('and nothing is wrong with one that can', () => {
    expect(problemsOf(condition)).toEqual({})
    expect(problemsOf({ ...condition, windowSeconds: 10, threshold: 0, levelMatch: 'EXACTLY' })).toEqual({})
    expect(problemsOf({ ...condition, windowSeconds: 86_400, recoveryThreshold: 2 })).toEqual({})
  })

  test.each(['5ms', '', 'soon', '-5m', '2d'])('a window typed as "%s"', (window) => {
    const values = { level: 'ERROR', pattern: 'x', threshold: '5', window }
    expect(Object.keys(problemsOf(logPattern.fromForm(values, {})))).toEqual(['windowSeconds'])
  })

  test.each(['5 lines', '', '1.5', '-1'])('a threshold typed as "%s"', (threshold) => {
    const values = { level: 'ERROR', pattern: 'x', threshold, window: '5m' }
    expect(Object.keys(problemsOf(logPattern.fromForm(values, {})))).toEqual(['threshold'])
  })
})

describe('in the form', () => {
  const levels = () =>
    logPattern
      .fields({})
      .flatMap((field) => (field.name === 'level' && field.kind === 'choice' ? field.options : []))

  test('every level is there alone, and all but the worst with what is worse', () => {
    const said = levels().map(({ label }) => label)
    expect(said).toContain('WARN and worse')
    expect(said).toContain('WARN only')
    expect(said.filter((label) => label.startsWith('ERROR'))).toEqual(['ERROR'])
  })

  test('each choice becomes a condition that asks for just those lines', () => {
    const asked = Object.fromEntries(
      levels().map(({ value, label }) => {
        const values = { level: value, pattern: 'Timeout', threshold: '5', window: '5m' }
        const read = logPattern.schema.parse(logPattern.fromForm(values, {}))
        const question = logPattern.question(read, 'prod')
        return [label, question.about === 'logs' ? question.levels : []]
      }),
    )
    expect(asked['WARN and worse']).toEqual(['WARN', 'ERROR'])
    expect(asked['WARN only']).toEqual(['WARN'])
    expect(asked['ERROR']).toEqual(['ERROR'])
    expect(Object.keys(asked)).toHaveLength(9)
  })
})
