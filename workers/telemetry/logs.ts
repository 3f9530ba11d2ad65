import type { LogsAnswer, LogsQuestion, Slots } from '#engine/telemetry/telemetry.ts'
import { literal, literals } from './literal.ts'
import { type LineNames, LogKeys } from './log-patterns/log-keys.ts'
import { lineColumns, matchingLines } from './log-patterns/matching-lines.ts'
import type { PatternBook } from './log-patterns/pattern-book.ts'
import { numbered, type PatternScan } from './log-patterns/pattern-scan.ts'
import { isInside, type Look, shareSpans, type Span, spanKey } from './span.ts'
import type { TelemetryStore } from './store.ts'
import { bySlot, type Run, runsOfSlots, sumOf } from './window.ts'

/** One scan looks for all patterns and counts what matched over all windows. */
export async function answerLogs(
  store: TelemetryStore,
  patterns: PatternBook,
  questions: readonly LogsQuestion[],
  look: Look,
): Promise<LogsAnswer[]> {
  const { spans, hull, measured } = shareSpans(questions, look)
  const scan = await patterns.scanFor([...new Set(questions.map(({ pattern }) => pattern))])
  const counts = await countLines(store, { questions, spans, hull, scan })
  return questions.map((question) => ({
    about: 'logs',
    ...measured(question, (span) => ({ count: counts(question, span) })),
  }))
}

interface Counting {
  readonly questions: readonly LogsQuestion[]
  readonly spans: readonly Span[]
  readonly hull: Span
  readonly scan: PatternScan
}

interface CountedLines extends Omit<LineNames, 'pattern'> {
  readonly pattern: number
  /** Of each span. */
  readonly counts: readonly number[]
}

/** How many lines each question counts over the span with that index. */
async function countLines(store: TelemetryStore, counting: Counting) {
  const { questions, spans, scan } = counting
  const keys = new LogKeys()
  for (const question of questions) keys.add(question)
  const patterns = numbered(scan)
  const totals = spans.map(() => new Float64Array(keys.size))
  for (const row of await store.query<CountedLines>(countingQuery(counting)))
    for (const key of keys.counting({ ...row, pattern: patterns[row.pattern] ?? '' }))
      for (const [index, total] of totals.entries()) total[key] = (total[key] ?? 0) + (row.counts[index] ?? 0)
  return (question: LogsQuestion, span: number) => totals[span]?.[keys.keyOf(question) ?? -1] ?? 0
}

function countingQuery({ questions, spans, hull, scan }: Counting): string {
  const counts = spans.map((span) =>
    spanKey(span) === spanKey(hull) ? 'toUInt32(count())' : `toUInt32(countIf(${isInside(span)}))`,
  )
  return (
    `SELECT ${lineColumns}, [${counts.join(', ')}] AS counts` +
    ` FROM (${matchingLines(questions, { scan, span: hull })}) GROUP BY ${lineColumns}`
  )
}

export async function traceLogs(
  store: TelemetryStore,
  question: LogsQuestion,
  slots: Slots,
): Promise<LogsAnswer[]> {
  const { columns, where } = runsOfSlots(question, slots)
  const runs = await store.query<Run & { count: string }>(
    `SELECT ${columns}, count() AS count FROM logs WHERE ${where} AND ${isMeant(question)} GROUP BY first_slot, after_slot`,
  )
  return bySlot(runs, slots).map((held) => toAnswer(sumOf(held, ({ count }) => Number(count))))
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
