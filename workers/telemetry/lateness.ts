import type { Completeness } from './completeness.ts'
import type { RelationName } from './relations.ts'
import { isScanned, type Span } from './span.ts'
import type { TelemetryStore } from './store.ts'

/** How late rows come, so that answers can tell what is complete. */
export interface Lateness {
  of(relation: RelationName, at: Date): Promise<Completeness>
}

/** For stores that show a row as soon as it happens. */
export const promptRows: Lateness = {
  of: async () => ({ delayMs: 0, isStamped: true, silentSince: undefined }),
}

/** Bounded on both sides: a burst of old rows must not blind for long, and no clock is better than two seconds. */
const delayBounds = { leastMs: 2_000, mostMs: 120_000 }
/** Rings are cut to this grid, and what is settled ends on it. */
const gridMs = 5_000
/** Where rows do not say when they came, or none came yet. */
const usualDelayMs = 30_000
/** Long enough to hold rows that are late by the longest delay, short enough to forget a history that was filled in. */
const recentMs = 180_000
const learnEveryMs = 30_000
const silentMs = 600_000
const longestMemoryMs = 7 * 86_400_000

interface Learned extends Completeness {
  readonly at: number
}

/** Learns from the rows of the last minutes how long they took to be visible, a relation at a time, again and again. */
export function learnedLateness(store: TelemetryStore): Lateness {
  const known = new Map<RelationName, Promise<Learned>>()
  return {
    of: async (relation, at) => {
      const before = await known.get(relation)?.catch(() => undefined)
      if (before && Math.abs(at.getTime() - before.at) < learnEveryMs) return before
      const learning = learn(store, relation, at.getTime(), before)
      known.set(relation, learning)
      return learning
    },
  }
}

async function learn(
  store: TelemetryStore,
  relation: RelationName,
  at: number,
  before: Learned | undefined,
): Promise<Learned> {
  const { rows, stamped, p99Ms } = await delaysOf(store, relation, { from: at - recentMs, to: at })
  const isStamped = rows > 0 ? stamped > 0 : (before?.isStamped ?? true)
  if (rows > 0)
    return { at, delayMs: isStamped ? bounded(p99Ms) : usualDelayMs, isStamped, silentSince: undefined }
  const silentSince = before?.silentSince ?? (await silenceOf(store, relation, at))
  return { at, delayMs: before?.delayMs ?? usualDelayMs, isStamped, silentSince }
}

/** Rounded up to the grid. */
function bounded(delayMs: number): number {
  const inBounds = Math.min(delayBounds.mostMs, Math.max(delayBounds.leastMs, delayMs))
  return Math.ceil(inBounds / gridMs) * gridMs
}

async function delaysOf(store: TelemetryStore, relation: RelationName, span: Span) {
  const delay = `greatest(0, dateDiff('millisecond', ts, ingested_at))`
  const [row] = await store.query<{ rows: string; stamped: string; p99Ms: number | null }>(
    `SELECT count() AS rows, countIf(ingested_at != ts) AS stamped, toFloat64(quantile(0.99)(${delay})) AS p99Ms` +
      ` FROM ${relation} WHERE ${isScanned(span)}`,
  )
  return { rows: Number(row?.rows ?? 0), stamped: Number(row?.stamped ?? 0), p99Ms: row?.p99Ms ?? 0 }
}

/** Since when a relation is silent that had rows in nearly every ten minutes of the hour before; a trickle may pause. */
async function silenceOf(
  store: TelemetryStore,
  relation: RelationName,
  at: number,
): Promise<Date | undefined> {
  const last = await lastRow(store, relation, { from: at - longestMemoryMs, to: at })
  if (last === undefined || at - last < silentMs) return undefined
  const hour = { from: last - 6 * silentMs, to: last }
  const [row] = await store.query<{ stretches: string }>(
    `SELECT uniqExact(intDiv(${last} - toUnixTimestamp64Milli(ts), ${silentMs})) AS stretches FROM ${relation} WHERE ${isScanned(hour)}`,
  )
  return Number(row?.stretches ?? 0) >= 5 ? new Date(last) : undefined
}

/** The latest minutes first: most silences are short. */
async function lastRow(
  store: TelemetryStore,
  relation: RelationName,
  span: Span,
): Promise<number | undefined> {
  for (const reachMs of [2 * silentMs, 86_400_000, span.to - span.from]) {
    const [row] = await store.query<{ rows: string; last: string }>(
      `SELECT count() AS rows, toUnixTimestamp64Milli(max(ts)) AS last FROM ${relation} WHERE ${isScanned({ from: span.to - reachMs, to: span.to })}`,
    )
    if (Number(row?.rows ?? 0) > 0) return Number(row?.last)
  }
  return undefined
}
