import type { LogsAnswer, LogsQuestion, Slots } from '#engine/telemetry/telemetry.ts'
import type { TelemetryStore } from './store.ts'
import { literal, literals } from './literal.ts'
import {
  distinctSpans,
  hullOf,
  isInside,
  isScanned,
  type Look,
  measuredOver,
  type Span,
  spansOf,
} from './span.ts'
import { inWindow, slotsOfRow, traceParameters } from './window.ts'

/** One scan counts for each question over its windows. */
export async function answerLogs(
  store: TelemetryStore,
  questions: readonly LogsQuestion[],
  look: Look,
): Promise<LogsAnswer[]> {
  const spansOfEach = questions.map((question) => spansOf(question, look))
  const spans = distinctSpans(spansOfEach)
  const environments = [...new Set(questions.map(({ environment }) => environment))]
  const counts = questions.flatMap((question, index) =>
    distinctSpans(spansOfEach.slice(index, index + 1)).map((span) => {
      const name = countName(index, span)
      return `countIf(${isInside(span)} AND ${isMeant(question)}) AS ${name}`
    }),
  )
  const [row] = await store.query<Record<string, string>>(
    `SELECT ${counts.join(', ')} FROM logs WHERE ${isScanned(hullOf(spans))} AND environment IN (${literals(environments)})`,
  )
  return spansOfEach.map((spans, index) => {
    const countOf = (span: Span) => ({ count: Number(row?.[countName(index, span)] ?? 0) })
    return { about: 'logs', ...measuredOver(spans, countOf, look.completeness) }
  })
}

function countName(index: number, { to }: Span): string {
  return `c${index}_${to}`
}

export async function traceLogs(
  store: TelemetryStore,
  question: LogsQuestion,
  slots: Slots,
): Promise<LogsAnswer[]> {
  const rows = await store.query<{ slot: number; count: string }>(
    `SELECT arrayJoin(${slotsOfRow}) AS slot, count() AS count FROM logs WHERE ${inWindow} AND ${isMeant(question)} GROUP BY slot`,
    traceParameters(question, slots),
  )
  const bySlot = new Map(rows.map((row) => [row.slot, Number(row.count)]))
  return Array.from({ length: slots.count }, (_, slot) => toAnswer(bySlot.get(slot) ?? 0))
}

function toAnswer(count: number): LogsAnswer {
  return { about: 'logs', early: { count }, settled: { count } }
}

function isMeant({ environment, app, agent, levels, pattern }: LogsQuestion): string {
  return [
    `environment = ${literal(environment)}`,
    `toString(level) IN (${literals(levels)})`,
    ...(app === undefined ? [] : [`app = ${literal(app)}`]),
    ...(agent === undefined ? [] : [`agent = ${literal(agent)}`]),
    `match(message, ${literal(pattern)})`,
  ].join(' AND ')
}
