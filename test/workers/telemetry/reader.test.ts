import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Rule } from '#engine/rule/rule.ts'
import { compileRule } from '#engine/rule/compile.ts'
import { nothingFails } from '#engine/rule/condition.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import {
  type ExecutionsAnswer,
  type ExecutionsFigures,
  type ExecutionsQuestion,
  logLevels,
  type LogsAnswer,
  type LogsQuestion,
  type Question,
  slotInstant,
  type Telemetry,
} from '#engine/telemetry/telemetry.ts'
import { settled } from '#test/harness/engine-things.ts'
import { testTelemetry, type TestTelemetry } from '#test/harness/database.ts'
import { dice } from '#test/harness/dice.ts'
import { openObserver } from '#workers/evaluation/observer.ts'
import type { Lateness } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'

type LogLevel = (typeof logLevels)[number]

interface Execution {
  readonly environment: string
  readonly app: string
  readonly route: string
  readonly agent: string
  readonly status: 'COMPLETED' | 'FAILED' | 'RUNNING'
  readonly ts: Date
  readonly duration_ms: number
}

interface LogLine {
  readonly environment: string
  readonly app: string
  readonly agent: string
  readonly level: LogLevel
  readonly ts: Date
  readonly message: string
}

function picker(seed: number): <T>(choices: readonly [T, ...T[]]) => T {
  const roll = dice(seed)
  return (choices) => choices[roll(choices.length)] ?? choices[0]
}

const end = new Date(Math.floor(Date.now() / 1000) * 1000)
const before = (ms: number) => new Date(end.getTime() - ms)
/** Instants on the edges of windows and of minutes, and in between. */
const moments: [number, ...number[]] = [
  0, 1, 999, 1000, 9999, 10_000, 10_001, 59_999, 60_000, 60_001, 61_500, 123_456, 299_999, 300_000, 300_001,
  600_000,
]
const environments: [string, ...string[]] = ['prod', 'prod', 'test']
/** Empty names are what a collector sends that was not told any. */
const apps: [string, ...string[]] = ['orders', 'payments', 'it\'s "odd" \\ {x:String}', '']
const routes: [string, ...string[]] = ['pay', 'refund', '']
const agents: [string, ...string[]] = ['a-1', 'a-2', '']
const messages: [string, ...string[]] = ['TimeoutException: 3 s', 'ok', 'timeout', 'a\nTimeout', '']

type ClickHouseQuestion = ExecutionsQuestion | LogsQuestion
type ClickHouseAnswer = ExecutionsAnswer | LogsAnswer

let telemetry: TestTelemetry
let reader: Telemetry
/** How late rows come is decided by each test. */
let delayMs = 0
const lateness: Lateness = { of: async () => ({ delayMs, isStamped: true, silentSince: undefined }) }
let executions: Execution[]
let lines: LogLine[]

beforeAll(async () => {
  telemetry = await testTelemetry()
  reader = clickHouseTelemetry(telemetry.store, { lateness })
  const roll = picker(42)
  executions = Array.from({ length: 1500 }, () => ({
    environment: roll(environments),
    app: roll(apps),
    route: roll(routes),
    agent: roll(agents),
    status: roll(['COMPLETED', 'COMPLETED', 'FAILED', 'RUNNING'] as const),
    ts: before(roll(moments)),
    duration_ms: roll([0, 1, 80, 250, 4000]),
  }))
  lines = Array.from({ length: 1500 }, () => ({
    environment: roll(environments),
    app: roll(apps),
    agent: roll(agents),
    level: roll(logLevels),
    ts: before(roll(moments)),
    message: roll(messages),
  }))
  await telemetry.store.insert(
    'executions',
    executions.map((row) => ({ exec_id: randomUUID(), correlation_id: '', ...row })),
  )
  await telemetry.store.insert(
    'logs',
    lines.map((row) => ({ logger: 'test', ...row })),
  )
})
afterAll(() => telemetry.close())

function isInWindow({ ts }: { ts: Date }, { windowSeconds }: Question, at: Date): boolean {
  return ts.getTime() > at.getTime() - windowSeconds * 1000 && ts.getTime() <= at.getTime()
}

function isMeant(given: string, wanted: string | undefined): boolean {
  return wanted === undefined || given === wanted
}

