import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutionsQuestion, Telemetry } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { dice } from '#test/harness/dice.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { granulesRead } from './granules-read.ts'
import { someExecutions } from './some-executions.ts'

vi.setConfig({ testTimeout: 120_000 })

let telemetry: TestTelemetry
let reader: Telemetry
/** Where rows are put. */
let table: string
let asked: string[]
let delayMs: number
let isStamped: boolean
/** By the store's clock, which goes with ours unless it is moved. */
let storeNow: number
const start = new Date(Math.floor(Date.now() / 60_000) * 60_000)
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

beforeEach(async () => {
  telemetry = await testTelemetry()
  table = 'executions'
  asked = []
  delayMs = 10_000
  isStamped = true
  storeNow = Date.now()
  const lateness: Lateness = { of: async () => ({ delayMs, isStamped, silentSince: undefined }) }
  const heard = (sql: string) => {
    asked.push(sql)
    return sql.replaceAll('now64(3)', `fromUnixTimestamp64Milli(toInt64(${storeNow}))`)
  }
  const store = {
    ...telemetry.store,
    // What is asked in a hurry is the ring's look at itself, once an hour.
    query: <Row>(sql: string, params?: Record<string, unknown>, signal?: AbortSignal) =>
      telemetry.store.query<Row>(signal ? sql : heard(sql), params, signal),
    columns: (sql: string) => telemetry.store.columns(heard(sql)),
  }
  reader = clickHouseTelemetry(store, { lateness })
})
afterEach(() => telemetry.close())

async function rows(count: number, instant: () => Date, roll: (below: number) => number): Promise<void> {
  await telemetry.store.insert(table, someExecutions(count, instant, roll))
}

const prod = { about: 'executions', environment: 'prod' } as const
const questions: ExecutionsQuestion[] = [10, 60, 300, 900].flatMap((windowSeconds) => [
  { ...prod, windowSeconds },
  { ...prod, windowSeconds, environment: 'test', withP99: true },
  { ...prod, windowSeconds, app: 'orders', withP99: true },
  { ...prod, windowSeconds, app: '', route: 'pay' },
  { ...prod, windowSeconds, app: 'payments', route: '', withP99: true },
  { ...prod, windowSeconds, app: 'nobody', withP99: true },
])

function scans(): number {
  return asked.filter((sql) => sql.includes('GROUPING SETS')).length
}

/** As people bring tables of their own. */
async function hideBehindAView(): Promise<void> {
  table = 'taken'
  await telemetry.store.command('RENAME TABLE executions TO taken')
  await telemetry.store.command('CREATE VIEW executions AS SELECT * FROM taken')
}

