import { describe, expect, test } from 'vitest'
import { conditionKinds } from '#engine/rule/conditions/registry.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'

const metric = {
  kind: 'ROUTE_METRIC',
  scope: { appSlug: 'orders', routeId: 'checkout' },
  metric: 'ERROR_RATE',
  comparator: 'GT',
  threshold: 0.05,
  windowSeconds: 300,
}
const log = {
  kind: 'LOG_PATTERN',
  scope: { appSlug: 'orders' },
  level: 'ERROR',
  pattern: 'Timeout',
  threshold: 5,
  windowSeconds: 300,
}

const rule = {
  name: 'Checkout is failing',
  severity: 'CRITICAL',
  conditionKind: 'ROUTE_METRIC',
  condition: metric,
}

/** `{ field: problem }` of a rule like the ordinary one but for `parts`. */
function problemsOf(parts: unknown): Record<string, string> {
  const isObject = typeof parts === 'object' && parts !== null && !Array.isArray(parts)
  const parsed = parseRuleDraft(isObject ? { ...rule, ...parts } : parts)
  const problems = 'problems' in parsed ? parsed.problems : []
  return Object.fromEntries(problems.map(({ field, problem }) => [field, problem]))
}

const withMetric = (parts: object) => ({ condition: { ...metric, ...parts } })
const withLog = (parts: object) => ({ conditionKind: 'LOG_PATTERN', condition: { ...log, ...parts } })

test('what is left out takes its default', () => {
  expect(parseRuleDraft(rule)).toEqual({
    draft: {
      ...rule,
      description: '',
      evaluationIntervalSeconds: 60,
      forDurationSeconds: 0,
      reNotifyMinutes: 60,
      webhooks: [],
      targets: [],
      notificationTitleTmpl: '',
      notificationMessageTmpl: '',
      noDataPolicy: 'KEEP_LAST',
      errorPolicy: 'KEEP_LAST',
      enabled: true,
    },
  })
  expect(parseRuleDraft({ ...rule, ...withLog({}) })).toMatchObject({
    draft: { condition: { levelMatch: 'AT_LEAST' } },
  })
})

