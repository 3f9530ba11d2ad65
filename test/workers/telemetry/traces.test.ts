import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainLine } from '#engine/message/plain.ts'
import { previewRule } from '#engine/rule/preview.ts'
import { type Answer, type Question, slotInstant } from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { dice } from '#test/harness/dice.ts'
import { draftOf } from '#test/harness/rule-things.ts'
import { promptRows } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { someExecutions } from './some-executions.ts'

const end = new Date(Math.floor(Date.now() / 60_000) * 60_000)
const before = (seconds: number) => new Date(end.getTime() - seconds * 1000)
const prod = { environment: 'prod' } as const

let telemetry: TestTelemetry
beforeAll(async () => {
  telemetry = await testTelemetry()
})
afterAll(() => telemetry.close())

describe('a trace answers what asking at each of its slots would', () => {
  beforeAll(async () => {
    const roll = dice(5)
    const edge = () => before(roll(2) === 0 ? 10 * roll(60) : roll(600_000) / 1000)
    const executions = someExecutions(700, edge, roll).map((row) => ({
      ...row,
      // Reported again seconds or minutes later, or without an id.
      exec_id: roll(6) === 0 ? '' : `exchange-${roll(300)}`,
    }))
    const byId = Map.groupBy(executions, ({ exec_id }) => exec_id)
    const some = [...byId].flatMap(([id, [first, second, ...others]]) =>
      id === '' || !first ? others : [first, { ...first, ts: second?.ts ?? first.ts }],
    )
    await telemetry.store.insert('executions', some)
    const lines = Array.from({ length: 300 }, () => ({
      ...prod,
      level: 'ERROR',
      message: roll(3) === 0 ? 'Timeout' : 'Refused',
      ts: edge(),
    }))
    await telemetry.store.insert('logs', lines)
    const samples = Array.from({ length: 300 }, (_, index) => ({
      ...prod,
      metric: 'heap',
      agent: `a-${index}`,
      value: roll(50),
      ts: edge(),
    }))
    await telemetry.store.insert('jvm_metrics', samples)
  })

  const questions: ((windowSeconds: number) => Question)[] = [
    (windowSeconds) => ({ about: 'executions', ...prod, windowSeconds }),
    (windowSeconds) => ({ about: 'executions', ...prod, app: 'orders', withP99: true, windowSeconds }),
    (windowSeconds) => ({ about: 'executions', ...prod, app: 'nobody', withP99: true, windowSeconds }),
    (windowSeconds) => ({ about: 'exchanges', ...prod, attributes: {}, windowSeconds }),
    (windowSeconds) => ({
      about: 'exchanges',
      ...prod,
      app: '',
      status: 'FAILED',
      attributes: {},
      windowSeconds,
    }),
    (windowSeconds) => ({ about: 'logs', ...prod, levels: ['ERROR'], pattern: 'Time', windowSeconds }),
    (windowSeconds) => ({ about: 'jvm_metrics', ...prod, metric: 'heap', windowSeconds }),
    (windowSeconds) => ({ about: 'jvm_metrics', ...prod, metric: 'nothing', windowSeconds }),
  ]

  test.each([
    ['windows that overlap', 60, 20],
    ['one after the other', 30, 30],
    ['with gaps between', 10, 40],
    ['of no common measure', 61, 7],
    ['longer than all slots', 500, 10],
  ])('%s', async (_, windowSeconds, stepSeconds) => {
    const reader = clickHouseTelemetry(telemetry.store, { lateness: promptRows })
    const slots = { from: before(11 * stepSeconds), stepSeconds, count: 12 }
    for (const question of questions.map((about) => about(windowSeconds))) {
      const asked: Answer[] = []
      for (let slot = 0; slot < slots.count; slot++)
        asked.push(...(await reader.ask([question], slotInstant(slots, slot))))
      expect(await reader.trace(question, slots)).toEqual(asked)
    }
  })
})

describe('of more rows than anybody looks at twice', () => {
  const rows = 400_000
  const week = before(7 * 86_400)
  const slots = { from: new Date(week.getTime() - 6 * 3600_000), stepSeconds: 180, count: 121 }

  beforeAll(async () => {
    const ts = `fromUnixTimestamp64Milli(toInt64(${week.getTime()} - number * ${(6 * 3600_000) / rows}), 'UTC')`
    await telemetry.store.command(
      `INSERT INTO executions (environment, app, status, duration_ms, exec_id, ts, ingested_at)
       SELECT 'busy', 'orders', 'COMPLETED', number % 700, toString(number), ${ts} AS happened, happened
       FROM numbers(${rows}) SETTINGS max_partitions_per_insert_block = 0`,
    )
  }, 60_000)

  test.each<[string, number, Question]>([
    ['executions', 40, { about: 'executions', environment: 'busy', withP99: true, windowSeconds: 3600 }],
    ['exchanges', 120, { about: 'exchanges', environment: 'busy', attributes: {}, windowSeconds: 3600 }],
  ])('a trace about %s takes less than %i MB: no row is looked at for each slot', async (_, mb, question) => {
    const limited = (sql: string) => `SELECT * FROM (${sql}) SETTINGS max_memory_usage = ${mb * 1_000_000}`
    const small = {
      ...telemetry.store,
      query: <Row>(sql: string) => telemetry.store.query<Row>(limited(sql)),
      columns: (sql: string) => telemetry.store.columns(limited(sql)),
    }
    const answers = await clickHouseTelemetry(small, { lateness: promptRows }).trace(question, slots)
    const inHour = Math.ceil(rows / 6)
    expect(answers.at(-1)).toMatchObject({ early: { count: inHour } })
    if (question.about === 'executions')
      expect(answers.at(-1)).toMatchObject({ early: { p99DurationMs: 692 } })
  })

  test('of millions of exchanges each report counts, and the picture says so', async () => {
    const many = {
      ...telemetry.store,
      query: async <Row>() => [{ first_slot: 119, after_slot: 121, count: '20000000' }] as Row[],
    }
    const draft = draftOf({
      kind: 'EXCHANGE_MATCH',
      scope: {},
      filter: { attributes: {} },
      fireMode: 'COUNT_IN_WINDOW',
      threshold: 1000,
      windowSeconds: 360,
    })
    const question: Question = { about: 'exchanges', ...prod, attributes: {}, windowSeconds: 360 }
    const answers = await clickHouseTelemetry(many, { lateness: promptRows }).trace(question, slots)
    expect(answers.slice(-3)).toMatchObject([
      { early: { count: 0 } },
      ...twice({ early: { count: 20_000_000 } }),
    ])
    const { lines, episodes } = previewRule(draft, slots, answers)
    expect(episodes).toHaveLength(1)
    expect(lines.map(plainLine).at(-1)).toMatch(/too many to tell which were reported twice/)
  })
})

function twice<T>(one: T): [T, T] {
  return [one, one]
}
