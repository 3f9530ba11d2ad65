import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LogsQuestion, logLevels, type Telemetry } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { dice } from '#test/harness/dice.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

let telemetry: TestTelemetry
let reader: Telemetry
let asked: string[]
let delayMs: number
let isStamped: boolean
const start = new Date(Math.floor(Date.now() / 60_000) * 60_000)
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

beforeEach(async () => {
  telemetry = await testTelemetry()
  asked = []
  delayMs = 10_000
  isStamped = true
  const lateness: Lateness = { of: async () => ({ delayMs, isStamped, silentSince: undefined }) }
  const store = {
    ...telemetry.store,
    query: <Row>(sql: string, params?: Record<string, unknown>) => {
      asked.push(sql)
      return telemetry.store.query<Row>(sql, params)
    },
  }
  reader = clickHouseTelemetry(store, { lateness })
})
afterEach(() => telemetry.close())

const messages = ['TimeoutException: 3 s', 'timeout', 'ok', 'user=ana failed', 'it\nfailed', 'failed\n', '']

async function lines(count: number, instant: () => Date, roll: (below: number) => number): Promise<void> {
  const some = Array.from({ length: count }, () => ({
    environment: roll(5) === 0 ? 'test' : 'prod',
    app: ['orders', 'payments', ''][roll(3)],
    agent: `a-${roll(2)}`,
    level: logLevels[roll(5)],
    ts: instant(),
    logger: 'test',
    message: messages[roll(messages.length)],
  }))
  await telemetry.store.insert('logs', some)
}

const prod = { about: 'logs', environment: 'prod', levels: ['WARN', 'ERROR'] } as const
const questions: LogsQuestion[] = [10, 60, 300, 900].flatMap((windowSeconds) => [
  { ...prod, windowSeconds, pattern: 'Exception' },
  { ...prod, windowSeconds, pattern: 'failed$', environment: 'test', levels: logLevels },
  { ...prod, windowSeconds, pattern: '(?i)timeout', app: 'orders' },
  { ...prod, windowSeconds, pattern: '.', app: '', agent: 'a-1', levels: ['INFO'] },
  { ...prod, windowSeconds, pattern: 'user=\\S+ failed' },
  { ...prod, windowSeconds, pattern: 'nothing like it' },
])

/** What was read of the logs beyond how many lines came lately. */
function reads(): string[] {
  return asked.filter((sql) => sql.includes('FROM logs') && !sql.includes('slices'))
}

describe('a ring answers as the store would', () => {
  test.each([1, 2])('whatever comes, in whatever order, however late (%i)', async (seed) => {
    const roll = dice(seed)
    await lines(400, () => after(-roll(1200_000) / 1000), roll)
    const watch = reader.watch(questions)
    await watch.ask(start)
    for (let slot = 0, seconds = 0; slot < 9; slot++, seconds += 5 * (1 + roll(4))) {
      const late = () => [roll(20), -roll(40), roll(400), roll(1200)][roll(4)] ?? 0
      await lines(roll(60), () => after(seconds - late() - (roll(3) === 0 ? 0 : roll(1000) / 1000)), roll)
      if (slot === 5) delayMs = 25_000
      expect(await watch.ask(after(seconds))).toEqual(await reader.ask(questions, after(seconds)))
    }
    watch.close()
  })

  test('after a pause, of minutes or of hours', async () => {
    const roll = dice(4)
    await lines(200, () => after(-roll(900)), roll)
    const watch = reader.watch(questions)
    for (const seconds of [0, 600, 9000]) {
      await lines(200, () => after(seconds - roll(900)), roll)
      expect(await watch.ask(after(seconds))).toEqual(await reader.ask(questions, after(seconds)))
    }
  })

  test('to patterns that come later, whose past is read once', async () => {
    const roll = dice(5)
    await lines(300, () => after(-roll(900)), roll)
    const first = reader.watch(questions)
    await first.ask(start)
    const more: LogsQuestion[] = [
      { ...prod, pattern: 'ok', windowSeconds: 600 },
      { ...prod, pattern: 'Exception', windowSeconds: 900, app: 'payments' },
    ]
    const second = reader.watch([...questions, ...more])
    first.close()
    asked.length = 0
    const answers = await second.ask(after(5))
    expect(reads().filter((sql) => sql.includes("'ok'"))).not.toEqual([])
    expect(answers).toEqual(await reader.ask([...questions, ...more], after(5)))
    asked.length = 0
    await second.ask(after(10))
    expect(reads().length).toBe(1)
  })

  test('to a longer window of a pattern that was known', async () => {
    const roll = dice(9)
    await lines(400, () => after(-roll(7200)), roll)
    const watch = reader.watch([{ ...prod, pattern: 'Exception', windowSeconds: 60 }])
    await watch.ask(start)
    const longer = [{ ...prod, pattern: 'Exception', windowSeconds: 7200 }]
    expect(await reader.watch(longer).ask(after(5))).toEqual(await reader.ask(longer, after(5)))
  })

  test('by asking it: for windows off its grid, instants before it, and lines that do not say when they came', async () => {
    const roll = dice(6)
    await lines(300, () => after(-roll(900)), roll)
    const odd = [{ ...prod, pattern: 'Exception', windowSeconds: 61 }, ...questions]
    const watch = reader.watch(odd)
    expect(await watch.ask(start)).toEqual(await reader.ask(odd, start))
    expect(await watch.ask(after(-10))).toEqual(await reader.ask(odd, after(-10)))
    isStamped = false
    await lines(30, () => after(-roll(900)), roll)
    expect(await watch.ask(after(5))).toEqual(await reader.ask(odd, after(5)))
  })

  test('for a day as for a minute: once it was read, a move reads the newest lines alone', async () => {
    const roll = dice(8)
    await lines(500, () => after(-roll(86_400)), roll)
    const long = [{ ...prod, pattern: 'Exception', windowSeconds: 86_400 }, ...questions]
    const watch = reader.watch(long)
    await expect
      .poll(async () => await watch.ask(start), { timeout: 60_000 })
      .toEqual(await reader.ask(long, start))
    asked.length = 0
    const answers = await watch.ask(after(5))
    expect(reads().length).toBe(1)
    expect(answers).toEqual(await reader.ask(long, after(5)))
  })
})

