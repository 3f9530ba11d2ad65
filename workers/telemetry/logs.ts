import type { LogsAnswer, LogsQuestion, Slots } from '#engine/telemetry/telemetry.ts'
import type { TelemetryStore } from './store.ts'
import { inWindow, slotsOfRow, traceParameters, windowOf } from './window.ts'

/** All questions share one window: one scan counts for each of them. */
export async function answerLogs(
  store: TelemetryStore,
  questions: readonly LogsQuestion[],
  at: Date,
): Promise<LogsAnswer[]> {
  const [first] = questions
  if (!first) return []
  const counts = questions.map((question, index) => `countIf(${predicate(question, index)}) AS c${index}`)
  const parameters = questions.flatMap((question, index) =>
    Object.entries(predicateParameters(question, index)),
  )
  const [row] = await store.query<Record<string, string>>(
    `SELECT ${counts.join(', ')} FROM logs WHERE ${inWindow} AND environment IN {environments:Array(String)}`,
    {
      ...Object.fromEntries(parameters),
      ...windowOf(first, at),
      environments: questions.map((one) => one.environment),
    },
  )
  return questions.map((_, index) => toAnswer(Number(row?.[`c${index}`] ?? 0)))
}

export async function traceLogs(
  store: TelemetryStore,
  question: LogsQuestion,
  slots: Slots,
): Promise<LogsAnswer[]> {
  const rows = await store.query<{ slot: number; count: string }>(
    `SELECT arrayJoin(${slotsOfRow}) AS slot, count() AS count FROM logs WHERE ${inWindow} AND ${predicate(question, 0)} GROUP BY slot`,
    { ...traceParameters(question, slots), ...predicateParameters(question, 0) },
  )
  const bySlot = new Map(rows.map((row) => [row.slot, Number(row.count)]))
  return Array.from({ length: slots.count }, (_, slot) => toAnswer(bySlot.get(slot) ?? 0))
}

function toAnswer(count: number): LogsAnswer {
  return { about: 'logs', early: { count }, settled: { count } }
}

function predicate({ app, agent }: LogsQuestion, index: number): string {
  return [
    `environment = {environment${index}:String}`,
    `has({levels${index}:Array(String)}, toString(level))`,
    ...(app === undefined ? [] : [`app = {app${index}:String}`]),
    ...(agent === undefined ? [] : [`agent = {agent${index}:String}`]),
    `match(message, {pattern${index}:String})`,
  ].join(' AND ')
}

function predicateParameters(question: LogsQuestion, index: number): Record<string, unknown> {
  const { environment, levels, app, agent, pattern } = question
  return {
    [`environment${index}`]: environment,
    [`levels${index}`]: levels,
    [`pattern${index}`]: pattern,
    ...(app !== undefined && { [`app${index}`]: app }),
    ...(agent !== undefined && { [`agent${index}`]: agent }),
  }
}
