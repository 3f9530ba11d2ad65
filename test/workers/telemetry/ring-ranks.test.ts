import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutionsQuestion, Telemetry } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { dice } from '#test/harness/dice.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { Ring } from '#workers/telemetry/rings/ring.ts'
import { someExecutions } from './some-executions.ts'

vi.setConfig({ testTimeout: 120_000 })

let telemetry: TestTelemetry
/** Asks the store anew each time. */
let reader: Telemetry
let table: string
let asked: string[]
let completeness: Completeness
const start = new Date(Math.floor(Date.now() / 60_000) * 60_000)
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)
const hour = 3600

beforeEach(async () => {
  telemetry = await testTelemetry()
  table = 'executions'
  asked = []
  completeness = { delayMs: 10_000, isStamped: true, silentSince: undefined }
  reader = clickHouseTelemetry(telemetry.store, { lateness: { of: async () => completeness } })
})
afterEach(() => telemetry.close())

const prod = { about: 'executions', environment: 'prod', withP99: true } as const
const [short, long, longest] = [60, 3000, 3 * hour].map((windowSeconds): ExecutionsQuestion[] => [
  { ...prod, windowSeconds },
  { ...prod, windowSeconds, app: 'orders' },
  { ...prod, windowSeconds, app: 'payments', route: 'pay' },
  { ...prod, windowSeconds, app: '', route: '' },
  { ...prod, windowSeconds, app: 'nobody' },
]) as [ExecutionsQuestion[], ExecutionsQuestion[], ExecutionsQuestion[]]
const all = [...short, ...long, ...longest]

function openRing(questions = all, mostDurations = 60): Ring {
  const store = {
    ...telemetry.store,
    query: <Row>(sql: string, params?: Record<string, unknown>) => telemetry.store.query<Row>(sql, params),
    columns: (sql: string) => {
      asked.push(sql)
      return telemetry.store.columns(sql)
    },
  }
  return new Ring(store, { at: start, questions, mostDurations })
}

async function rows(count: number, instant: () => Date, roll: (below: number) => number): Promise<void> {
  await telemetry.store.insert(table, someExecutions(count, instant, roll))
}

/** Moves it there, and compares what it answers with what the store does; how many it cannot tell. */
async function missing(ring: Ring, seconds: number, questions = all): Promise<number> {
  await ring.moveTo(after(seconds))
  const answers = questions.map((question) => ring.answer(question, completeness))
  const stored = await reader.ask(questions, after(seconds))
  for (const [index, answer] of answers.entries()) if (answer) expect(answer).toEqual(stored[index])
  return answers.filter((answer) => !answer).length
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
])('quantiles of windows whose durations are not kept, over %s', (kind, prepare) => {
  beforeEach(prepare)

  test.each([1, 2])('are those of the store, whatever comes, however late (%i)', async (seed) => {
    const roll = dice(seed)
    await rows(900, () => after(-roll(4 * hour)), roll)
    const ring = openRing()
    let untold = 0
    for (let move = 0, seconds = 0; move < 16; move++, seconds += [5, 10, 65, 400][roll(4)] ?? 5) {
      if (move === 9) seconds += 3000
      await rows(roll(40), () => after(seconds - roll([30, 600, 4 * hour][roll(3)] ?? 30)), roll)
      if (roll(5) === 0) await telemetry.store.command(`OPTIMIZE TABLE ${table} FINAL`)
      const delayMs = [10_000, 120_000, 5000][roll(3)] ?? 0
      completeness = { ...completeness, delayMs }
      untold = await missing(ring, seconds)
      // What views show may change, and what is late there is read again from the beginning.
      if (kind !== 'a view' && move > 8) expect(untold).toBe(0)
    }
    for (let move = 1; move < 7; move++) untold = await missing(ring, 7000 + 5 * move)
    expect(untold).toBe(0)
  })
})

async function settled(questions = all): Promise<Ring> {
  const roll = dice(17)
  await rows(900, () => after(-roll(4 * hour)), roll)
  const ring = openRing(questions)
  for (let move = 0; move < 8; move++) await missing(ring, 5 * move, questions)
  expect(await missing(ring, 40, questions)).toBe(0)
  asked.length = 0
  return ring
}

const readsBack = () => asked.filter((sql) => !sql.includes('_block_number > '))

describe('quantiles of windows whose durations are not kept', () => {
  test('read what leaves them a minute at a time, and nothing else again', async () => {
    const ring = await settled()
    const roll = dice(3)
    for (let seconds = 45; seconds <= 225; seconds += 5) {
      await rows(5, () => after(seconds - roll(20)), roll)
      expect(await missing(ring, seconds)).toBe(0)
    }
    // Of two lengths, three blocks each, and beyond the newest bucket two minutes at a time.
    expect(readsBack().length).toBeLessThanOrEqual(9)
  })

  test('go on when rules come and go; only for new ones the past is read, and only their rows', async () => {
    const ring = await settled([...short, ...long])
    const more: ExecutionsQuestion[] = [{ ...prod, app: 'payments', windowSeconds: 3000 }]
    const others = [...short.slice(1), ...long.slice(0, 3), ...more]
    expect(ring.accepts(others)).toBe(true)
    expect(await missing(ring, 45, others)).toBe(0)
    const back = readsBack()
    expect(back.length).toBeGreaterThan(0)
    expect(back.every((sql) => sql.includes("(environment, app) IN (('prod', 'payments'))"))).toBe(true)
    expect(ring.accepts([...short, ...long])).toBe(true)
    for (const seconds of [55, 60, 65]) await missing(ring, seconds, [...short, ...long])
    expect(await missing(ring, 70, [...short, ...long])).toBe(0)
  })

  test('are begun where only other things were asked of windows so long', async () => {
    const ring = await settled([...short, { ...prod, windowSeconds: 3000, withP99: false }])
    const questions = [...short, ...long]
    expect(ring.accepts(questions)).toBe(true)
    for (const seconds of [45, 50]) await missing(ring, seconds, questions)
    for (const seconds of [55, 60, 65, 400]) expect(await missing(ring, seconds, questions)).toBe(0)
  })

  test('are counted anew for those whose rows are gone when they are read again', async () => {
    const ring = await settled()
    const doubtful = [...long, ...longest]
    await telemetry.store.command(
      "ALTER TABLE executions DELETE WHERE app = 'orders' AND ts < now() - 1500 SETTINGS mutations_sync = 2",
    )
    const others = doubtful.filter(({ app }) => app !== undefined && app !== 'orders')
    for (let seconds = 45; seconds < 4000; seconds += 400) {
      const roll = dice(seconds)
      await rows(3, () => after(seconds - roll(20)), roll)
      await ring.moveTo(after(seconds))
      const answers = others.map((question) => ring.answer(question, completeness))
      expect(answers).toEqual(await reader.ask(others, after(seconds)))
    }
    for (const seconds of [4000, 4005, 4010, 4015]) await ring.moveTo(after(seconds))
    const orders = long.filter(({ app }) => app === 'orders')
    expect(await missing(ring, 4020, orders)).toBe(0)
  })
})
