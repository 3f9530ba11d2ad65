import { fieldText } from './field-text.ts'
import type { Line } from './message.ts'
import { plainLine } from './plain.ts'
import type { Tellable } from './subject.ts'

/** One thing that was told, for collectors of logs. */
interface LogEntry {
  /** ISO 8601, when it was written. */
  readonly ts: string
  /** The same again is the same telling tried twice. */
  readonly id: string
  readonly event: 'opened' | 'updated' | 'acknowledged' | 'resolved' | 'announced'
  readonly key: string | null
  readonly incident: number | null
  readonly reason: string | null
  readonly status: string | null
  readonly severity: string | null
  readonly environment: string | null
  readonly source: string | null
  readonly title: string
  readonly summary: string
  readonly labels: Readonly<Record<string, string>>
  readonly startedAt: string | null
  readonly resolvedAt: string | null
  readonly acknowledgedBy: string | null
  readonly link: string | null
}

/** A collector's usual limit of a line is 64 KB and more. */
const longestText = 4000
const longestLabel = 1000
const mostLabels = 64

export interface LogMoment {
  readonly now: Date
  readonly id: string
  readonly news?: Line
}

/** JSON escapes line breaks, so that one telling is one line whatever it says; the line separators of Unicode go the same way. */
export function renderLogLine(message: Tellable, moment: LogMoment): string {
  const line = JSON.stringify(logEntry(message, moment))
  return `${line.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`)}\n`
}

function logEntry(message: Tellable, { now, id, news }: LogMoment): LogEntry {
  const { subject } = message
  const said = news ? plainLine(news) : undefined
  return {
    ts: now.toISOString(),
    id,
    event: eventOf(message, news !== undefined),
    key: subject?.key ?? null,
    incident: subject?.number ?? null,
    reason: subject?.reason ?? null,
    status: subject?.status ?? null,
    severity: subject?.severity ?? null,
    environment: subject?.environment ?? null,
    source: subject ? fieldText(subject.entity, longestLabel) : null,
    title: fieldText(subject?.title ?? message.headline, longestText),
    summary: fieldText(said ?? subject?.summary ?? message.lines.map(plainLine).join('\n'), longestText),
    labels: labelsOf(subject?.labels ?? {}),
    startedAt: subject?.startedAt ?? null,
    resolvedAt: subject?.resolvedAt ?? null,
    acknowledgedBy: subject?.acknowledgedBy ?? null,
    link: subject?.link ?? null,
  }
}

function eventOf({ subject }: Tellable, isNews: boolean): LogEntry['event'] {
  if (!subject) return 'announced'
  if (subject.status === 'firing') return isNews ? 'updated' : 'opened'
  return subject.status
}

function labelsOf(labels: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(labels).slice(0, mostLabels)
  return Object.fromEntries(
    kept.map(([name, value]) => [fieldText(name, 200), fieldText(value, longestLabel)]),
  )
}
