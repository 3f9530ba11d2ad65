import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RingCheck } from '#engine/telemetry/ring-check.ts'
import type { Answer, ExecutionsQuestion, LogsQuestion, Telemetry } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

let telemetry: TestTelemetry
let reader: Telemetry
let asked: string[]
let checks: RingCheck[]
let refuses: (sql: string) => boolean
const start = new Date(Math.floor(Date.now() / 60_000) * 60_000)
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)
const hour = 3600

beforeEach(async () => {
  telemetry = await testTelemetry()
  asked = []
  checks = []
  refuses = () => false
  const lateness: Lateness = {
    of: async () => ({ delayMs: 10_000, isStamped: true, silentSince: undefined }),
  }
  const store = {
    ...telemetry.store,
    columns: (sql: string) => telemetry.store.columns(sql),
    query: <Row>(sql: string, params?: Record<string, unknown>, signal?: AbortSignal) => {
      asked.push(sql)
      if (refuses(sql)) throw new Error('it took too long')
      return telemetry.store.query<Row>(sql, params, signal)
    },
  }
  reader = clickHouseTelemetry(store, { lateness, onRingCheck: (check) => checks.push(check) })
})
afterEach(() => telemetry.close())

const executions: ExecutionsQuestion[] = ['orders', 'payments'].flatMap((app) => [
  { about: 'executions', environment: 'prod', app, windowSeconds: 5400, withP99: true },
])
const logs: LogsQuestion[] = ['Timeout', 'Refused', 'E[0-9]+'].map((pattern) => ({
  about: 'logs',
  environment: 'prod',
  levels: ['ERROR'],
  pattern,
  windowSeconds: 5400,
}))

async function seed(): Promise<void> {
  const moments = Array.from({ length: 60 }, (_, index) => after(-index * 100))
  await telemetry.store.insert(
    'executions',
    moments.map((ts, index) => ({
      environment: 'prod',
      app: 'orders',
      status: 'COMPLETED',
      ts,
      duration_ms: index,
    })),
  )
  await telemetry.store.insert(
    'logs',
    moments.map((ts, index) => ({
      environment: 'prod',
      app: 'orders',
      level: 'ERROR',
      ts,
      message: `Timeout E${index}`,
    })),
  )
}

/** Rows that nobody who looks for what came lately can see: the store says that it had them long ago. */
async function slipIn(): Promise<void> {
  const longAgo = after(-24 * hour)
  const ts = after(-600)
  await telemetry.store.insert('executions', [
    { environment: 'prod', app: 'orders', status: 'FAILED', ts, duration_ms: 7, ingested_at: longAgo },
  ])
  await telemetry.store.insert('logs', [
    { environment: 'prod', app: 'orders', level: 'ERROR', ts, message: 'Timeout E1', ingested_at: longAgo },
  ])
}

const relations: [string, readonly (ExecutionsQuestion | LogsQuestion)[]][] = [
  ['executions', executions],
  ['logs', logs],
]

describe.each(relations)('the ring of %s', (relation, questions) => {
  test('that remembers something else than the store has is noticed and begun anew', async () => {
    await seed()
    const watch = reader.watch(questions)
    await watch.ask(start)
    await slipIn()
    const wrong = await watch.ask(after(hour))
    expect(wrong).not.toEqual(await reader.ask(questions, after(hour)))
    // Late rows may still be on their way: it is looked at again before anybody is told.
    await watch.ask(after(hour + 170))
    expect(checks).toEqual([])
    await watch.ask(after(hour + 185))
    let seconds = hour + 185
    const isSeeded = (answers: readonly Answer[]) =>
      answers.every((answer) => 'settled' in answer && answer.settled !== undefined)
    let mended: readonly Answer[]
    do mended = await watch.ask(after((seconds += 5)))
    while (!isSeeded(mended))
    expect(checks).toMatchObject([{ relation, outcome: 'different' }])
    expect(checks[0]?.difference).toContain('"remembered"')
    expect(mended).toEqual(await reader.ask(questions, after(seconds)))
    watch.close()
  })

  test('is looked at once an hour and no more often', async () => {
    await seed()
    const watch = reader.watch(questions)
    for (let seconds = 0; seconds <= 2 * hour; seconds += 900) await watch.ask(after(seconds))
    await watch.ask(after(2 * hour + 5))
    expect(checks).toEqual([
      { relation, outcome: 'equal' },
      { relation, outcome: 'equal' },
    ])
    watch.close()
  })

  test('goes on where the store takes too long to count, and tries less', async () => {
    await seed()
    const shorter = questions.map((question) => ({ ...question, windowSeconds: 600 }))
    const watch = reader.watch([...questions, ...shorter])
    await watch.ask(start)
    const isRecount = (sql: string) => /GROUPING SETS|\] AS counts/.test(sql)
    refuses = isRecount
    for (const hours of [1, 2]) await watch.ask(after(hours * hour))
    await watch.ask(after(2 * hour + 5))
    refuses = () => false
    expect(new Set(checks.map(({ outcome }) => outcome))).toEqual(new Set(['undecided']))
    asked.length = 0
    await watch.ask(after(3 * hour))
    await watch.ask(after(3 * hour + 5))
    expect(checks.at(-1)).toEqual({ relation, outcome: 'equal' })
    expect(asked.filter(isRecount)).toHaveLength(1)
    watch.close()
  })

  test('is not blamed for rules that came or went meanwhile', async () => {
    await seed()
    const others = questions.map((question) => ({ ...question, app: 'nobody' }))
    const watch = reader.watch(questions)
    await watch.ask(start)
    await slipIn()
    await watch.ask(after(hour))
    const second = reader.watch(others)
    watch.close()
    await second.ask(after(hour + 185))
    await second.ask(after(hour + 190))
    expect(checks).toEqual([{ relation, outcome: 'equal' }])
    second.close()
  })
})
