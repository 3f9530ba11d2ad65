import { instantLiteral } from '#workers/telemetry/literal.ts'
import type { RelationName } from '#workers/telemetry/relations.ts'
import { isScanned, type Span } from '#workers/telemetry/span.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Cell } from './cell-line.ts'
import { bucketMs, bucketOfRow, type Grid, sliceOfRow } from './grid.ts'

/** How many rows the store took in lately, for each few seconds of taking in and each bucket of happening. */
export interface Arrivals {
  /** By the store's clock. */
  readonly now: number
  /** Rows taken in before this were not looked for. */
  readonly since: number
  /** When somebody last looked all the way back. */
  readonly wholeAt: number
  readonly counts: ReadonlyMap<
    string,
    { readonly slice: number; readonly bucket: number; readonly rows: number }
  >
}

/** Rows become visible some time after they were stamped: so far back is looked again for what was not there before. */
const overlapMs = 120_000
/** Nearly all are visible at once: most looks go back but a little, and one a minute sees what took longer. */
const briefOverlapMs = 30_000
const wholeEveryMs = 60_000

/**
 * Counting what came lately is cheap, because ClickHouse skips by `ingested_at`, and tells which buckets to read again. A bucket
 * is read whole and takes the place of what was known of it: however often, late or twice rows come, none counts twice.
 */
export async function lookForArrivals(
  store: TelemetryStore,
  { relation, grid, span }: { relation: RelationName; grid: Grid; span: Span },
  before: Arrivals | undefined,
): Promise<Arrivals> {
  const isBrief = before !== undefined && before.now - before.wholeAt < wholeEveryMs
  const from = before && wholeSlice(isBrief ? before.now - briefOverlapMs : before.wholeAt - overlapMs)
  const since = from === undefined ? `now64(3) - ${overlapMs / 1000}` : instantLiteral(from)
  const [row] = await store.query<Record<'slices' | 'buckets' | 'rows', number[]> & { now: string }>(
    'SELECT toUnixTimestamp64Milli(now64(3)) AS now, groupArray(slice) AS slices, groupArray(bucket) AS buckets, groupArray(rows) AS rows' +
      ` FROM (SELECT ${sliceOfRow} AS slice, ${bucketOfRow(grid)} AS bucket, toUInt32(count()) AS rows FROM ${relation}` +
      ` WHERE ${isScanned(span)} AND ingested_at > ${since} GROUP BY slice, bucket)`,
  )
  const { now, slices, buckets, rows } = row ?? { now: '0', slices: [], buckets: [], rows: [] }
  const entries = slices.map((slice, index) => {
    const bucket = buckets[index] ?? 0
    return [`${slice} ${bucket}`, { slice, bucket, rows: rows[index] ?? 0 }] as const
  })
  const unseen = [...(before?.counts ?? [])].filter(
    ([, { slice }]) => slice * bucketMs <= (from ?? 0) && slice * bucketMs > Number(now) - 2 * overlapMs,
  )
  return {
    now: Number(now),
    since: from ?? Number(now) - overlapMs,
    wholeAt: isBrief ? before.wholeAt : Number(now),
    counts: new Map([...unseen, ...entries]),
  }
}

/** So that two looks count the same rows into one. */
function wholeSlice(ms: number): number {
  return Math.floor(ms / bucketMs) * bucketMs - 1
}

/** The buckets that have other rows than at the look before. */
export function changedBuckets(before: Arrivals, after: Arrivals): ReadonlySet<number> {
  return new Set(changedCells(before, after).map(({ bucket }) => bucket))
}

/** Rows by when they happened and when they were taken in, where there are others than at the look before. */
export function changedCells(before: Arrivals, after: Arrivals): readonly Cell[] {
  const other = [...after.counts].filter(([key, { rows }]) => before.counts.get(key)?.rows !== rows)
  const gone = [...before.counts].filter(
    ([key, { slice }]) => !after.counts.has(key) && slice * bucketMs > after.since,
  )
  return [...other, ...gone].map(([, cell]) => cell)
}

/** The first slice that any look after this one may see again. */
export function firstSliceToCome({ wholeAt }: Arrivals): number {
  return Math.floor((wholeAt - overlapMs) / bucketMs)
}