describe.each([
  ['a table that numbers its rows', async () => undefined],
  ['a view', hideBehindAView],
])('a ring answers as the store would, over %s', (kind, prepare) => {
  beforeEach(prepare)

  test.each([1, 2, 3])('whatever comes, in whatever order, however late (%i)', async (seed) => {
    const roll = dice(seed)
    await rows(400, () => after(-roll(1200_000) / 1000), roll)
    const watch = reader.watch(questions)
    await watch.ask(start)
    for (let slot = 0, seconds = 0; slot < 14; slot++, seconds += 5 * (1 + roll(4))) {
      // Just happened, about to happen by a clock that is ahead, or a while ago; right on the edges of buckets too.
      const late = () => [roll(20), -roll(40), roll(400), roll(1200)][roll(4)] ?? 0
      await rows(roll(60), () => after(seconds - late() - (roll(3) === 0 ? 0 : roll(1000) / 1000)), roll)
      if (roll(4) === 0) await telemetry.store.command(`OPTIMIZE TABLE ${table} FINAL`)
      delayMs = [10_000, 25_000, 5000][roll(3)] ?? 0
      asked.length = 0
      const answers = await watch.ask(after(seconds))
      expect(scans()).toBe(0)
      expect(answers).toEqual(await reader.ask(questions, after(seconds)))
    }
    watch.close()
  })

  test('over hours, of which the most is kept by the minute', async () => {
    const roll = dice(11)
    await rows(900, () => after(-roll(4 * 3600_000) / 1000), roll)
    const long = [5400, 9000].flatMap((windowSeconds) =>
      questions.slice(0, 6).map((one) => ({ ...one, windowSeconds })),
    )
    const watch = reader.watch([...long, ...questions])
    for (const seconds of [0, 5, 10]) await watch.ask(after(seconds))
    for (let move = 0, seconds = 15; move < 16; move++, seconds += [5, 10, 65, 400][roll(4)] ?? 5) {
      if (move === 9) seconds += 2400
      await rows(roll(40), () => after(seconds - roll([30, 600, 9200][roll(3)] ?? 30)), roll)
      asked.length = 0
      const answers = await watch.ask(after(seconds))
      expect(scans()).toBe(0)
      expect(answers).toEqual(await reader.ask([...long, ...questions], after(seconds)))
    }
    const others = [{ ...prod, windowSeconds: 7200, app: 'orders' }]
    const second = reader.watch(others)
    expect(await second.ask(after(5000))).toEqual(await reader.ask(others, after(5000)))
    watch.close()
    second.close()
  }, 90_000)

  test('after a pause, of minutes or of hours', async () => {
    const roll = dice(4)
    await rows(200, () => after(-roll(900)), roll)
    const watch = reader.watch(questions)
    for (const seconds of [0, 600, 9000]) {
      await rows(200, () => after(seconds - roll(900)), roll)
      expect(await watch.ask(after(seconds))).toEqual(await reader.ask(questions, after(seconds)))
    }
  })

  test('to questions that come later, without reading its past again', async () => {
    const roll = dice(5)
    await rows(300, () => after(-roll(900)), roll)
    const first = reader.watch(questions)
    await first.ask(start)
    const more = [{ ...prod, app: 'payments', route: 'refund', withP99: true, windowSeconds: 120 }]
    const second = reader.watch(more)
    first.close()
    asked.length = 0
    const answers = await second.ask(after(5))
    expect(asked.filter((sql) => sql.includes('groupArray(')).length).toBe(kind === 'a view' ? 2 : 1)
    expect(answers).toEqual(await reader.ask(more, after(5)))
  })

  test('although rows became visible long after they were stamped', async () => {
    const roll = dice(9)
    await rows(100, () => after(-roll(900)), roll)
    const watch = reader.watch(questions)
    await watch.ask(start)
    const stamped = `fromUnixTimestamp64Milli(toInt64(${storeNow - 90_000}))`
    const happened = `fromUnixTimestamp64Milli(toInt64(${start.getTime() - 100_000}))`
    await telemetry.store.command(
      `INSERT INTO ${table} (environment, app, route, agent, status, duration_ms, ts, ingested_at)
       SELECT 'prod', 'orders', 'pay', 'a-1', 'FAILED', 7, ${happened}, ${stamped}`,
    )
    for (const seconds of [5, 10, 60, 65]) {
      storeNow += 5000 * (seconds === 60 ? 10 : 1)
      await watch.ask(after(seconds))
    }
    expect(await watch.ask(after(65))).toEqual(await reader.ask(questions, after(65)))
  })

  test('by asking it: for windows off its grid, instants before it, and rows that do not say when they came', async () => {
    const roll = dice(6)
    await rows(300, () => after(-roll(900)), roll)
    const odd = [{ ...prod, windowSeconds: 61 }, ...questions]
    const watch = reader.watch(odd)
    expect(await watch.ask(start)).toEqual(await reader.ask(odd, start))
    expect(await watch.ask(after(-10))).toEqual(await reader.ask(odd, after(-10)))
    isStamped = false
    await rows(30, () => after(-roll(900)), roll)
    expect(await watch.ask(after(5))).toEqual(await reader.ask(odd, after(5)))
  })

  test('along another grid, once the slots have moved there for good', async () => {
    await rows(300, () => after(-dice(7)(900)), dice(7))
    const watch = reader.watch(questions)
    await watch.ask(start)
    for (const seconds of [7.5, 12.5, 17.5, 22.5]) {
      asked.length = 0
      expect(await watch.ask(after(seconds))).toEqual(await reader.ask(questions, after(seconds)))
    }
    expect(scans()).toBe(1)
  })

  test('while it is seeded step by step: the longest windows are asked of the store until then', async () => {
    const roll = dice(8)
    await rows(500, () => after(-roll(4 * 3600)), roll)
    const long = [{ ...prod, windowSeconds: 3 * 3600, withP99: true }, ...questions]
    const watch = reader.watch(long)
    for (let seconds = 0; seconds < 25; seconds += 5) {
      asked.length = 0
      const answers = await watch.ask(after(seconds))
      expect(scans()).toBe(seconds < 10 ? 1 : 0)
      expect(answers).toEqual(await reader.ask(long, after(seconds)))
    }
  })
})

