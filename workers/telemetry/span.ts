import type { Measured, Question } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from './completeness.ts'
import { instantLiteral } from './literal.ts'

/** Milliseconds, half-open towards the past: (from, to]. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** An instant that is asked about, and what is known of the rows before it. */
export interface Look {
  readonly at: Date
  readonly completeness: Completeness
}

export function spansOf({ windowSeconds }: Pick<Question, 'windowSeconds'>, look: Look): Measured<Span> {
  const spanTo = (to: number) => ({ from: to - windowSeconds * 1000, to })
  const at = look.at.getTime()
  return { early: spanTo(at), settled: spanTo(at - look.completeness.delayMs) }
}

/** The figures of both spans; nobody can say what is settled while no rows come at all. */
export function measuredOver<Figures>(
  spans: Measured<Span>,
  figuresOf: (span: Span) => Figures,
  { silentSince }: Completeness,
): Measured<Figures> {
  const early = figuresOf(spans.early)
  if (silentSince) return { early, settled: undefined, silentSince }
  return { early, settled: spans.settled && figuresOf(spans.settled) }
}

/** Every span of many questions, once. */
export function distinctSpans(spans: readonly Measured<Span>[]): readonly Span[] {
  const all = spans.flatMap(({ early, settled }) => (settled ? [early, settled] : [early]))
  return [...new Map(all.map((span) => [spanKey(span), span])).values()]
}

export function spanKey({ from, to }: Span): string {
  return `${from} ${to}`
}

export function hullOf(spans: readonly Span[]): Span {
  return {
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
  }
}

export function isInside({ from, to }: Span): string {
  return `(ts > ${instantLiteral(from)} AND ts <= ${instantLiteral(to)})`
}

/**
 * In a form ClickHouse can prune: a bound on `ts` alone reads every granule of a minute-first table, so the redundant bound on
 * the minute goes with it (ClickHouse issue 33056).
 */
export function isScanned(span: Span): string {
  const { from, to } = span
  return (
    `toStartOfMinute(ts) >= toStartOfMinute(${instantLiteral(from)})` +
    ` AND toStartOfMinute(ts) <= toStartOfMinute(${instantLiteral(to)}) AND ${isInside(span)}`
  )
}
