import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Question } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { learnedLateness, promptRows } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { granulesRead } from './granules-read.ts'

let telemetry: TestTelemetry
const end = new Date(Math.floor(Date.now() / 1000) * 1000)

beforeAll(async () => {
  telemetry = await testTelemetry()
  const at = `toDateTime64('${end.toISOString().replace('T', ' ').replace('Z', '')}', 3, 'UTC')`
  // A row every 20 ms for five hours: about a hundred granules.
  await telemetry.store.command(
    `INSERT INTO executions (environment, app, route, agent, status, ts, duration_ms, exec_id, correlation_id)
     SELECT if(number % 2, 'prod', 'test'), 'app', 'route', 'agent', 'COMPLETED', ${at} - toIntervalMillisecond(number * 20), 80, '', '' FROM numbers(900000)`,
  )
  await telemetry.store.command(
    `INSERT INTO logs (environment, app, agent, level, ts, logger, message)
     SELECT if(number % 2, 'prod', 'test'), 'app', 'agent', 'INFO', ${at} - toIntervalMillisecond(number * 20), 'log', 'line' FROM numbers(900000)`,
  )
})
afterAll(() => telemetry.close())

/** Runs the reader's very own query through EXPLAIN instead. */
async function granulesOf(
  ask: (store: TelemetryStore) => Promise<unknown>,
): Promise<{ read: number; total: number }> {
  const asked: { sql: string; params: Record<string, unknown> }[] = []
  await ask({
    ...telemetry.store,
    query: <Row>(sql: string, params: Record<string, unknown> = {}) => {
      asked.push({ sql, params })
      return telemetry.store.query<Row>(sql, params)
    },
  })
  const [first] = asked
  if (!first) throw new Error('nothing was asked')
  const explained = {
    ...telemetry.store,
    query: <Row>(sql: string) => telemetry.store.query<Row>(sql, first.params),
  }
  return granulesRead(explained, first.sql)
}

const window = { environment: 'prod', windowSeconds: 60 }

test.each<[string, Question]>([
  ['executions of an app', { about: 'executions', ...window, app: 'app' }],
  ['executions of everything', { about: 'executions', ...window }],
  ['log lines', { about: 'logs', ...window, levels: ['ERROR'], pattern: 'x' }],
])('a window of a minute reads a few granules of hours of %s', async (_what, question) => {
  const { read, total } = await granulesOf((store) =>
    clickHouseTelemetry(store, { lateness: promptRows }).ask([question], end),
  )
  expect(total).toBeGreaterThan(90)
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThanOrEqual(6)
})

test('learning how late rows come reads three minutes', async () => {
  const { read, total } = await granulesOf((store) => learnedLateness(store).of('executions', end))
  expect(read / total).toBeLessThan(0.1)
})

test('a picture of half an hour reads half an hour', async () => {
  const question: Question = { about: 'executions', ...window, app: 'app' }
  const slots = { from: new Date(end.getTime() - 1_800_000), stepSeconds: 30, count: 61 }
  const { read, total } = await granulesOf((store) =>
    clickHouseTelemetry(store, { lateness: promptRows }).trace(question, slots),
  )
  expect(read / total).toBeLessThan(0.25)
})
