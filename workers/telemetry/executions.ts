import type { ExecutionsAnswer, ExecutionsFigures, ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'
import { literal } from './literal.ts'
import { isInside, isScanned, type Look, shareSpans, type Span, spanKey } from './span.ts'
import type { TelemetryStore } from './store.ts'
import { type TotalRow, totalsFor } from './totals.ts'

const columns = ['environment', 'app', 'route', 'agent'] as const

/** What still runs has not failed yet, and has no duration. */
export const hasEnded = "status != 'RUNNING'"

/** One scan returns every key and window the questions name, however many questions there are. */
export async function answerExecutions(
  store: TelemetryStore,
  questions: readonly ExecutionsQuestion[],
  look: Look,
): Promise<ExecutionsAnswer[]> {
  const { spans, hull, measured } = shareSpans(questions, look)
  const withP99 = questions.some((question) => question.withP99)
  const measures = spans.map((span, index) => measuresOf(span, hull, { index, withP99 }))
  const { select, where, groupBy, find } = totalsFor(columns, questions)
  const rows = await store.query<TotalRow>(
    `SELECT ${select}${measures.join(', ')} FROM executions` +
      ` WHERE ${isScanned(hull)} AND ${hasEnded}${where} GROUP BY ${groupBy}`,
  )
  const rowOf = find(rows)
  return questions.map((question) => {
    const row = rowOf(question)
    return { about: 'executions', ...measured(question, (index) => figuresAt(row, index, question)) }
  })
}

/** Plain aggregates over the whole scan, conditional ones over a part of it. */
function measuresOf(span: Span, hull: Span, { index, withP99 }: { index: number; withP99: boolean }): string {
  const inside = spanKey(span) === spanKey(hull) ? undefined : isInside(span)
  const over = (name: string, arguments_: string, parameters = '') =>
    inside === undefined
      ? `${name}${parameters}(${arguments_})`
      : `${name}If${parameters}(${[arguments_, inside].filter(Boolean).join(', ')})`
  const failed = inside === undefined ? "status = 'FAILED'" : `status = 'FAILED' AND ${inside}`
  return [
    `${over('count', '')} AS count${index}`,
    `countIf(${failed}) AS failed${index}`,
    `${over('sum', 'duration_ms')} AS duration${index}`,
    ...(withP99 ? [`${over('quantileExact', 'duration_ms', '(0.99)')} AS p99_${index}`] : []),
  ].join(', ')
}

function figuresAt(
  row: TotalRow | undefined,
  index: number,
  { withP99 }: ExecutionsQuestion,
): ExecutionsFigures {
  return figuresIn({
    count: Number(row?.[`count${index}`] ?? 0),
    failed: Number(row?.[`failed${index}`]),
    durationMs: Number(row?.[`duration${index}`]),
    p99DurationMs: withP99 ? Number(row?.[`p99_${index}`]) : null,
  })
}

interface Sums {
  readonly count: number
  readonly failed: number
  readonly durationMs: number
  readonly p99DurationMs: number | null
}

export function figuresIn({ count, failed, durationMs, p99DurationMs }: Sums): ExecutionsFigures {
  return count === 0
    ? nothingMeasured
    : { count, failed, averageDurationMs: durationMs / count, p99DurationMs }
}

const nothingMeasured: ExecutionsFigures = {
  count: 0,
  failed: 0,
  averageDurationMs: null,
  p99DurationMs: null,
}

/** Starts with AND. */
export function isNamed(question: ExecutionsQuestion): string {
  const named = columns.filter((column) => question[column] !== undefined)
  return named.map((column) => ` AND ${column} = ${literal(question[column] ?? '')}`).join('')
}
