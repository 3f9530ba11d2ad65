import type { JvmMetricsAnswer, JvmMetricsFigures, JvmMetricsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Slots } from '#engine/telemetry/telemetry.ts'
import { literal } from './literal.ts'
import { isInside, isScanned, type Look, shareSpans, spanKey } from './span.ts'
import type { TelemetryStore } from './store.ts'
import { type TotalRow, totalsFor } from './totals.ts'
import { bySlot, type Run, runsOfSlots, sumOf } from './window.ts'

const columns = ['environment', 'app', 'agent', 'metric'] as const

/** Of several agents at the same instant the last by name. What a total is taken over is an empty name beside it, which is not meant. */
const latest = '(ts, jvm_metrics.agent)'

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
  const { columns: runColumns, where } = runsOfSlots(question, slots)
  const runs = await store.query<JvmMetricsRun>(
    `SELECT ${runColumns}, toFloat64(count()) AS count, sum(value) AS sum, max(value) AS maximum, min(value) AS minimum,` +
      ` argMax(value, ${latest}) AS last FROM jvm_metrics WHERE ${where} AND ${named}` +
      ' GROUP BY first_slot, after_slot ORDER BY first_slot, after_slot',
  )
  return bySlot(runs, slots).map((held) => {
    const figures = figuresOf(held)
    return { about: 'jvm_metrics', early: figures, settled: figures }
  })
}

/** In the order of time. Null is what is no number. */
interface JvmMetricsRun extends Run {
  readonly count: number
  readonly sum: number | null
  readonly maximum: number | null
  readonly minimum: number | null
  readonly last: number | null
}

function figuresOf(runs: readonly JvmMetricsRun[]): JvmMetricsFigures {
  const count = sumOf(runs, (run) => run.count)
  const sum = sumOf(runs, (run) => run.sum ?? NaN)
  const extreme = (name: 'maximum' | 'minimum', pick: (...values: number[]) => number) => {
    const values = runs.flatMap((run) => run[name] ?? [])
    return values.length === 0 ? null : pick(...values)
  }
  return {
    count,
    average: count === 0 || Number.isNaN(sum) ? null : sum / count,
    maximum: extreme('maximum', Math.max),
    minimum: extreme('minimum', Math.min),
    last: runs.at(-1)?.last ?? null,
  }
}

function measuresOf(index: number, inside: string): string {
  return (
    `countIf(${inside}) AS count${index}, avgIf(value, ${inside}) AS average${index}, maxIf(value, ${inside}) AS maximum${index},` +
    ` minIf(value, ${inside}) AS minimum${index}, argMaxIf(value, ${latest}, ${inside}) AS last${index}`
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