describe('a table that numbers its rows', () => {
  const insert = (rows: string) =>
    telemetry.store.command(
      `INSERT INTO executions (environment, app, route, agent, status, duration_ms, ts, ingested_at)
       SELECT 'prod', 'orders', 'pay', 'a-1', 'FAILED', 7 + number, ${rows}`,
    )
  const instant = (ms: number) => `fromUnixTimestamp64Milli(toInt64(${ms}))`

  test('is read once: later looks open no part that was known, and count no row', async () => {
    const roll = dice(21)
    await telemetry.store.command('SYSTEM STOP MERGES executions')
    await rows(300, () => after(-roll(900)), roll)
    const watch = reader.watch(questions)
    await watch.ask(start)
    asked.length = 0
    for (const seconds of [5, 10, 15]) {
      await rows(20, () => after(seconds - roll(120)), roll)
      await watch.ask(after(seconds))
    }
    expect(asked).toHaveLength(3)
    expect(asked.every((sql) => sql.includes('_block_number > '))).toBe(true)
    expect(await granulesRead(telemetry.store, asked.at(-1) ?? '')).toMatchObject({ read: 1 })
    expect(await watch.ask(after(15))).toEqual(await reader.ask(questions, after(15)))
  })

  test('shows at the next look what was committed last though it was begun first', async () => {
    const watch = reader.watch(questions)
    await watch.ask(start)
    const slow = insert(
      `${instant(start.getTime() - 4000)} + sleepEachRow(0.3), ${instant(storeNow - 400_000)} FROM numbers(4)`,
    )
    await insert(`${instant(start.getTime() - 3000)}, now64(3) FROM numbers(1)`)
    expect(await watch.ask(start)).toEqual(await reader.ask(questions, start))
    await slow
    const answers = await watch.ask(after(5))
    expect(answers).toEqual(await reader.ask(questions, after(5)))
    expect(answers[0]).toMatchObject({ early: { count: 5 } })
  })

  test('shows rows of clocks that are ahead when their time has come, and not before', async () => {
    const watch = reader.watch(questions)
    await watch.ask(start)
    for (const seconds of [3, 50, 119, 121, 300]) {
      await insert(`${instant(after(seconds).getTime())}, now64(3) FROM numbers(3)`)
      await watch.ask(after(0))
    }
    for (const seconds of [0, 5, 50, 120, 125, 240, 300])
      expect(await watch.ask(after(seconds))).toEqual(await reader.ask(questions, after(seconds)))
  })

  test('is begun anew when it was emptied and counts from the start', async () => {
    await rows(50, () => after(-dice(3)(60)), dice(3))
    const watch = reader.watch(questions)
    await watch.ask(start)
    await telemetry.store.command('TRUNCATE TABLE executions')
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 120_000)
    for (const seconds of [5, 10, 15, 20])
      expect(await watch.ask(after(seconds))).toEqual(await reader.ask(questions, after(seconds)))
    expect(asked.filter((sql) => sql.includes('system.parts'))).toHaveLength(3)
    clock.mockRestore()
  })
})