describe('lines that come late', () => {
  const looking: LogsQuestion[] = [60, 300].map((windowSeconds) => ({
    ...prod,
    windowSeconds,
    pattern: 'failed',
  }))
  const aLine = { environment: 'prod', app: 'orders', level: 'ERROR', message: 'failed' }

  /** Of those that were read since somebody asked, the lines whose messages were looked at. */
  async function linesRead(): Promise<number> {
    let lines = 0
    for (const sql of reads()) {
      const where = sql.slice(sql.indexOf('FROM logs WHERE'), sql.indexOf(') GROUP BY'))
      const [row] = await telemetry.store.query<{ lines: string }>(`SELECT count() AS lines ${where}`)
      lines += Number(row?.lines)
    }
    return lines
  }

  test('cost what they are and not what they are among, again and again', async () => {
    const ingested = { ingested_at: new Date(Date.now() - 60_000) }
    const many = Array.from({ length: 6000 }, (_, index) => ({
      ...aLine,
      ...ingested,
      ts: after(-index / 50),
    }))
    await telemetry.store.insert('logs', many)
    const watch = reader.watch(looking)
    await watch.ask(start)
    for (const seconds of [5, 10, 15]) {
      const late = Array.from({ length: 24 }, (_, index) => ({ ...aLine, ts: after(-index * 5 - 2) }))
      await telemetry.store.insert('logs', late)
      asked.length = 0
      const answers = await watch.ask(after(seconds))
      // What came within the same few seconds is looked at again with it, and nothing else.
      expect(await linesRead()).toBeLessThanOrEqual(3 * 24)
      expect(answers).toEqual(await reader.ask(looking, after(seconds)))
    }
    watch.close()
  })

  test('count once, whenever they were stamped, and go when the store drops them', async () => {
    const stamped = (secondsAgo: number, ts: Date) => ({
      ...aLine,
      ts,
      ingested_at: new Date(Date.now() - secondsAgo * 1000),
    })
    await telemetry.store.insert('logs', [
      stamped(40, after(-30)),
      stamped(12, after(-30)),
      stamped(3, after(-31)),
    ])
    const watch = reader.watch(looking)
    await watch.ask(start)
    await telemetry.store.insert('logs', [
      stamped(12, after(-30)),
      stamped(20, after(-32)),
      stamped(1, after(-90)),
    ])
    expect(await watch.ask(after(5))).toEqual(await reader.ask(looking, after(5)))
    await telemetry.store.command(
      'ALTER TABLE logs DELETE WHERE ts < fromUnixTimestamp64Milli(toInt64(' +
        `${after(-31.5).getTime()})) SETTINGS mutations_sync = 2`,
    )
    expect(await watch.ask(after(10))).toEqual(await reader.ask(looking, after(10)))
    watch.close()
  })
})
