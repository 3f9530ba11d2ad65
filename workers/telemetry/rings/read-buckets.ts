import { isScanned } from '#workers/telemetry/span.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Columns } from '#workers/telemetry/native-columns.ts'
import { type Bucket, emptyBucket, makeBucket, type SumRows } from './bucket.ts'
import { bucketOfRow, endOf, type Grid, numbersBetween } from './grid.ts'
import type { KeyColumn, KeyTree } from './key-tree.ts'
import { runsOf } from './runs.ts'

export interface Reading {
  readonly grid: Grid
  readonly keys: KeyTree
  /** What leaves are told apart by. */
  readonly columns: readonly KeyColumn[]
  /** Of which buckets every single duration is read. */
  readonly withDurations: (bucket: number) => boolean
}

/** Buckets as the store has them now, empty ones included; `where` starts with AND and leaves rows out, or is empty. */
export async function readBuckets(
  store: TelemetryStore,
  numbers: readonly number[],
  { where, ...reading }: Reading & { readonly where: string },
): Promise<Map<number, Bucket>> {
  const found = new Map<number, Bucket>()
  for (const run of runsOf(numbers)) {
    const [first = 0] = run
    const last = run.at(-1) ?? first
    const isWhole = run.length === last - first + 1
    const wanted = isWhole ? where : `${where} AND bucket IN (${run.join(', ')})`
    const { buckets } = await readSums(store, { first, last, where: wanted }, reading)
    for (const number of run)
      found.set(number, buckets.get(number) ?? emptyBucket(reading.withDurations(number)))
  }
  return found
}

interface Wanted {
  readonly first: number
  readonly last: number
  /** Starts with AND, or is empty. */
  readonly where: string
  /** What is told of each bucket and leaf beside its sums; the greatest is kept. */
  readonly greatest?: string
}

/** What the rows of some buckets add up to, by their numbers. */
export async function readSums(
  store: TelemetryStore,
  wanted: Wanted,
  reading: Reading,
): Promise<{ buckets: Map<number, Bucket>; greatest: number | undefined }> {
  const withDurations = numbersBetween(wanted.first - 1, wanted.last).some(reading.withDurations)
  const columns = await store.columns(sumsQuery(wanted, reading, withDurations))
  const rows = sumsIn(columns, reading, withDurations)
  const numbers = columns.numbers('bucket')
  const placesOf = Map.groupBy(numbers.keys(), (place) => numbers[place] ?? 0)
  const buckets = [...placesOf].map(
    ([number, places]) => [number, makeBucket(rows, places, reading.withDurations(number))] as const,
  )
  const greatest = wanted.greatest === undefined ? undefined : greatestOf(columns.numbers('greatest'))
  return { buckets: new Map(buckets), greatest }
}

function greatestOf(values: Iterable<number>): number | undefined {
  let greatest: number | undefined
  for (const value of values) greatest = Math.max(greatest ?? value, value)
  return greatest
}

/** Its types are those that can be read by columns, whatever a view has. */
function sumsQuery(
  { first, last, where, greatest }: Wanted,
  { grid, columns }: Reading,
  withDurations: boolean,
): string {
  const span = { from: endOf(grid, first - 1), to: endOf(grid, last) }
  const names = columns.map(
    (column) => `CAST(ifNull(toString(${column}_), ''), 'LowCardinality(String)') AS ${column}`,
  )
  const keys = columns.map((column) => `${column} AS ${column}_`)
  const more = [...(withDurations ? ['values_'] : []), ...(greatest === undefined ? [] : ['greatest'])]
  return (
    `SELECT ${['bucket', ...names, 'count_', 'failed_', 'total_', ...more].join(', ')}` +
    ` FROM (SELECT ${bucketOfRow(grid)} AS bucket, ${keys.join(', ')}, toUInt32(count()) AS count_,` +
    " toUInt32(countIf(status = 'FAILED')) AS failed_, toFloat64(ifNull(sum(duration_ms), 0)) AS total_" +
    (withDurations ? ', groupArray(toUInt32(duration_ms)) AS values_' : '') +
    (greatest === undefined ? '' : `, toFloat64(max(${greatest})) AS greatest`) +
    ` FROM executions WHERE ${isScanned(span)} AND status != 'RUNNING'${where}` +
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
