import type { ExecutionsAnswer, ExecutionsQuestion, Slots } from '#engine/telemetry/telemetry.ts'
import type { TelemetryStore } from './store.ts'
import { inWindow, slotsOfRow, traceParameters, windowOf } from './window.ts'

interface Counts {
  readonly count: string
  readonly failed: string
  readonly averageDurationMs: number | null
  readonly p99DurationMs: number | null
}

interface KeyedCounts extends Counts {
  readonly environment: string
  readonly app: string
  readonly route: string
  readonly agent: string
}

const measures =
  "count() AS count, countIf(status = 'FAILED') AS failed, avg(duration_ms) AS averageDurationMs," +
  ' toFloat64(quantileExact(0.99)(duration_ms)) AS p99DurationMs'

/** All questions share one window: one scan returns every key they name, however many rules there are. */
export async function answerExecutions(
  store: TelemetryStore,
  questions: readonly ExecutionsQuestion[],
): Promise<ExecutionsAnswer[]> {
  const [first] = questions
  if (!first) return []
  const rows = await store.query<KeyedCounts>(
    `SELECT ${keyColumns(questions)}, ${measures} FROM executions WHERE ${inWindow} GROUP BY GROUPING SETS (${groupingSets(questions)})`,
    windowOf(first),
  )
  const byKey = new Map(rows.map((row) => [key(row), row]))
  return questions.map((question) => toAnswer(byKey.get(key(question))))
}

const columns = ['environment', 'app', 'route', 'agent'] as const

function names(question: ExecutionsQuestion, column: (typeof columns)[number]): boolean {
  return question[column] !== undefined
}

/** The totals asked for: a question about an app needs one by app, whichever app it is. */
function groupingSets(questions: readonly ExecutionsQuestion[]): string {
  const sets = questions.map((question) => `(${columns.filter((column) => names(question, column)).join(', ')})`)
  return [...new Set(sets)].join(', ')
}

/** A column outside a row's grouping set comes back empty, as one that no question names does. */
function keyColumns(questions: readonly ExecutionsQuestion[]): string {
  const isNamed = (column: (typeof columns)[number]) => questions.some((question) => names(question, column))
  return columns.map((column) => (isNamed(column) ? column : `'' AS ${column}`)).join(', ')
}

function key({ environment, app = '', route = '', agent = '' }: { environment: string; app?: string; route?: string; agent?: string }) {
  return JSON.stringify([environment, app, route, agent])
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
    { ...traceParameters(question, slots), environment, app: app ?? '', route: route ?? '', agent: agent ?? '' },
  )
  const bySlot = new Map(rows.map((row) => [row.slot, row]))
  return Array.from({ length: slots.count }, (_, slot) => toAnswer(bySlot.get(slot)))
}

function narrowing(columns: Readonly<Record<string, string | undefined>>): string {
  const named = Object.entries(columns).filter(([, value]) => value !== undefined)
  return named.map(([column]) => ` AND ${column} = {${column}:String}`).join('')
}

function toAnswer(counts: Counts | undefined): ExecutionsAnswer {
  if (!counts) return { about: 'executions', count: 0, failed: 0, averageDurationMs: null, p99DurationMs: null }
  const { averageDurationMs, p99DurationMs } = counts
  return {
    about: 'executions',
    count: Number(counts.count),
    failed: Number(counts.failed),
    averageDurationMs,
    p99DurationMs,
  }
}