function expected(question: ClickHouseQuestion, at: Date): ClickHouseAnswer {
  const { early } = expectedAt(question, at)
  const { early: settled } = expectedAt(question, new Date(at.getTime() - delayMs))
  return { about: question.about, early, settled } as ClickHouseAnswer
}

/** What the store must answer, said in ten lines of JavaScript. */
function expectedAt(question: ClickHouseQuestion, at: Date): ClickHouseAnswer {
  if (question.about === 'logs') {
    const pattern = new RegExp(question.pattern, 's')
    const found = lines.filter(
      (line) =>
        isInWindow(line, question, at) &&
        line.environment === question.environment &&
        isMeant(line.app, question.app) &&
        isMeant(line.agent, question.agent) &&
        question.levels.includes(line.level) &&
        pattern.test(line.message),
    )
    return { about: 'logs', ...settled({ count: found.length }) }
  }
  const found = executions.filter(
    (row) =>
      isInWindow(row, question, at) &&
      row.status !== 'RUNNING' &&
      row.environment === question.environment &&
      isMeant(row.app, question.app) &&
      isMeant(row.route, question.route) &&
      isMeant(row.agent, question.agent),
  )
  const durations = found.map((row) => row.duration_ms).sort((one, other) => one - other)
  return {
    about: 'executions',
    ...settled({
      count: found.length,
      failed: found.filter((row) => row.status === 'FAILED').length,
      averageDurationMs:
        found.length === 0 ? null : durations.reduce((sum, one) => sum + one, 0) / found.length,
      p99DurationMs: question.withP99 ? (durations[Math.floor(0.99 * durations.length)] ?? null) : null,
    }),
  }
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
const windows: [number, ...number[]] = [10, 60, 300]
const ends: [Date, ...Date[]] = [end, before(1), before(60_000), before(10_000)]

function anExecutionsQuestion(): ExecutionsQuestion {
  const app = roll([undefined, ...apps])
  const route = app === undefined ? undefined : roll([undefined, ...routes])
  const agent = app === undefined ? undefined : roll([undefined, ...agents])
  return {
    about: 'executions',
    environment: roll(environments),
    ...(app !== undefined && { app }),
    ...(route !== undefined && { route }),
    ...(agent !== undefined && { agent }),
    ...(roll([true, false]) && { withP99: true }),
    windowSeconds: roll(windows),
  }
}

function aLogsQuestion(): LogsQuestion {
  const app = roll([undefined, ...apps])
  const agent = roll([undefined, ...agents])
  return {
    about: 'logs',
    environment: roll(environments),
    ...(app !== undefined && { app }),
    ...(agent !== undefined && { agent }),
    levels: roll([['ERROR'], ['WARN', 'ERROR'], [...logLevels]] as [LogLevel[], ...LogLevel[][]]),
    pattern: roll(
      ['Timeout', '(?i)timeout', '^ok$', '.', "it's"].map((text) => text.replace('(?i)', '[Tt]')) as [
        string,
        ...string[],
      ],
    ),
    windowSeconds: roll(windows),
  }
}

describe('what ClickHouse answers is what a plain loop over the rows finds', () => {
  test.each([0, 2000, 120_000])('for two hundred questions at once, %i ms being late', async (lateMs) => {
    delayMs = lateMs
    onTestFinished(() => {
      delayMs = 0
    })
    const questions = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0 ? anExecutionsQuestion() : aLogsQuestion(),
    )
    for (const at of ends)
      expect(await reader.ask(questions, at)).toEqual(
        questions.map((question) => close(expected(question, at))),
      )
  })

  test.each(Array.from({ length: 8 }, (_, index) => index))('for a question alone, %#', async () => {
    for (const question of [anExecutionsQuestion(), aLogsQuestion()]) {
      const at = roll(ends)
      expect(await reader.ask([question], at)).toEqual([close(expected(question, at))])
    }
  })

  test('for questions that are watched, and for some of them', async () => {
    const questions = [anExecutionsQuestion(), aLogsQuestion(), anExecutionsQuestion()]
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
      anExecutionsQuestion(),
      aLogsQuestion(),
      anExecutionsQuestion(),
      aLogsQuestion(),
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
      const question: Question = {
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
