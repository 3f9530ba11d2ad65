import { RE2JS } from 're2js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LogsQuestion, logLevels, type Telemetry } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { dice, type Roll } from '#test/harness/dice.ts'
import { anyMessage, anyPattern, hostilePatterns } from '#test/harness/hostile-patterns.ts'
import { literal, literals } from '#workers/telemetry/literal.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

let telemetry: TestTelemetry
let reader: Telemetry
let asked: string[]
const end = new Date(Math.floor(Date.now() / 1000) * 1000)
const lateness = { of: async () => ({ delayMs: 20_000, isStamped: true, silentSince: undefined }) }

beforeAll(async () => {
  telemetry = await testTelemetry()
  asked = []
  const store = {
    ...telemetry.store,
    query: <Row>(sql: string, params?: Record<string, unknown>) => {
      asked.push(sql)
      return telemetry.store.query<Row>(sql, params)
    },
  }
  reader = clickHouseTelemetry(store, { lateness })
})
afterAll(() => telemetry.close())

/** As bytes: what is no UTF-8 does not travel as JSON. */
async function write(count: number, roll: Roll): Promise<void> {
  const lines = Array.from({ length: count }, () => {
    const ts = `fromUnixTimestamp64Milli(${end.getTime() - roll(400_000)}, 'UTC')`
    const names = literals([
      ['prod', 'prod', 'test'][roll(3)] ?? '',
      ['orders', ''][roll(2)] ?? '',
      `a-${roll(2)}`,
    ])
    return `(${names}, ${literal(logLevels[roll(5)] ?? 'INFO')}, ${ts}, 'test', unhex('${anyMessage(roll).toString('hex')}'))`
  })
  await telemetry.store.command(
    `INSERT INTO logs (environment, app, agent, level, ts, logger, message) VALUES ${lines.join(', ')}`,
  )
}

function isTaken(pattern: string): boolean {
  try {
    RE2JS.compile(pattern)
    return true
  } catch {
    return false
  }
}

function questionsFor(patterns: readonly string[], roll: Roll): LogsQuestion[] {
  return patterns.map((pattern) => ({
    about: 'logs',
    environment: ['prod', 'test'][roll(2)] ?? 'prod',
    ...(roll(2) === 0 && { app: ['orders', ''][roll(2)] ?? '' }),
    ...(roll(4) === 0 && { agent: `a-${roll(2)}` }),
    levels: [logLevels, ['WARN', 'ERROR'] as const, ['INFO'] as const][roll(3)] ?? logLevels,
    pattern,
    windowSeconds: [10, 60, 300][roll(3)] ?? 60,
  }))
}

/** By RE2 alone, each for itself. */
async function countEachByItself(questions: readonly LogsQuestion[]) {
  const counts = questions.flatMap((question) => [countOf(question, 0), countOf(question, 20_000)])
  const [row] = await telemetry.store.query<{ counts: string[] }>(
    `SELECT [${counts.join(', ')}] AS counts FROM logs`,
  )
  const count = (index: number) => ({ count: Number(row?.counts[index]) })
  return questions.map((_, index) => ({
    about: 'logs',
    early: count(2 * index),
    settled: count(2 * index + 1),
  }))
}

function countOf(question: LogsQuestion, delayMs: number): string {
  const { environment, app, agent, levels, pattern, windowSeconds } = question
  const to = end.getTime() - delayMs
  const instant = (ms: number) => `fromUnixTimestamp64Milli(${ms}, 'UTC')`
  return (
    `countIf(ts > ${instant(to - windowSeconds * 1000)} AND ts <= ${instant(to)} AND environment = ${literal(environment)}` +
    ` AND level IN (${literals(levels)}) AND match(message, ${literal(pattern)})` +
    (app === undefined ? '' : ` AND app = ${literal(app)}`) +
    (agent === undefined ? ')' : ` AND agent = ${literal(agent)})`)
  )
}

test.each([1, 2, 3])(
  'one look for all patterns, and the ring, find what a look for each finds (%i)',
  async (seed) => {
    const roll = dice(seed)
    await write(600, roll)
    const random = Array.from({ length: 100 }, () => anyPattern(roll))
    const patterns = [...hostilePatterns, ...random].filter(isTaken)
    const questions = questionsFor(patterns, roll)
    asked.length = 0
    const answers = await reader.ask(questions, end)
    expect(asked.filter((sql) => sql.includes('FROM logs')).length).toBe(1)
    const expected = await countEachByItself(questions)
    const wrong = questions.flatMap((question, index) =>
      JSON.stringify(answers[index]) === JSON.stringify(expected[index])
        ? []
        : [{ question, answer: answers[index], expected: expected[index] }],
    )
    expect(wrong).toEqual([])
    const watch = reader.watch(questions)
    expect(await watch.ask(end)).toEqual(expected)
    watch.close()
    expect(expected.filter(({ early }) => early.count > 0).length).toBeGreaterThan(50)
  },
)
