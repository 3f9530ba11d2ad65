import { describe, expect, test } from 'vitest'
import { serviceEvent } from '#engine/event.ts'
import { conditionDefinitions } from '#engine/rule/conditions/registry.ts'
import type { LogPattern } from '#engine/rule/conditions/log-pattern.ts'
import type { RouteMetric } from '#engine/rule/conditions/route-metric.ts'
import { observe, observeError } from '#engine/rule/observe.ts'
import { parseRuleDraft, type Rule } from '#engine/rule/rule.ts'
import { nothingFails } from '#engine/rule/condition.ts'
import type { ExecutionsAnswer, ExecutionsFigures } from '#engine/telemetry/telemetry.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import { start } from '#test/harness/engine-things.ts'

const metric = (parts: Partial<RouteMetric> = {}): RouteMetric => ({
  kind: 'ROUTE_METRIC',
  scope: { appSlug: 'orders', routeId: 'checkout' },
  metric: 'ERROR_RATE',
  comparator: 'GT',
  threshold: 0.05,
  windowSeconds: 60,
  ...parts,
})

const log = (parts: Partial<LogPattern> = {}): LogPattern => ({
  kind: 'LOG_PATTERN',
  scope: {},
  level: 'ERROR',
  levelMatch: 'AT_LEAST',
  pattern: 'Timeout',
  threshold: 2,
  windowSeconds: 300,
  ...parts,
})

function figures(parts: Partial<ExecutionsFigures>): ExecutionsFigures {
  return { count: 0, failed: 0, averageDurationMs: null, p99DurationMs: null, ...parts }
}

function answered(parts: Partial<ExecutionsFigures> = {}): ExecutionsAnswer {
  return { about: 'executions', early: figures(parts), settled: figures(parts) }
}

const { judge, question } = conditionDefinitions.ROUTE_METRIC

function reading(condition: RouteMetric, answer: ExecutionsAnswer, isFailing = false) {
  const [only] = judge(condition, answer, { isFailing: () => isFailing })
  if (!only) throw new Error('nothing was decided')
  return only
}

describe('a route metric is judged by what was measured; nothing measured is no data, not 0', () => {
  test.each<[string, Partial<RouteMetric>, Partial<ExecutionsFigures>, string, number | null]>([
    ['above the threshold', {}, { count: 100, failed: 6 }, 'breach', 0.06],
    ['at the threshold', {}, { count: 100, failed: 5 }, 'clear', 0.05],
    ['no executions have no error rate', {}, {}, 'no-data', null],
    ['not even one below a limit', { comparator: 'LT', threshold: 0.5 }, {}, 'no-data', null],
    [
      'no executions have no average',
      { metric: 'AVG_DURATION_MS', comparator: 'LT', threshold: 10 },
      {},
      'no-data',
      null,
    ],
    ['nor a p99', { metric: 'P99_LATENCY_MS', comparator: 'LT', threshold: 10 }, {}, 'no-data', null],
    ['but their throughput is 0', { metric: 'THROUGHPUT', comparator: 'LT', threshold: 1 }, {}, 'breach', 0],
    ['and none of them failed', { metric: 'ERROR_COUNT', comparator: 'GT', threshold: 0 }, {}, 'clear', 0],
    [
      'throughput is per second',
      { metric: 'THROUGHPUT', comparator: 'GT', threshold: 1 },
      { count: 90 },
      'breach',
      1.5,
    ],
    [
      'a duration of 0 is a duration',
      { metric: 'AVG_DURATION_MS', comparator: 'LTE', threshold: 0 },
      { count: 1, averageDurationMs: 0 },
      'breach',
      0,
    ],
    ['p99', { metric: 'P99_LATENCY_MS', threshold: 800 }, { count: 9, p99DurationMs: 801 }, 'breach', 801],
    [
      'exactly',
      { metric: 'ERROR_COUNT', comparator: 'EQ', threshold: 3 },
      { count: 9, failed: 3 },
      'breach',
      3,
    ],
  ])('%s', (_what, parts, answer, verdict, value) => {
    expect(reading(metric(parts), answered(answer))).toMatchObject({ verdict, value })
  })

  test('it asks for exactly its scope', () => {
    expect(question(metric(), 'prod')).toEqual({
      about: 'executions',
      environment: 'prod',
      app: 'orders',
      route: 'checkout',
      windowSeconds: 60,
    })
    expect(Object.keys(question(metric({ scope: {} }), 'prod'))).not.toContain('app')
  })

  test('an answer about something else is a mistake of ours, not a verdict', () => {
    expect(() => judge(metric(), logLines(1), nothingFails)).toThrow('a ROUTE_METRIC was answered about logs')
  })
})

function logLines(count: number) {
  return { about: 'logs' as const, early: { count }, settled: { count } }
}

