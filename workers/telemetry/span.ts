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

function spansOf({ windowSeconds }: Pick<Question, 'windowSeconds'>, look: Look): Measured<Span> {
  const spanTo = (to: number) => ({ from: to - windowSeconds * 1000, to })
  const at = look.at.getTime()
  return { early: spanTo(at), settled: spanTo(at - look.completeness.delayMs) }
}

/** The figures of both spans; nobody can say what is settled while no rows come at all. */
function measuredOver<Figures>(
  spans: Measured<Span>,
  figuresOf: (span: Span) => Figures,
  { silentSince }: Completeness,
): Measured<Figures> {
  const early = figuresOf(spans.early)
  if (silentSince) return { early, settled: undefined, silentSince }
  return { early, settled: spans.settled && figuresOf(spans.settled) }
}

/** Every span of many questions, once. */
function distinctSpans(spans: readonly Measured<Span>[]): readonly Span[] {
  const all = spans.flatMap(({ early, settled }) => (settled ? [early, settled] : [early]))
  return [...new Map(all.map((span) => [spanKey(span), span])).values()]
}

/** What many questions look at: each span once, however many windows end on it. */
export interface SharedSpans {
  readonly spans: readonly Span[]
  readonly hull: Span
  /** What was measured over a question's window, from the figures of the spans by their numbers. */
  readonly measured: <Figures>(
    question: Pick<Question, 'windowSeconds'>,
    figuresAt: (index: number) => Figures,
  ) => Measured<Figures>
}

export function shareSpans(questions: readonly Pick<Question, 'windowSeconds'>[], look: Look): SharedSpans {
  const own = new Map(questions.map((question) => [question.windowSeconds, spansOf(question, look)]))
  const spans = distinctSpans([...own.values()])
  const numbers = new Map(spans.map((span, index) => [spanKey(span), index]))
  const numberOf = (span: Span) => numbers.get(spanKey(span)) ?? 0
  const places = new Map(
    [...own].map(([seconds, its]) => [seconds, measuredOver(its, numberOf, look.completeness)]),
  )
  return {
    spans,
    hull: hullOf(spans),
    measured: ({ windowSeconds }, figuresAt) => {
      const place = places.get(windowSeconds)
      if (!place) throw new Error(`nobody asked about a window of ${windowSeconds} s`)
      const early = figuresAt(place.early)
      return { ...place, early, settled: place.settled === undefined ? undefined : figuresAt(place.settled) }
    },
  }
}

export function spanKey({ from, to }: Span): string {
  return `${from} ${to}`
}

function hullOf(spans: readonly Span[]): Span {
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
