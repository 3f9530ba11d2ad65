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
  ' quantileExact(0.99)(duration_ms) AS p99DurationMs'

/** All questions share one window: one scan returns every key they name, however many rules there are. */
export async function answerExecutions(
  store: TelemetryStore,
  questions: readonly ExecutionsQuestion[],
): Promise<ExecutionsAnswer[]> {
  const [first] = questions
  if (!first) return []
  const levels = [...new Set(questions.map(groupingSet))]
  const rows = await store.query<KeyedCounts>(
    `SELECT environment, app, route, agent, ${measures} FROM executions WHERE ${inWindow}` +
      ` GROUP BY GROUPING SETS (${levels.map((level) => `(${level})`).join(', ')})`,
    windowOf(first),
  )
  const byKey = new Map(rows.map((row) => [key(row), row]))
  return questions.map((question) => toAnswer(byKey.get(key(question))))
}

/** The most specific column a question names decides which totals it needs; a column outside its set comes back empty. */
function groupingSet({ app, route, agent }: ExecutionsQuestion): string {
  const named = [app === undefined ? '' : 'app', route === undefined ? '' : 'route', agent === undefined ? '' : 'agent']
  return ['environment', ...named.filter(Boolean)].join(', ')
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
  const bySlot = new Map(rows.map((row) => [Number(row.slot), row]))
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
    averageDurationMs: averageDurationMs === null ? null : Number(averageDurationMs),
    p99DurationMs: p99DurationMs === null ? null : Number(p99DurationMs),
  }
}
