import type { JvmMetricsAnswer, JvmMetricsFigures, JvmMetricsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Slots } from '#engine/telemetry/telemetry.ts'
import { literal } from './literal.ts'
import { isInside, isScanned, type Look, shareSpans, spanKey } from './span.ts'
import type { TelemetryStore } from './store.ts'
import { type TotalRow, totalsFor } from './totals.ts'
import { inWindow, slotsOfRow, traceParameters } from './window.ts'

const columns = ['environment', 'app', 'agent', 'metric'] as const

/** One scan returns every metric, key and window the questions name. */
export async function answerJvmMetrics(
  store: TelemetryStore,
  questions: readonly JvmMetricsQuestion[],
  look: Look,
): Promise<JvmMetricsAnswer[]> {
  const { spans, hull, measured } = shareSpans(questions, look)
  const measures = spans.map((span, index) =>
    measuresOf(index, spanKey(span) === spanKey(hull) ? '1' : isInside(span)),
  )
  const { select, where, groupBy, find } = totalsFor(columns, questions)
  const rows = await store.query<TotalRow>(
    `SELECT ${select}${measures.join(', ')} FROM jvm_metrics WHERE ${isScanned(hull)}${where} GROUP BY ${groupBy}`,
  )
  const rowOf = find(rows)
  return questions.map((question) => {
    const row = rowOf(question)
    return { about: 'jvm_metrics', ...measured(question, (index) => figuresIn(row, index)) }
  })
}

export async function traceJvmMetrics(
  store: TelemetryStore,
  question: JvmMetricsQuestion,
  slots: Slots,
): Promise<JvmMetricsAnswer[]> {
  const named = columns
    .flatMap((column) => (question[column] === undefined ? [] : [`${column} = ${literal(question[column])}`]))
    .join(' AND ')
  const rows = await store.query<TotalRow & { slot: number }>(
    `SELECT arrayJoin(${slotsOfRow}) AS slot, ${measuresOf(0, '1')} FROM jvm_metrics WHERE ${inWindow} AND ${named} GROUP BY slot`,
    traceParameters(question, slots),
  )
  const bySlot = new Map(rows.map((row) => [row.slot, row]))
  return Array.from({ length: slots.count }, (_, slot) => {
    const figures = figuresIn(bySlot.get(slot), 0)
    return { about: 'jvm_metrics', early: figures, settled: figures }
  })
}

function measuresOf(index: number, inside: string): string {
  return (
    `countIf(${inside}) AS count${index}, avgIf(value, ${inside}) AS average${index}, maxIf(value, ${inside}) AS maximum${index},` +
    ` minIf(value, ${inside}) AS minimum${index}, argMaxIf(value, (ts, agent), ${inside}) AS last${index}`
  )
}

function figuresIn(row: TotalRow | undefined, index: number): JvmMetricsFigures {
  const count = Number(row?.[`count${index}`] ?? 0)
  const value = (name: string) => {
    const found = row?.[`${name}${index}`] ?? null
    return count === 0 || found === null ? null : Number(found)
  }
  return {
    count,
    average: value('average'),
    maximum: value('maximum'),
    minimum: value('minimum'),
    last: value('last'),
  }
}
