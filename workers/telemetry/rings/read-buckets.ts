import { isScanned } from '#workers/telemetry/span.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Bucket, type LeafSum, makeBucket } from './bucket.ts'
import { bucketOfRow, endOf, type Grid } from './grid.ts'
import { type KeyColumn, keyColumns, type KeyTree, type LeafNames } from './key-tree.ts'
import { runsOf } from './runs.ts'

export interface Reading {
  readonly grid: Grid
  readonly keys: KeyTree
  /** What leaves are told apart by. */
  readonly columns: readonly KeyColumn[]
  /** Durations are kept from this bucket on; undefined = of none. */
  readonly durationsFrom: number | undefined
}

interface BucketRow extends Readonly<Record<KeyColumn, readonly string[]>> {
  readonly bucket: number
  readonly counts: readonly number[]
  readonly failures: readonly number[]
  readonly totals: readonly number[]
  readonly values?: readonly (readonly number[])[]
}

/** Buckets as the store has them now, empty ones included. */
export async function readBuckets(
  store: TelemetryStore,
  numbers: readonly number[],
  reading: Reading,
): Promise<Map<number, Bucket>> {
  const found = new Map<number, Bucket>()
  for (const run of runsOf(numbers)) {
    const rows = await store.query<BucketRow>(bucketsQuery(run, reading))
    const byNumber = new Map(rows.map((row) => [row.bucket, row]))
    for (const number of run) {
      const row = byNumber.get(number)
      const withDurations = reading.durationsFrom !== undefined && number >= reading.durationsFrom
      found.set(number, makeBucket(row ? sumsIn(row, reading.keys) : [], withDurations))
    }
  }
  return found
}

function bucketsQuery(run: readonly number[], { grid, columns, durationsFrom }: Reading): string {
  const [first = 0] = run
  const last = run.at(-1) ?? first
  const span = { from: endOf(grid, first - 1), to: endOf(grid, last) }
  const isWanted = run.length === last - first + 1 ? '' : ` AND bucket IN (${run.join(', ')})`
  const withValues = durationsFrom !== undefined && last >= durationsFrom
  const names = keyColumns.map(
    (column) => (columns.includes(column) ? `groupArray(${column}_)` : `[]`) + ` AS ${column}`,
  )
  const keys = columns.map((column) => `${column} AS ${column}_`)
  return (
    `SELECT bucket, ${names.join(', ')}, groupArray(count_) AS counts, groupArray(failed_) AS failures, groupArray(total_) AS totals` +
    (withValues ? ', groupArray(values_) AS values' : '') +
    ` FROM (SELECT ${bucketOfRow(grid)} AS bucket, ${keys.join(', ')}, toUInt32(count()) AS count_,` +
    " toUInt32(countIf(status = 'FAILED')) AS failed_, toFloat64(sum(duration_ms)) AS total_" +
    (withValues ? ', groupArray(toUInt32(duration_ms)) AS values_' : '') +
    ` FROM executions WHERE ${isScanned(span)} AND status != 'RUNNING'${isWanted}` +
    ` GROUP BY bucket, ${columns.map((column) => `${column}_`).join(', ')}) GROUP BY bucket`
  )
}

function sumsIn(row: BucketRow, keys: KeyTree): LeafSum[] {
  return row.counts.map((count, index) => {
    const name = (column: KeyColumn) => row[column][index] ?? ''
    const names: LeafNames = {
      environment: name('environment'),
      app: name('app'),
      route: name('route'),
      agent: name('agent'),
    }
    return {
      leaf: keys.leafOf(names),
      count,
      failed: row.failures[index] ?? 0,
      durationMs: row.totals[index] ?? 0,
      durations: row.values?.[index] ?? [],
    }
  })
}
