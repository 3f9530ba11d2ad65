import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { indexFilters } from '#engine/telemetry/exchanges.ts'
import { type ExchangesQuestion, slotInstant } from '#engine/telemetry/telemetry.ts'
import { settled } from '#test/harness/engine-things.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { promptRows } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

const end = new Date(Math.floor(Date.now() / 1000) * 1000)
const before = (ms: number) => new Date(end.getTime() - ms)

function one<T>(choices: readonly T[], luck: number): T {
  const choice = choices[luck % choices.length]
  if (choice === undefined) throw new Error('nothing to choose from')
  return choice
}

/** Every combination there is comes up: the periods have no common factor. */
function anExchange(index: number) {
  return {
    environment: one(['prod', 'prod', 'test'], index),
    app: one(['orders', 'payments', 'it\'s "odd" {x:String}', '', 'orders'], index),
    route: one(['place', 'cancel', '', 'place', 'place', 'place', 'x'], index),
    agent: one(['a-1', 'a-2'], index),
    status: one(['FAILED', 'COMPLETED', 'RUNNING', 'FAILED', 'COMPLETED'], index * 3 + 1),
    attributes: one([{}, { type: 'card' }, { type: 'card', country: 'DE' }, { type: '{card}' }], index * 7),
    ts: before(one([0, 1, 9_999, 10_000, 10_001, 59_999, 60_000, 299_999, 300_000, 400_000, 17], index)),
    exec_id: `exchange-${index}`,
  }
}

const exchanges = Array.from({ length: 2310 }, (_, index) => anExchange(index))

let telemetry: TestTelemetry

beforeAll(async () => {
  telemetry = await testTelemetry()
  const ordinary = { duration_ms: 1, correlation_id: '', error: '' }
  const rows = exchanges.map((row) => ({ ...ordinary, ...row }))
  await telemetry.store.insert('executions', rows)
  // Collectors send again what they are not sure of.
  await telemetry.store.insert('executions', rows.slice(0, 500))
})
afterAll(() => telemetry.close())

function expected(question: ExchangesQuestion, at: Date) {
  const meant = indexFilters([question])
  const from = at.getTime() - question.windowSeconds * 1000
  const found = exchanges.filter(
    (row) =>
      row.ts.getTime() > from &&
      row.ts <= at &&
      meant({ ...row, attributes: { ...row.attributes } }).length > 0,
  )
  return { about: 'exchanges', ...settled({ count: found.length }) }
}

function question(parts: Partial<ExchangesQuestion>): ExchangesQuestion {
  return { about: 'exchanges', environment: 'prod', attributes: {}, windowSeconds: 60, ...parts }
}

const questions: ExchangesQuestion[] = [
  question({}),
  question({ status: 'FAILED' }),
  question({ status: 'RUNNING' }),
  question({ app: 'orders', status: 'FAILED' }),
  question({ app: '', status: 'COMPLETED' }),
  question({ app: 'it\'s "odd" {x:String}' }),
  question({ app: 'orders', route: 'place', status: 'FAILED', attributes: { type: 'card' } }),
  question({ app: 'orders', route: 'place', attributes: { type: 'card', country: 'DE' } }),
  question({ app: 'orders', agent: 'a-2', attributes: { type: '{card}' } }),
  question({ attributes: { country: 'DE' }, windowSeconds: 300 }),
  question({ environment: 'test', status: 'FAILED', windowSeconds: 10 }),
  question({ environment: 'nowhere' }),
  question({ app: 'orders', route: 'no such route' }),
]

test('asked together, each is answered as a loop over the rows says', async () => {
  const reader = clickHouseTelemetry(telemetry.store, { lateness: promptRows })
  for (const at of [end, before(1), before(10_000)])
    expect(await reader.ask(questions, at)).toEqual(questions.map((one) => expected(one, at)))
  expect(questions.filter((one) => expected(one, end).early.count > 0).length).toBeGreaterThan(8)
})

test('asked alone, each gets the same answer', async () => {
  const reader = clickHouseTelemetry(telemetry.store, { lateness: promptRows })
  for (const one of questions) expect(await reader.ask([one], end)).toEqual([expected(one, end)])
})

test('and so for many instants at once', async () => {
  const reader = clickHouseTelemetry(telemetry.store, { lateness: promptRows })
  const slots = { from: before(60_000), stepSeconds: 10, count: 7 }
  const instants = Array.from({ length: slots.count }, (_, index) => slotInstant(slots, index))
  for (const one of questions)
    expect(await reader.trace(one, slots)).toEqual(instants.map((at) => expected(one, at)))
})

test('what has no id cannot be told apart, and counts each time', async () => {
  const row = { ...exchanges[0], app: 'nameless', status: 'FAILED', ts: before(5), exec_id: '' }
  await telemetry.store.insert('executions', [row, row, { ...row, exec_id: randomUUID() }])
  const [answer] = await clickHouseTelemetry(telemetry.store, { lateness: promptRows }).ask(
    [question({ app: 'nameless', environment: 'prod' })],
    end,
  )
  expect(answer).toMatchObject({ early: { count: 3 } })
})
