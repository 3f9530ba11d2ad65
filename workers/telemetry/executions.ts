import type {
  ExecutionsAnswer,
  ExecutionsFigures,
  ExecutionsQuestion,
  Slots,
} from '#engine/telemetry/telemetry.ts'
import type { TelemetryStore } from './store.ts'
import { inWindow, slotsOfRow, traceParameters, windowOf } from './window.ts'

interface Counts {
  readonly count: string
  readonly failed: string
  readonly averageDurationMs: number | null
  readonly p99DurationMs: number | null
}

/** One total, with its key; `total_app` is 1 where it is taken over all apps, which the name '' alone does not tell. */
type KeyedCounts = Counts &
  Readonly<Record<Column, string>> &
  Readonly<Record<`total_${Column}`, number | string>>

const measures =
  "count() AS count, countIf(status = 'FAILED') AS failed, avg(duration_ms) AS averageDurationMs," +
  ' toFloat64(quantileExact(0.99)(duration_ms)) AS p99DurationMs'

/** All questions share one window: one scan returns every key they name, however many rules there are. */
export async function answerExecutions(
  store: TelemetryStore,
  questions: readonly ExecutionsQuestion[],
  at: Date,
): Promise<ExecutionsAnswer[]> {
  const [first] = questions
  if (!first) return []
  const rows = await store.query<KeyedCounts>(
    `SELECT ${keyColumns(questions)}, ${measures} FROM executions WHERE ${inWindow}${narrowed(questions)}` +
      ` GROUP BY GROUPING SETS (${groupingSets(questions)})`,
    { ...windowOf(first, at), ...namesOf(questions) },
  )
  const byKey = new Map(rows.map((row) => [keyOfRow(row), row]))
  return questions.map((question) => toAnswer(byKey.get(keyOfQuestion(question))))
}

const columns = ['environment', 'app', 'route', 'agent'] as const

type Column = (typeof columns)[number]

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

function narrowed(questions: readonly ExecutionsQuestion[]): string {
  return commonColumns(questions)
    .map((column) => ` AND ${column} IN {${column}:Array(String)}`)
    .join('')
}

function namesOf(questions: readonly ExecutionsQuestion[]): Record<string, readonly string[]> {
  const named = (column: Column) => [...new Set(questions.map((question) => question[column] ?? ''))]
  return Object.fromEntries(commonColumns(questions).map((column) => [column, named(column)]))
}

function keyOfRow(row: KeyedCounts): string {
  return JSON.stringify(columns.map((column) => (Number(row[`total_${column}`]) === 1 ? null : row[column])))
}

function keyOfQuestion(question: ExecutionsQuestion): string {
  return JSON.stringify(columns.map((column) => question[column] ?? null))
}

export async function traceExecutions(
  store: TelemetryStore,
  question: ExecutionsQuestion,
  slots: Slots,
): Promise<ExecutionsAnswer[]> {
  const { environment, app, route, agent } = question
  const rows = await store.query<Counts & { slot: number }>(
    `SELECT arrayJoin(${slotsOfRow}) AS slot, ${measures} FROM executions WHERE ${inWindow}` +
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
  return Array.from({ length: slots.count }, (_, slot) => toAnswer(bySlot.get(slot)))
}

function narrowing(columns: Readonly<Record<string, string | undefined>>): string {
  const named = Object.entries(columns).filter(([, value]) => value !== undefined)
  return named.map(([column]) => ` AND ${column} = {${column}:String}`).join('')
}

function toAnswer(counts: Counts | undefined): ExecutionsAnswer {
  const figures = toFigures(counts)
  return { about: 'executions', early: figures, settled: figures }
}

function toFigures(counts: Counts | undefined): ExecutionsFigures {
  if (!counts) return { count: 0, failed: 0, averageDurationMs: null, p99DurationMs: null }
  const { averageDurationMs, p99DurationMs } = counts
  return {
    count: Number(counts.count),
    failed: Number(counts.failed),
    averageDurationMs,
    p99DurationMs,
  }
}