describe('it fires early and recovers late', () => {
  const count = metric({ metric: 'ERROR_COUNT', comparator: 'GT', threshold: 3 })
  const of = (early: number, settled: number | undefined) => ({
    about: 'executions' as const,
    early: figures({ count: 100, failed: early }),
    settled: settled === undefined ? undefined : figures({ count: 100, failed: settled }),
  })

  test.each<[string, RouteMetric, number, number | undefined, string | undefined]>([
    ['a count that late rows only raise fires at once', count, 4, 2, 'breach'],
    ['and is over when what is complete says so', count, 2, 4, 'breach'],
    ['both agree', count, 2, 2, 'clear'],
    ['a ratio waits', metric(), 50, 2, 'clear'],
    ['so does a count below a limit', metric({ ...count, comparator: 'LT' }), 2, 4, 'clear'],
    ['nothing is decided while nobody knows what is complete', metric(), 50, undefined, undefined],
    ['but what fires at once', count, 4, undefined, 'breach'],
  ])('%s', (_what, condition, early, settled, verdict) => {
    const [only] = judge(condition, of(early, settled), nothingFails)
    expect(only?.verdict).toBe(verdict)
  })
})

describe('a log pattern counts lines', () => {
  const definition = conditionDefinitions.LOG_PATTERN

  test.each([
    [2, 'clear'],
    [3, 'breach'],
    [0, 'clear'],
  ])('%d lines where more than 2 are too many: %s', (count, verdict) => {
    expect(definition.judge(log(), logLines(count), nothingFails)).toMatchObject([
      { verdict, value: count, unit: 'count' },
    ])
  })

  test.each<[Partial<LogPattern>, string[]]>([
    [{ level: 'WARN' }, ['WARN', 'ERROR']],
    [{ level: 'WARN', levelMatch: 'EXACTLY' }, ['WARN']],
    [{ level: 'TRACE' }, ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR']],
  ])('%j asks for %j', (parts, levels) => {
    expect(definition.question(log(parts), 'prod')).toMatchObject({ levels })
  })
})

describe('in words', () => {
  test.each([
    [metric(), 'Error rate over 1 min above 5 % on orders/checkout'],
    [
      metric({ metric: 'P99_LATENCY_MS', comparator: 'GTE', threshold: 800, scope: { appSlug: 'orders' } }),
      'P99 latency over 1 min at or above 800 ms on orders',
    ],
    [log(), 'ERROR lines matching "Timeout" over 5 min above 2 on all services'],
    [log({ level: 'WARN' }), 'WARN or worse lines matching "Timeout" over 5 min above 2 on all services'],
  ])('%#', (condition, words) => {
    expect(describeCondition(condition)).toBe(words)
  })
})

describe('a reading becomes an event', () => {
  function aRule(parts: object = {}): Rule {
    const draft = {
      name: 'Checkout',
      severity: 'WARNING',
      conditionKind: 'ROUTE_METRIC',
      condition: metric(),
      forDurationSeconds: 30,
      reNotifyMinutes: 5,
      ...parts,
    }
    const parsed = parseRuleDraft(draft)
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
    return { ...parsed.draft, id: 'rule-1', environment: 'prod', createdAt: start }
  }
  const breach = reading(metric(), answered({ count: 100, failed: 24 }))
  const noData = reading(metric(), answered())

  test('with all that a person needs to hear', () => {
    expect(observe(aRule(), breach, start)).toEqual(
      serviceEvent({
        environment: 'prod',
        entity: 'orders/checkout',
        check: 'rule-1',
        state: 'warning',
        at: start,
        title: 'Checkout',
        summary: 'Error rate over 1 min is 24 %; it fires above 5 %.',
        labels: { app: 'orders', route: 'checkout', environment: 'prod', rule: 'Checkout' },
        measurement: { value: 0.24, threshold: 0.05, unit: 'ratio', breachesAbove: true },
        facts: {
          'app.slug': 'orders',
          'route.id': 'checkout',
          'agent.id': '',
          'metric.name': 'ERROR_RATE',
          'metric.windowSeconds': '60',
        },
        ruleId: 'rule-1',
        initialFailureDelaySeconds: 30,
        repeatFailureDelaySeconds: 300,
      }),
    )
  })

  test.each([
    ['KEEP_LAST', undefined],
    ['FIRE', 'warning'],
    ['RESOLVE', 'ok'],
  ])('without data, and without an answer, the policy %s decides', (policy, state) => {
    const rule = aRule({ noDataPolicy: policy, errorPolicy: policy })
    expect(observe(rule, noData, start)?.state).toBe(state)
    expect(observeError(rule, 'the store is down', start)?.state).toBe(state)
  })

  test('an event for want of data says so', () => {
    expect(observe(aRule({ noDataPolicy: 'FIRE' }), noData, start)?.summary).toBe(
      'Error rate over 1 min: no data (fires above 5 %).',
    )
    expect(observeError(aRule({ errorPolicy: 'FIRE' }), 'the store is down', start)?.summary).toBe(
      'Could not be checked: the store is down',
    )
  })
})
