import { isScanned } from '#workers/telemetry/span.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Columns } from '#workers/telemetry/native-columns.ts'
import { type Bucket, makeBucket, type SumRows } from './bucket.ts'
import { bucketOfRow, endOf, type Grid } from './grid.ts'
import type { KeyColumn, KeyTree } from './key-tree.ts'
import { runsOf } from './runs.ts'

export interface Reading {
  readonly grid: Grid
  readonly keys: KeyTree
  /** What leaves are told apart by. */
  readonly columns: readonly KeyColumn[]
  /** Durations are kept from this bucket on; undefined = of none. */
  readonly durationsFrom: number | undefined
}

/** Buckets as the store has them now, empty ones included. */
export async function readBuckets(
  store: TelemetryStore,
  numbers: readonly number[],
  reading: Reading,
): Promise<Map<number, Bucket>> {
  const found = new Map<number, Bucket>()
  const { durationsFrom = Infinity } = reading
  for (const run of runsOf(numbers)) {
    const withDurations = (run.at(-1) ?? 0) >= durationsFrom
    const columns = await store.columns(bucketsQuery(run, reading, withDurations))
    const rows = sumsIn(columns, reading, withDurations)
    const buckets = columns.numbers('bucket')
    const placesOf = Map.groupBy(buckets.keys(), (place) => buckets[place] ?? 0)
    for (const number of run)
      found.set(number, makeBucket(rows, placesOf.get(number) ?? [], number >= durationsFrom))
  }
  return found
}

/** Its types are those that can be read by columns, whatever a view has. */
function bucketsQuery(run: readonly number[], { grid, columns }: Reading, withDurations: boolean): string {
  const [first = 0] = run
  const last = run.at(-1) ?? first
  const span = { from: endOf(grid, first - 1), to: endOf(grid, last) }
  const isWanted = run.length === last - first + 1 ? '' : ` AND bucket IN (${run.join(', ')})`
  const names = columns.map(
    (column) => `CAST(ifNull(toString(${column}_), ''), 'LowCardinality(String)') AS ${column}`,
  )
  const keys = columns.map((column) => `${column} AS ${column}_`)
  return (
    `SELECT bucket, ${names.join(', ')}, count_, failed_, total_${withDurations ? ', values_' : ''}` +
    ` FROM (SELECT ${bucketOfRow(grid)} AS bucket, ${keys.join(', ')}, toUInt32(count()) AS count_,` +
    " toUInt32(countIf(status = 'FAILED')) AS failed_, toFloat64(ifNull(sum(duration_ms), 0)) AS total_" +
    (withDurations ? ', groupArray(toUInt32(duration_ms)) AS values_' : '') +
    ` FROM executions WHERE ${isScanned(span)} AND status != 'RUNNING'${isWanted}` +
    ` GROUP BY bucket, ${columns.map((column) => `${column}_`).join(', ')})`
  )
}

function sumsIn(columns: Columns, { keys, columns: named }: Reading, withDurations: boolean): SumRows {
  return {
    leaves: leavesIn(columns, keys, named),
    counts: columns.numbers('count_'),
    failed: columns.numbers('failed_'),
    durationsMs: columns.numbers('total_'),
    durations: withDurations ? columns.lists('values_') : undefined,
  }
}

/** Names are looked up once for each combination of them and not for each row. */
function leavesIn(columns: Columns, keys: KeyTree, named: readonly KeyColumn[]): Uint32Array {
  const parts = named.map((column) => ({ column, ...columns.names(column) }))
  const known = new Map<number, number>()
  const leaves = new Uint32Array(columns.rows)
  for (let row = 0; row < columns.rows; row++) {
    let combination = 0
    for (const { different, places } of parts)
      combination = combination * different.length + (places[row] ?? 0)
    let leaf = known.get(combination)
    if (leaf === undefined) {
      const names = { environment: '', app: '', route: '', agent: '' }
      for (const { column, different, places } of parts) names[column] = different[places[row] ?? 0] ?? ''
      leaf = keys.leafOf(names)
      known.set(combination, leaf)
    }
    leaves[row] = leaf
  }
  return leaves
}
