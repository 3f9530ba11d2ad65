import { describe, expect, test } from 'vitest'
import { nothingFails } from '#engine/rule/condition.ts'
import { type JvmMetric, jvmMetric } from '#engine/rule/conditions/jvm-metric.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import type { JvmMetricsFigures } from '#engine/telemetry/telemetry.ts'

const heap: JvmMetric = {
  kind: 'JVM_METRIC',
  scope: { appSlug: 'orders' },
  metric: 'jvm.memory.used.value',
  aggregation: 'AVG',
  comparator: 'GT',
  threshold: 0.85,
  windowSeconds: 120,
}

function problemsOf(condition: Readonly<Record<string, unknown>>): unknown {
  const parsed = parseRuleDraft({
    name: 'Heap',
    severity: 'WARNING',
    conditionKind: condition['kind'],
    condition,
  })
  return 'problems' in parsed ? parsed.problems : []
}

const routes = {
  kind: 'ROUTE_METRIC',
  scope: {},
  metric: 'ERROR_RATE',
  comparator: 'GT',
  threshold: 0.1,
  windowSeconds: 60,
}
const lines = {
  kind: 'LOG_PATTERN',
  scope: {},
  level: 'ERROR',
  pattern: 'x',
  threshold: 5,
  windowSeconds: 60,
}

describe('what is refused when a rule is saved', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string, RegExp]>([
    [
      'a route',
      { ...heap, scope: { appSlug: 'a', routeId: 'r' } },
      'condition.scope.routeId',
      /leave the route out/,
    ],
    ['no metric', { ...heap, metric: ' ' }, 'condition.metric', /is empty: name one/],
    [
      'another aggregation',
      { ...heap, aggregation: 'P99' },
      'condition.aggregation',
      /one of AVG, MAX, MIN, LAST/,
    ],
    [
      'a window of a week',
      { ...heap, windowSeconds: 604_800 },
      'condition.windowSeconds',
      /longer than 24 h/,
    ],
    [
      'recovery above what fires above',
      { ...heap, recoveryThreshold: 0.9 },
      'condition.recoveryThreshold',
      /at or below/,
    ],
    [
      'recovery below what fires below',
      { ...heap, comparator: 'LT', recoveryThreshold: 0.8 },
      'condition.recoveryThreshold',
      /at or above/,
    ],
    [
      'recovery of EQ',
      { ...heap, comparator: 'EQ', recoveryThreshold: 0.85 },
      'condition.recoveryThreshold',
      /leave/,
    ],
    ['no samples needed', { ...heap, minimumSamples: 0 }, 'condition.minimumSamples', /1 or more/],
    [
      'a ratio that recovers too late',
      { ...routes, recoveryThreshold: 0.2 },
      'condition.recoveryThreshold',
      /at or below/,
    ],
    [
      'few counts',
      { ...routes, metric: 'ERROR_COUNT', minimumSamples: 5 },
      'condition.minimumSamples',
      /never made of too few/,
    ],
    [
      'lines that recover too late',
      { ...lines, recoveryThreshold: 6 },
      'condition.recoveryThreshold',
      /at or below/,
    ],
  ])('%s', (_what, condition, field, problem) => {
    expect(problemsOf(condition)).toEqual([{ field, problem: expect.stringMatching(problem) as string }])
  })

  test('and nothing else', () => {
    expect(problemsOf({ ...heap, recoveryThreshold: 0.8, minimumSamples: 3 })).toEqual([])
    expect(problemsOf({ ...heap, comparator: 'LTE', threshold: -5, recoveryThreshold: 0 })).toEqual([])
    expect(problemsOf({ ...routes, recoveryThreshold: 0.05, minimumSamples: 20 })).toEqual([])
    expect(problemsOf({ ...lines, recoveryThreshold: 0 })).toEqual([])
  })
})

const figures: JvmMetricsFigures = { count: 4, average: 0.5, maximum: 0.9, minimum: 0.1, last: 0.3 }
const calm: JvmMetricsFigures = { count: 4, average: 0.5, maximum: 0.5, minimum: 0.5, last: 0.5 }
const failing = { isFailing: () => true }

describe('how samples are judged', () => {
  const judge = (
    parts: Partial<JvmMetric>,
    early = figures,
    settled: JvmMetricsFigures | undefined = early,
  ) => jvmMetric.judge({ ...heap, ...parts }, { about: 'jvm_metrics', early, settled }, nothingFails)

  test.each([
    ['AVG', 0.5],
    ['MAX', 0.9],
    ['MIN', 0.1],
    ['LAST', 0.3],
  ] as const)('%s', (aggregation, value) => {
    expect(judge({ aggregation, threshold: 0 })).toMatchObject([{ verdict: 'breach', value }])
  })

  test('a maximum above and a minimum below fire at once, an average waits for what is complete', () => {
    expect(judge({ aggregation: 'MAX' }, figures, calm)).toMatchObject([{ verdict: 'breach', value: 0.9 }])
    expect(judge({ aggregation: 'MIN', comparator: 'LT', threshold: 0.2 }, figures, calm)).toMatchObject([
      { verdict: 'breach', value: 0.1 },
    ])
    expect(judge({ aggregation: 'AVG', threshold: 0.4 }, { ...figures, average: 9 }, calm)).toMatchObject([
      { verdict: 'breach', value: 0.5 },
    ])
  })

  test('too few samples are no data', () => {
    expect(judge({ minimumSamples: 5, threshold: 0 })).toMatchObject([{ verdict: 'no-data', value: null }])
    expect(judge({ minimumSamples: 4, threshold: 0 })).toMatchObject([{ verdict: 'breach' }])
  })

  test('what fires goes on until the recovery threshold', () => {
    const condition = { ...heap, recoveryThreshold: 0.4 }
    const answer = { about: 'jvm_metrics', early: figures, settled: figures } as const
    expect(jvmMetric.judge(condition, answer, nothingFails)).toMatchObject([{ verdict: 'clear' }])
    expect(jvmMetric.judge(condition, answer, failing)).toMatchObject([{ verdict: 'breach', value: 0.5 }])
  })
})
