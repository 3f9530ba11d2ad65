import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { nothingFails, type Reading } from '#engine/rule/condition.ts'
import type { Answer, Question } from '#engine/telemetry/telemetry.ts'
import { settled } from '#test/harness/engine-things.ts'
import type { DemoRows } from '#workers/demo/rows.ts'
import type { StarterRule } from '#workers/demo/starter-rules.ts'

/** Answers a rule's question from rows in memory, and lets the engine judge: what the store would be asked for. */
export function readings(rule: StarterRule, rows: DemoRows, instants: readonly number[]): Reading[] {
  const definition = definitionOf(rule.condition)
  const question = definition.question(rule.condition, 'prod')
  const answer = answering(question, rows)
  return instants.flatMap((at) => definition.judge(rule.condition, answer(at), nothingFails))
}

type Answering = (at: number) => Answer

function answering(question: Question, rows: DemoRows): Answering {
  if (question.about === 'executions') return executionsOf(question, rows)
  if (question.about === 'logs') return logsOf(question, rows)
  throw new Error(`the demo knows nothing about ${question.about}`)
}

function executionsOf(question: Extract<Question, { about: 'executions' }>, rows: DemoRows): Answering {
  const all = rows.executions
    .filter(({ app, route }) => app === question.app && route === (question.route ?? route))
    .map((row) => ({ ...row, at: Date.parse(row.ts) }))
  return (at) => {
    const within = all.filter((row) => row.at <= at && row.at > at - question.windowSeconds * 1000)
    const durations = within.map((row) => row.duration_ms).sort((one, other) => one - other)
    return {
      about: 'executions',
      ...settled({
        count: within.length,
        failed: within.filter(({ status }) => status === 'FAILED').length,
        averageDurationMs: durations.reduce((sum, duration) => sum + duration, 0) / durations.length,
        p99DurationMs: durations[Math.floor(0.99 * durations.length)] ?? null,
      }),
    }
  }
}

function logsOf(question: Extract<Question, { about: 'logs' }>, rows: DemoRows): Answering {
  const pattern = new RegExp(question.pattern)
  const matching = rows.logs
    .filter(
      ({ app, level, message }) =>
        app === question.app && question.levels.includes(level) && pattern.test(message),
    )
    .map(({ ts }) => Date.parse(ts))
  return (at) => {
    const count = matching.filter(
      (instant) => instant <= at && instant > at - question.windowSeconds * 1000,
    ).length
    return { about: 'logs', ...settled({ count }) }
  }
}

export function everyFiveSeconds(from: number, to: number): number[] {
  return Array.from({ length: Math.floor((to - from) / 5000) }, (_, index) => from + (index + 1) * 5000)
}
