import { expect, test } from 'vitest'
import {
  type ExecutionsQuestion,
  type LogsQuestion,
  type Telemetry,
  Unanswerable,
} from '#engine/telemetry/telemetry.ts'
import { watchByAsking } from '#engine/telemetry/watch-by-asking.ts'
import { telemetryOf } from '#workers/telemetry/telemetry.ts'

const at = new Date('2026-01-31T12:00:00Z')

const executions: ExecutionsQuestion = { about: 'executions', environment: 'prod', windowSeconds: 60 }
const logs: LogsQuestion = {
  about: 'logs',
  environment: 'prod',
  windowSeconds: 60,
  levels: ['ERROR'],
  pattern: 'x',
}

const counts = { count: 7, failed: 0, averageDurationMs: null, p99DurationMs: null }

const clickhouse: Telemetry = {
  watch: (questions) => watchByAsking(clickhouse, questions),
  ask: async (questions) =>
    questions.map((question) =>
      question.about === 'logs'
        ? { about: 'logs', early: { count: 1 }, settled: undefined }
        : { about: 'executions', early: counts, settled: undefined },
    ),
  trace: async () => [],
}

test('answers come back in the order of the questions', async () => {
  const answers = await telemetryOf({ clickhouse }).ask([logs, executions, logs], at)
  expect(answers.map(({ about }) => about)).toEqual(['logs', 'executions', 'logs'])
})

test('what asks a store that is not set up is told which variable to set', async () => {
  const telemetry = telemetryOf({})
  await expect(telemetry.ask([executions], at)).rejects.toThrow(
    new Unanswerable('ClickHouse is not set up: set CLICKHOUSE_URL.'),
  )
  const slots = { from: at, stepSeconds: 60, count: 1 }
  await expect(telemetry.trace(executions, slots)).rejects.toBeInstanceOf(Unanswerable)
})

test('questions are watched where they are known, and answered in their order, all or some', async () => {
  const watch = telemetryOf({ clickhouse }).watch([logs, executions, logs])
  expect((await watch.ask(at)).map(({ about }) => about)).toEqual(['logs', 'executions', 'logs'])
  expect((await watch.ask(at, [1, 0])).map(({ about }) => about)).toEqual(['executions', 'logs'])
  watch.close()
  const unset = telemetryOf({}).watch([executions])
  await expect(unset.ask(at)).rejects.toBeInstanceOf(Unanswerable)
})
