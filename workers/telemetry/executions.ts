import type {
  ExecutionsAnswer,
  ExecutionsFigures,
  ExecutionsQuestion,
  Slots,
} from '#engine/telemetry/telemetry.ts'
import { literals } from './literal.ts'
import {
  distinctSpans,
  hullOf,
  isInside,
  isScanned,
  type Look,
  measuredOver,
  type Span,
  spanKey,
  spansOf,
} from './span.ts'
import type { TelemetryStore } from './store.ts'
import { inWindow, slotsOfRow, traceParameters } from './window.ts'

const columns = ['environment', 'app', 'route', 'agent'] as const

type Column = (typeof columns)[number]

/** One total, with its key; `total_app` is 1 where it is taken over all apps, which the name '' alone does not tell. */
type Total = Readonly<Record<Column, string>> &
  Readonly<Record<`total_${Column}`, number | string>> &
  Readonly<Record<string, number | string | null>>

/** What still runs has not failed yet, and has no duration. */
const hasEnded = "status != 'RUNNING'"

/** One scan returns every key and window the questions name, however many questions there are. */
export async function answerExecutions(
  store: TelemetryStore,
  questions: readonly ExecutionsQuestion[],
  look: Look,
): Promise<ExecutionsAnswer[]> {
  const spansOfEach = questions.map((question) => spansOf(question, look))
  const spans = distinctSpans(spansOfEach)
  const hull = hullOf(spans)
  const withP99 = questions.some((question) => question.withP99)
  const measures = spans.map((span, index) => measuresOf(span, hull, { index, withP99 }))
  const rows = await store.query<Total>(
    `SELECT ${keyColumns(questions)}, ${measures.join(', ')} FROM executions` +
      ` WHERE ${isScanned(hull)} AND ${hasEnded}${narrowed(questions)}` +
      ` GROUP BY GROUPING SETS (${groupingSets(questions)})`,
  )
  const byKey = new Map(rows.map((row) => [keyOfRow(row), row]))
  const indexOf = new Map(spans.map((span, index) => [spanKey(span), index]))
  return questions.map((question, place) => {
    const row = byKey.get(keyOfQuestion(question))
    const figuresOf = (span: Span) => figuresIn(row, indexOf.get(spanKey(span)) ?? 0, question)
    const spans = spansOfEach[place] ?? spansOf(question, look)
    return { about: 'executions', ...measuredOver(spans, figuresOf, look.completeness) }
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
  row: Total | undefined,
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

function isNamed(question: ExecutionsQuestion, column: Column): boolean {
  return question[column] !== undefined
}

/** The totals asked for: a question about an app needs one by app, whichever app it is. */
function groupingSets(questions: readonly ExecutionsQuestion[]): string {
  const sets = questions.map(
    (question) => `(${columns.filter((column) => isNamed(question, column)).join(', ')})`,
  )
  return [...new Set(sets)].join(', ')
}

function keyColumns(questions: readonly ExecutionsQuestion[]): string {
  const isKey = (column: Column) => questions.some((question) => isNamed(question, column))
  return columns
    .map(
      (column) =>
        (isKey(column) ? `${column}, grouping(${column})` : `'' AS ${column}, 1`) + ` AS total_${column}`,
    )
    .join(', ')
}

/** Columns that every question names: all that need not be read. */
function commonColumns(questions: readonly ExecutionsQuestion[]): Column[] {
  return columns.filter((column) => questions.every((question) => isNamed(question, column)))
}

/** Beyond this, looking each row's name up costs more than it spares. */
const mostNames = 200

function narrowed(questions: readonly ExecutionsQuestion[]): string {
  return commonColumns(questions)
    .map((column) => ({ column, names: [...new Set(questions.map((question) => question[column] ?? ''))] }))
    .filter(({ names }) => names.length <= mostNames)
    .map(({ column, names }) => ` AND ${column} IN (${literals(names)})`)
    .join('')
}

function keyOfRow(row: Total): string {
  return JSON.stringify(columns.map((column) => (Number(row[`total_${column}`]) === 1 ? null : row[column])))
}

function keyOfQuestion(question: ExecutionsQuestion): string {
  return JSON.stringify(columns.map((column) => question[column] ?? null))
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
  const rows = await store.query<Total & { slot: number }>(
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
