import type {
  ExecutionsAnswer,
  ExecutionsQuestion,
  LogsAnswer,
  LogsQuestion,
} from '#engine/telemetry/telemetry.ts'
import { settled } from '#test/harness/engine-things.ts'
import type { Execution, LogLine } from './random-rows.ts'

export type ClickHouseQuestion = ExecutionsQuestion | LogsQuestion
export type ClickHouseAnswer = ExecutionsAnswer | LogsAnswer

export interface Rows {
  readonly executions: readonly Execution[]
  readonly lines: readonly LogLine[]
}

/** What the store must answer, said in ten lines of JavaScript. */
export function plainAnswer(
  { executions, lines }: Rows,
  question: ClickHouseQuestion,
  at: Date,
): ClickHouseAnswer {
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

function isInWindow({ ts }: { ts: Date }, { windowSeconds }: ClickHouseQuestion, at: Date): boolean {
  return ts.getTime() > at.getTime() - windowSeconds * 1000 && ts.getTime() <= at.getTime()
}

function isMeant(given: string, wanted: string | undefined): boolean {
  return wanted === undefined || given === wanted
}
