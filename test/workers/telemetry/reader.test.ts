import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Rule } from '#engine/rule/rule.ts'
import { compileRule } from '#engine/rule/compile.ts'
import { nothingFails } from '#engine/rule/condition.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import {
  type ExecutionsFigures,
  type ExecutionsQuestion,
  logLevels,
  type LogsQuestion,
  slotInstant,
  type Telemetry,
} from '#engine/telemetry/telemetry.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { openObserver } from '#workers/evaluation/observer.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { type ClickHouseAnswer, type ClickHouseQuestion, plainAnswer } from './plain-loop.ts'
import { aLogsQuestion, anExecutionsQuestion, picker, randomRows } from './random-rows.ts'

const end = new Date(Math.floor(Date.now() / 1000) * 1000)
const before = (ms: number) => new Date(end.getTime() - ms)
const rows = randomRows(end)

let telemetry: TestTelemetry
let reader: Telemetry
/** How late rows come is decided by each test. */
let delayMs = 0
const lateness: Lateness = { of: async () => ({ delayMs, isStamped: true, silentSince: undefined }) }

beforeAll(async () => {
  telemetry = await testTelemetry()
  reader = clickHouseTelemetry(telemetry.store, { lateness })
  await telemetry.store.insert(
    'executions',
    rows.executions.map((row) => ({ exec_id: randomUUID(), correlation_id: '', ...row })),
  )
  await telemetry.store.insert(
    'logs',
    rows.lines.map((row) => ({ logger: 'test', ...row })),
  )
})
afterAll(() => telemetry.close())

function expected(question: ClickHouseQuestion, at: Date): ClickHouseAnswer {
  const { early } = plainAnswer(rows, question, at)
  const { early: settled } = plainAnswer(rows, question, new Date(at.getTime() - delayMs))
  return { about: question.about, early, settled } as ClickHouseAnswer
}

function close(answer: ClickHouseAnswer): ClickHouseAnswer {
  if (answer.about === 'logs') return answer
  const near = (figures: ExecutionsFigures): ExecutionsFigures =>
    figures.averageDurationMs === null
      ? figures
      : { ...figures, averageDurationMs: expect.closeTo(figures.averageDurationMs, 6) as number }
  return { ...answer, early: near(answer.early), settled: answer.settled && near(answer.settled) }
}

const roll = picker(7)
const ends: [Date, ...Date[]] = [end, before(1), before(60_000), before(10_000)]

describe('what ClickHouse answers is what a plain loop over the rows finds', () => {
  test.each([0, 2000, 120_000])('for two hundred questions at once, %i ms being late', async (lateMs) => {
    delayMs = lateMs
    onTestFinished(() => {
      delayMs = 0
    })
    const questions = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0 ? anExecutionsQuestion(roll) : aLogsQuestion(roll),
    )
    for (const at of ends)
      expect(await reader.ask(questions, at)).toEqual(
        questions.map((question) => close(expected(question, at))),
      )
  })

  test.each(Array.from({ length: 8 }, (_, index) => index))('for a question alone, %#', async () => {
    for (const question of [anExecutionsQuestion(roll), aLogsQuestion(roll)]) {
      const at = roll(ends)
      expect(await reader.ask([question], at)).toEqual([close(expected(question, at))])
    }
  })

  test('for questions that are watched, and for some of them', async () => {
    const questions = [anExecutionsQuestion(roll), aLogsQuestion(roll), anExecutionsQuestion(roll)]
    const watch = reader.watch(questions)
    const answers = questions.map((question) => close(expected(question, end)))
    expect(await watch.ask(end)).toEqual(answers)
    expect(await watch.ask(end, [2, 1])).toEqual([answers[2], answers[1]])
    expect(await watch.ask(end, [])).toEqual([])
    watch.close()
  })

  test('for none', async () => {
    expect(await reader.ask([], end)).toEqual([])
  })

  test('also where a collector sends empty names: they are one app among others, not all of them', async () => {
    const all: ExecutionsQuestion = { about: 'executions', environment: 'prod', windowSeconds: 300 }
    const questions = [all, { ...all, app: '' }, { ...all, app: '', route: '' }, { ...all, app: 'orders' }]
    const answers = await reader.ask(questions, end)
    expect(answers).toEqual(questions.map((question) => close(expected(question, end))))
    expect(new Set(answers.map((answer) => answer.about === 'executions' && answer.early.count)).size).toBe(4)
  })

  test('and a trace answers what asking at each of its slots would', async () => {
    for (const question of [
      anExecutionsQuestion(roll),
      aLogsQuestion(roll),
      anExecutionsQuestion(roll),
      aLogsQuestion(roll),
    ]) {
      for (const stepSeconds of [7, 60]) {
        const slots = { from: before(300_000), stepSeconds, count: 6 }
        const asked = Array.from({ length: 6 }, (_, index) => expected(question, slotInstant(slots, index)))
        expect(await reader.trace(question, slots)).toEqual(asked.map(close))
      }
    }
  })
})

describe('a rule that spoils the common question', () => {
  function observeAll(rules: readonly Rule[]) {
    const compiled = rules.map((rule) => compileRule(rule, 1))
    const shard = { name: 'logs', rules: compiled, kinds: ['LOG_PATTERN' as const] }
    return openObserver(reader).observe(shard, compiled, { slot: end, standingOf: () => nothingFails })
  }

  function aRule(pattern: string): Rule {
    const parsed = parseRuleDraft({
      name: pattern,
      severity: 'INFO',
      conditionKind: 'LOG_PATTERN',
      condition: {
        kind: 'LOG_PATTERN',
        scope: {},
        level: 'TRACE',
        pattern: 'x',
        threshold: 0,
        windowSeconds: 300,
      },
    })
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
    const condition = { ...parsed.draft.condition, pattern } as Rule['condition']
    return { ...parsed.draft, condition, id: randomUUID(), environment: 'prod', createdAt: end }
  }

  test('fails alone: the others are answered as if it were not there', async () => {
    const rules = ['Timeout', 'ok', '(', 'Exception', '[', 'timeout', '.'].map(aRule)
    const { answered, unanswered, stores } = await observeAll(rules)
    expect([...stores]).toEqual([['clickhouse', undefined]])
    expect(unanswered.map(({ rule }) => rule.rule.name)).toEqual(['(', '['])
    for (const { because } of unanswered)
      expect(because).toMatch(/^ClickHouse at 127\.0\.0\.1:\d+ refused the query: .*/)
    expect(answered.map(({ rule }) => rule.rule.name)).toEqual(['Timeout', 'ok', 'Exception', 'timeout', '.'])
    for (const {
      rule: { rule },
      readings,
    } of answered) {
      const question: LogsQuestion = {
        about: 'logs',
        environment: 'prod',
        levels: logLevels,
        pattern: rule.name,
        windowSeconds: 300,
      }
      const answer = expected(question, end)
      expect(readings.map(({ value }) => value)).toEqual([answer.about === 'logs' && answer.early.count])
    }
  })
})
