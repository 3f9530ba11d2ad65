import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JvmMetricsFigures, JvmMetricsQuestion } from '#engine/telemetry/telemetry.ts'
import { type Telemetry, slotInstant } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { granulesRead } from './granules-read.ts'

let telemetry: TestTelemetry
let reader: Telemetry
let asked = ''
const delayMs = 10_000
const end = new Date(Math.floor(Date.now() / 60_000) * 60_000)

interface Sample {
  readonly environment: string
  readonly app: string
  readonly agent: string
  readonly metric: string
  readonly value: number
  readonly ts: Date
}

const choose = <T>(choices: readonly T[], index: number) => choices[index % choices.length] as T

/** Prime strides, so that every app, agent and metric meets every instant; many samples share one. */
const samples: Sample[] = Array.from({ length: 900 }, (_, index) => ({
  environment: choose(['prod', 'prod', 'test'], index),
  app: choose(['orders', "it's", ''], Math.floor(index / 3)),
  agent: choose(['a-1', 'a-2'], Math.floor(index / 7)),
  metric: choose(['heap', 'threads'], Math.floor(index / 11)),
  value: ((index * 7919) % 1000) / 8 - 20,
  ts: new Date(end.getTime() - choose([0, 1, 5000, 10_000, 59_999, 60_000, 300_000, 600_000], index * 13)),
}))

beforeAll(async () => {
  telemetry = await testTelemetry()
  await telemetry.store.insert(
    'jvm_metrics',
    samples.map((sample) => ({ ...sample })),
  )
  const at = `fromUnixTimestamp64Milli(${end.getTime()}, 'UTC')`
  await telemetry.store.command(
    `INSERT INTO jvm_metrics (environment, app, agent, metric, value, ts) SELECT 'prod', 'noise', 'a', 'heap', 1, ${at} - toIntervalMillisecond(700000 + number * 20) FROM numbers(900000)`,
  )
  const store = {
    ...telemetry.store,
    query: <Row>(sql: string, params?: Record<string, unknown>) => {
      asked = sql
      return telemetry.store.query<Row>(sql, params)
    },
  }
  const lateness = { of: async () => ({ delayMs, isStamped: true, silentSince: undefined }) }
  reader = clickHouseTelemetry(store, { lateness })
})
afterAll(() => telemetry.close())

function figures(question: JvmMetricsQuestion, at: number): JvmMetricsFigures {
  const found = samples
    .filter(
      ({ environment, app, agent, metric, ts }) =>
        environment === question.environment &&
        metric === question.metric &&
        (question.app === undefined || app === question.app) &&
        (question.agent === undefined || agent === question.agent) &&
        ts.getTime() > at - question.windowSeconds * 1000 &&
        ts.getTime() <= at,
    )
    .sort((one, other) => one.ts.getTime() - other.ts.getTime() || (one.agent < other.agent ? -1 : 1))
  const values = found.map(({ value }) => value)
  const latest = found.filter(
    ({ ts, agent }) => ts.getTime() === found.at(-1)?.ts.getTime() && agent === found.at(-1)?.agent,
  )
  return {
    count: values.length,
    average:
      values.length === 0
        ? null
        : (expect.closeTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6) as number),
    maximum: values.length === 0 ? null : Math.max(...values),
    minimum: values.length === 0 ? null : Math.min(...values),
    // Of one agent at one instant there should be one sample; here there are more, and any of them will do.
    last:
      values.length === 0
        ? null
        : (expect.toSatisfy((last) => latest.some(({ value }) => value === last)) as number),
  }
}

const prod = { about: 'jvm_metrics', environment: 'prod' } as const
const questions: JvmMetricsQuestion[] = [10, 60, 300, 7200].flatMap((windowSeconds) => [
  { ...prod, metric: 'heap', windowSeconds },
  { ...prod, metric: 'threads', windowSeconds, app: 'orders' },
  { ...prod, metric: 'heap', windowSeconds, app: '', agent: 'a-2' },
  { ...prod, metric: 'heap', windowSeconds, app: "it's", environment: 'test' },
  { ...prod, metric: 'unknown', windowSeconds },
])

test('what ClickHouse answers is what a plain loop over the samples finds', async () => {
  const known = questions.filter(({ windowSeconds, app }) => windowSeconds < 3600 || app !== undefined)
  const answers = await reader.ask(known, end)
  expect(answers).toEqual(
    known.map((question) => ({
      about: 'jvm_metrics',
      early: figures(question, end.getTime()),
      settled: figures(question, end.getTime() - delayMs),
    })),
  )
})

test('a trace answers what asking at each of its slots would', async () => {
  const question = questions[5] as JvmMetricsQuestion
  const slots = { from: new Date(end.getTime() - 300_000), stepSeconds: 30, count: 11 }
  const expected = Array.from({ length: 11 }, (_, index) =>
    figures(question, slotInstant(slots, index).getTime()),
  )
  const answers = await reader.trace(question, slots)
  expect(answers).toEqual(expected.map((early) => ({ about: 'jvm_metrics', early, settled: early })))
})

test('a window of a minute reads a few granules of hours of samples', async () => {
  await reader.ask([{ ...prod, metric: 'heap', windowSeconds: 60 }], end)
  const { read, total } = await granulesRead(telemetry.store, asked)
  expect(total).toBeGreaterThan(90)
  expect(read).toBeLessThanOrEqual(6)
})
