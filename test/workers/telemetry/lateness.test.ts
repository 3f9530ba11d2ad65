import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Question } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { type Lateness, learnedLateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

let telemetry: TestTelemetry
let lateness: Lateness
const at = new Date(Math.floor(Date.now() / 60_000) * 60_000)
const before = (seconds: number, from = at) => new Date(from.getTime() - seconds * 1000)
const after = (seconds: number) => before(-seconds)

beforeEach(async () => {
  telemetry = await testTelemetry()
  lateness = learnedLateness(telemetry.store)
})
afterEach(() => telemetry.close())

/** One row for each instant, seen that many seconds later. */
async function rows(instants: readonly Date[], lateBy: (index: number) => number): Promise<void> {
  await telemetry.store.insert(
    'executions',
    instants.map((ts, index) => ({
      environment: 'prod',
      app: 'shop',
      route: 'pay',
      agent: 'a',
      status: 'FAILED',
      ts,
      ingested_at: before(-lateBy(index), ts),
      duration_ms: 5,
      exec_id: randomUUID(),
      correlation_id: '',
    })),
  )
}

const lastMinutes = Array.from({ length: 160 }, (_, index) => before(index + 1))
const lastHour = Array.from({ length: 90 }, (_, index) => before(index * 60 + 1))

describe('how late rows come is learned from the latest', () => {
  test.each([
    ['at once', () => 0.001, 5],
    ['seconds later', () => 7.2, 10],
    ['one in ten half a minute later', (index: number) => (index % 10 === 0 ? 33 : 1), 35],
    ['hours later', () => 7200, 120],
    ['earlier than they happened, by a clock that is ahead', () => -40, 5],
    ['without saying when', () => 0, 30],
  ])('%s', async (_how, lateBy, seconds) => {
    await rows(lastMinutes, lateBy)
    expect(await lateness.of('executions', at)).toMatchObject({
      delayMs: seconds * 1000,
      silentSince: undefined,
    })
  })

  test('and what was learned is kept while nothing comes', async () => {
    await rows(lastMinutes, () => 7.2)
    await lateness.of('executions', at)
    expect((await lateness.of('executions', after(300))).delayMs).toBe(10_000)
  })

  test('a relation that never had rows is not silent, and waits as is usual', async () => {
    expect(await lateness.of('logs', at)).toMatchObject({ delayMs: 30_000, silentSince: undefined })
  })
})

describe('a relation that had rows all the time', () => {
  beforeEach(() => rows(lastHour, () => 1))

  test('is silent when none came for ten minutes, since its last row, however long that is', async () => {
    expect((await lateness.of('executions', after(590))).silentSince).toBeUndefined()
    expect((await lateness.of('executions', after(660))).silentSince).toEqual(before(1))
    expect((await lateness.of('executions', after(2 * 86_400))).silentSince).toEqual(before(1))
  })

  test('also to whoever starts in the middle of it', async () => {
    expect((await lateness.of('executions', after(7200))).silentSince).toEqual(before(1))
  })

  test('until rows come again', async () => {
    expect((await lateness.of('executions', after(660))).silentSince).toBeDefined()
    await rows([after(700)], () => 1)
    expect((await lateness.of('executions', after(705))).silentSince).toBeUndefined()
  })
})

test('a trickle that pauses is no silence', async () => {
  await rows([before(3000), before(1800), before(1)], () => 1)
  expect((await lateness.of('executions', after(3600))).silentSince).toBeUndefined()
})

describe('answers', () => {
  const question: Question = { about: 'executions', environment: 'prod', windowSeconds: 60 }

  test('are settled up to where the rows are complete', async () => {
    await rows(lastMinutes, () => 7.2)
    const [answer] = await clickHouseTelemetry(telemetry.store).ask([question], before(-10))
    expect(answer).toMatchObject({ early: { count: 49 }, settled: { count: 59 } })
  })

  test('are not settled while the relation is silent, and say since when', async () => {
    await rows(lastHour, () => 1)
    const [answer] = await clickHouseTelemetry(telemetry.store).ask([question], after(660))
    expect(answer).toEqual({
      about: 'executions',
      early: expect.objectContaining({ count: 0 }) as unknown,
      settled: undefined,
      silentSince: before(1),
    })
  })
})
