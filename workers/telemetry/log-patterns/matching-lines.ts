import { type LogsQuestion, logLevels } from '#engine/telemetry/telemetry.ts'
import { literals } from '#workers/telemetry/literal.ts'
import { isScanned, type Span } from '#workers/telemetry/span.ts'
import { foundNumbers, patternLists, type PatternScan } from './pattern-scan.ts'

/** What `matchingLines` selects besides its times, and lines are counted by. */
export const lineColumns = 'environment, app, agent, level, pattern'

/** Beyond this, looking each line's app up costs more than it spares. */
const mostNames = 200

interface Scanning {
  readonly scan: PatternScan
  readonly span: Span
  /** Narrows the span. */
  readonly where?: string
}

/**
 * A query of the lines that any of the questions may count, a row for each pattern a line matches; `pattern` is its number in the
 * scan. What all questions have in common is looked at before any message is.
 */
export function matchingLines(questions: readonly LogsQuestion[], { scan, span, where }: Scanning): string {
  const named = (column: 'app' | 'agent') => questions.some((question) => question[column] !== undefined)
  const columns = (['app', 'agent'] as const).map((column) => (named(column) ? column : `'' AS ${column}`))
  return (
    `${patternLists(scan)}SELECT ts, ingested_at, environment, ${columns.join(', ')}, level, arrayJoin(${foundNumbers(scan)}) AS pattern` +
    ` FROM logs WHERE ${isScanned(span)}${where === undefined ? '' : ` AND ${where}`}${isAskedFor(questions)}`
  )
}

function isAskedFor(questions: readonly LogsQuestion[]): string {
  const environments = new Set(questions.map(({ environment }) => environment))
  const levels = new Set(questions.flatMap((question) => question.levels))
  const apps = new Set(questions.map(({ app }) => app))
  return [
    ` AND environment IN (${literals([...environments])})`,
    levels.size < logLevels.length && ` AND toString(level) IN (${literals([...levels])})`,
    !apps.has(undefined) && apps.size <= mostNames && ` AND app IN (${literals([...apps].map(String))})`,
  ]
    .filter(Boolean)
    .join('')
}
