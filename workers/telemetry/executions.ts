import type {
  ExecutionsAnswer,
  ExecutionsFigures,
  ExecutionsQuestion,
  Slots,
} from '#engine/telemetry/telemetry.ts'
import { isInside, isScanned, type Look, shareSpans, type Span, spanKey } from './span.ts'
import type { TelemetryStore } from './store.ts'
import { type TotalRow, totalsFor } from './totals.ts'
import { inWindow, slotsOfRow, traceParameters } from './window.ts'

const columns = ['environment', 'app', 'route', 'agent'] as const

/** What still runs has not failed yet, and has no duration. */
const hasEnded = "status != 'RUNNING'"

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
    return { about: 'executions', ...measured(question, (index) => figuresIn(row, index, question)) }
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

function figuresIn(
  row: TotalRow | undefined,
  index: number,
  { withP99 }: ExecutionsQuestion,
): ExecutionsFigures {
  const count = Number(row?.[`count${index}`] ?? 0)
  if (!row || count === 0) return nothingMeasured
  return {
    count,
    failed: Number(row[`failed${index}`]),
    averageDurationMs: Number(row[`duration${index}`]) / count,
    p99DurationMs: withP99 ? Number(row[`p99_${index}`]) : null,
  }
}

const nothingMeasured: ExecutionsFigures = {
  count: 0,
  failed: 0,
  averageDurationMs: null,
  p99DurationMs: null,
}

/** The scan of a trace is bounded by its slots. */
const everything: Span = { from: -Infinity, to: Infinity }

export async function traceExecutions(
  store: TelemetryStore,
  question: ExecutionsQuestion,
  slots: Slots,
): Promise<ExecutionsAnswer[]> {
  const { environment, app, route, agent, withP99 = false } = question
  const measures = measuresOf(everything, everything, { index: 0, withP99 })
  const rows = await store.query<TotalRow & { slot: number }>(
    `SELECT arrayJoin(${slotsOfRow}) AS slot, ${measures} FROM executions WHERE ${inWindow} AND ${hasEnded}` +
      ` AND environment = {environment:String}${narrowing({ app, route, agent })} GROUP BY slot`,
    {
      ...traceParameters(question, slots),
      environment,
      app: app ?? '',
      route: route ?? '',
      agent: agent ?? '',
    },
  )
  const bySlot = new Map(rows.map((row) => [row.slot, row]))
  return Array.from({ length: slots.count }, (_, slot) => {
    const figures = figuresIn(bySlot.get(slot), 0, question)
    return { about: 'executions', early: figures, settled: figures }
  })
}

function narrowing(columns: Readonly<Record<string, string | undefined>>): string {
  const named = Object.entries(columns).filter(([, value]) => value !== undefined)
  return named.map(([column]) => ` AND ${column} = {${column}:String}`).join('')
}