describe('a rule that cannot work is refused, with the field and what to do', () => {
  const kinds = conditionKinds.join(', ')
  test.each<[string, unknown, Record<string, string>]>([
    ['no name', { name: '  ' }, { name: 'The rule needs a name.' }],
    ['a name that is a number', { name: 7 }, { name: 'The name must be text.' }],
    ['a very long name', { name: 'x'.repeat(201) }, { name: 'The name is longer than 200 characters.' }],
    [
      'an unknown severity',
      { severity: 'HIGH' },
      { severity: 'The severity must be one of CRITICAL, WARNING, INFO.' },
    ],
    [
      'no condition',
      { condition: undefined },
      { 'condition.kind': `condition.kind must be one of ${kinds}.` },
    ],
    [
      'an unknown kind',
      { conditionKind: 'TAROT', condition: { kind: 'TAROT' } },
      {
        conditionKind: `The conditionKind must be one of ${kinds}.`,
        'condition.kind': `condition.kind must be one of ${kinds}.`,
      },
    ],
    [
      'a kind from the prototype',
      { condition: { kind: 'constructor' } },
      { 'condition.kind': `condition.kind must be one of ${kinds}.` },
    ],
    [
      'two kinds at once',
      { conditionKind: 'LOG_PATTERN' },
      { conditionKind: 'conditionKind says LOG_PATTERN, but the condition itself says ROUTE_METRIC.' },
    ],
    [
      'an interval of a second',
      { evaluationIntervalSeconds: 1 },
      { evaluationIntervalSeconds: 'The interval is shorter than 5 s.' },
    ],
    [
      'half a second',
      { evaluationIntervalSeconds: 7.5 },
      { evaluationIntervalSeconds: 'The interval must be a whole number of seconds.' },
    ],
    [
      'a delay below nothing',
      { forDurationSeconds: -1 },
      { forDurationSeconds: 'forDurationSeconds is below 0.' },
    ],
    [
      'reminders once a month',
      { reNotifyMinutes: 43_200 },
      { reNotifyMinutes: 'reNotifyMinutes is longer than a week (10080).' },
    ],
    [
      'a huge number',
      { reNotifyMinutes: 1e300 },
      { reNotifyMinutes: 'reNotifyMinutes is longer than a week (10080).' },
    ],
    [
      'a policy nobody knows',
      { errorPolicy: 'PANIC' },
      { errorPolicy: 'errorPolicy must be one of KEEP_LAST, FIRE, RESOLVE.' },
    ],
    ['yes', { enabled: 'yes' }, { enabled: 'enabled must be true or false.' }],
    [
      'a template nobody closed',
      { notificationTitleTmpl: '{{#rule' },
      { notificationTitleTmpl: expect.stringMatching(/^The template cannot be read: .+/) },
    ],
    [
      'a misspelt field',
      { treshold: 1, windw: 2 },
      { rule: 'Unknown fields treshold, windw: check the spelling or leave it out.' },
    ],
    [
      'a misspelt field of the condition',
      withMetric({ treshold: 1 }),
      { condition: 'Unknown field treshold: check the spelling or leave it out.' },
    ],
    [
      'a misspelt field of the scope',
      withMetric({ scope: { app: 'x' } }),
      { 'condition.scope': 'Unknown field app: check the spelling or leave it out.' },
    ],
    [
      'a NUL in the name',
      { name: 'a\0b' },
      { name: 'This text holds a NUL or half of a character: type it anew.' },
    ],
    [
      'half a character deep inside',
      withMetric({ scope: { appSlug: 'or\ud800ders' } }),
      { 'condition.scope.appSlug': 'This text holds a NUL or half of a character: type it anew.' },
    ],
    [
      'a route without its app',
      withMetric({ scope: { routeId: 'r' } }),
      { 'condition.scope.routeId': 'A route needs its app: name that too.' },
    ],
    [
      'an agent without its app',
      withMetric({ scope: { agentId: 'a' } }),
      { 'condition.scope.agentId': 'An agent needs its app: name that too.' },
    ],
    [
      'an empty app',
      withMetric({ scope: { appSlug: ' ' } }),
      { 'condition.scope.appSlug': 'The app is empty: leave it out to watch every app.' },
    ],
    [
      'an unknown metric',
      withMetric({ metric: 'KARMA' }),
      {
        'condition.metric':
          'The metric must be one of ERROR_RATE, THROUGHPUT, AVG_DURATION_MS, P99_LATENCY_MS, ERROR_COUNT.',
      },
    ],
    [
      'an unknown comparator',
      withMetric({ comparator: '>' }),
      { 'condition.comparator': 'The comparator must be one of GT, GTE, LT, LTE, EQ.' },
    ],
    [
      'a threshold in words',
      withMetric({ threshold: '5' }),
      { 'condition.threshold': 'The threshold must be a number.' },
    ],
    [
      'an infinite threshold',
      withMetric({ threshold: Infinity }),
      { 'condition.threshold': 'The threshold must be a number.' },
    ],
    [
      'a threshold below nothing',
      withMetric({ threshold: -1 }),
      { 'condition.threshold': 'The threshold is below 0, which no value is.' },
    ],
    [
      'per cent for a ratio',
      withMetric({ threshold: 5 }),
      { 'condition.threshold': 'An error rate lies between 0 and 1; for 5 % write 0.05.' },
    ],
    ['above all', withMetric({ threshold: 1 }), { 'condition.threshold': 'An error rate is never above 1.' }],
    [
      'what is always so',
      withMetric({ threshold: 0, comparator: 'GTE' }),
      { 'condition.threshold': 'Every value is at or above 0: this would fire forever. Use GT.' },
    ],
    [
      'what is never so',
      withMetric({ threshold: 0, comparator: 'LT' }),
      { 'condition.threshold': 'No value is below 0: this could never fire. Use LTE.' },
    ],
    [
      'a window of a second',
      withMetric({ windowSeconds: 1 }),
      { 'condition.windowSeconds': expect.stringMatching(/at least 10\.$/) },
    ],
    [
      'a window of a week',
      withMetric({ windowSeconds: 604_800 }),
      { 'condition.windowSeconds': 'The window is longer than 24 h (86400 s).' },
    ],
    [
      'no window',
      withMetric({ windowSeconds: undefined }),
      { 'condition.windowSeconds': 'The window must be a whole number of seconds, such as 300.' },
    ],
    [
      'a log line’s route',
      withLog({ scope: { appSlug: 'a', routeId: 'r' } }),
      { 'condition.scope.routeId': expect.stringMatching(/leave the route out\.$/) },
    ],
    [
      'no pattern',
      withLog({ pattern: '' }),
      { 'condition.pattern': 'The pattern is empty: it would match every line.' },
    ],
    [
      'look-ahead',
      withLog({ pattern: 'a(?=b)' }),
      { 'condition.pattern': expect.stringMatching(/Look-around and back-references are not available\.$/) },
    ],
    [
      'a back-reference',
      withLog({ pattern: '(a)\\1' }),
      { 'condition.pattern': expect.stringMatching(/^The pattern is not a regular expression RE2 can run/) },
    ],
    [
      'an open bracket',
      withLog({ pattern: '[' }),
      { 'condition.pattern': expect.stringMatching(/^The pattern is not/) },
    ],
    [
      'half a log line',
      withLog({ threshold: 2.5 }),
      { 'condition.threshold': 'The threshold must be a whole number of log lines.' },
    ],
    [
      'a level nobody logs',
      withLog({ level: 'FATAL' }),
      { 'condition.level': 'The level must be one of TRACE, DEBUG, INFO, WARN, ERROR.' },
    ],
  ])('%s', (_what, parts, problems) => {
    expect(problemsOf(parts)).toEqual(problems)
  })

  test.each([null, undefined, 7, 'a rule', [], () => rule])('what is no rule at all: %j', (input) => {
    const parsed = parseRuleDraft(input)
    expect('problems' in parsed && parsed.problems.length).toBeGreaterThan(0)
  })

  test('everything that is wrong is said at once', () => {
    const problems = problemsOf({
      name: '',
      severity: 'HIGH',
      ...withMetric({ threshold: 5, windowSeconds: 1 }),
    })
    expect(Object.keys(problems).sort()).toEqual([
      'condition.threshold',
      'condition.windowSeconds',
      'name',
      'severity',
    ])
  })
})

test('a field called __proto__ changes nothing for anyone', () => {
  const hostile: unknown = JSON.parse(JSON.stringify(rule).replace('{', '{"__proto__":{"polluted":true},'))
  const parsed = parseRuleDraft(hostile)
  expect({}).not.toHaveProperty('polluted')
  if ('draft' in parsed) expect(parsed.draft).not.toHaveProperty('polluted')
})

test('a pattern that makes other engines hang is read in an instant', () => {
  expect(problemsOf(withLog({ pattern: `${'(a*)*'.repeat(100)}b` }))).toEqual({})
})
