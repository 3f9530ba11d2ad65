import type { Columns } from '#workers/telemetry/native-columns.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { bucketMs, type madeUpRows, tickBuckets, type Ticks } from './made-up-rows.ts'
import { routeCount } from './rows.ts'

export interface MadeUpStore extends TelemetryStore {
  /** The latest tick that it has the rows of. */
  tick: number
  /** Processor time that making rows up took. */
  spentMs: number
  /** How often it was asked to count by itself, which it does not. */
  asked: number
}

/** Answers what the ring of executions asks as a table that numbers its rows would. There is not the room for half a billion real ones. */
export function madeUpStore(eachRow: ReturnType<typeof madeUpRows>, apps: number): MadeUpStore {
  const leaves = apps * routeCount
  const different = {
    environment: ['prod'],
    app: Array.from({ length: leaves }, (_, leaf) => `app-${Math.floor(leaf / routeCount)}`),
    route: Array.from({ length: leaves }, (_, leaf) => `route-${leaf % routeCount}`),
  }
  const store: MadeUpStore = {
    tick: 0,
    spentMs: 0,
    asked: 0,
    query: async <Row>(sql: string) => {
      if (sql.includes('GROUPING SETS')) store.asked++
      if (sql.includes('system.parts')) return [{ greatest: `${store.tick}` }] as Row[]
      return (sql.includes('system.tables') ? [numbered] : []) as Row[]
    },
    columns: async (sql) => {
      const before = process.cpuUsage()
      const { buckets, ticks } = wantedBy(sql, store.tick)
      const sums = sumsOf(buckets, { leaves, withValues: sql.includes('groupArray(') }, (bucket, visit) =>
        eachRow(bucket, ticks, visit),
      )
      const { user, system } = process.cpuUsage(before)
      store.spentMs += (user + system) / 1000
      const { places, starts, values } = sums
      const numbers: Readonly<Record<string, Uint32Array | Float64Array>> = {
        bucket: sums.buckets,
        count_: sums.counts,
        failed_: new Uint32Array(places.length),
        total_: sums.totals,
        greatest: new Float64Array(places.length).fill(store.tick),
      }
      return {
        rows: places.length,
        numbers: (name) => numbers[name] ?? new Uint32Array(),
        names: (name) => ({
          different: different[name as keyof typeof different],
          places: name === 'environment' ? new Uint8Array(places.length) : places,
        }),
        lists: () => ({ starts, values }),
      } satisfies Columns
    },
    insert: async () => undefined,
    command: async () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
  }
  return store
}

const numbered = {
  engine: 'MergeTree',
  engine_full: 'PARTITION BY toDate(ts) SETTINGS enable_block_number_column = 1',
}

function wantedBy(sql: string, tick: number): { buckets: readonly number[]; ticks: Ticks } {
  const numberIn = (pattern: RegExp) => {
    const found = pattern.exec(sql)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  const after = numberIn(/_block_number > (\d+)/) ?? -1
  const from = (numberIn(/ts > \w+\((\d+)/) ?? 0) / bucketMs
  const to = (numberIn(/ts <= \w+\((\d+)/) ?? 0) / bucketMs
  // Nothing that came later happened before this.
  const first = Math.max(from + 1, after * tickBuckets - 24)
  const last = Math.min(to, tick * tickBuckets)
  const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
  const some = /bucket IN \(([^)]*)\)/.exec(sql)?.[1]?.split(', ').map(Number)
  const upTo = Math.min(tick, numberIn(/_block_number <= (\d+)/) ?? tick)
  return { buckets: some ?? all, ticks: { after, upTo } }
}

type Each = (bucket: number, visit: (leaf: number, durationMs: number) => void) => void

/** By bucket and leaf, as columns. */
function sumsOf(
  wanted: readonly number[],
  { leaves, withValues }: { readonly leaves: number; readonly withValues: boolean },
  each: Each,
) {
  const most = wanted.length * leaves
  const [buckets, places, counts] = [1, 2, 3].map(() => new Uint32Array(most)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  const totals = new Float64Array(most)
  const starts = new Uint32Array(most + 1)
  let rows = 0
  for (const bucket of wanted) {
    const own = { counts: new Uint32Array(leaves), totals: new Float64Array(leaves) }
    each(bucket, (leaf, durationMs) => {
      own.counts[leaf] = (own.counts[leaf] ?? 0) + 1
      own.totals[leaf] = (own.totals[leaf] ?? 0) + durationMs
    })
    for (const [leaf, count] of own.counts.entries()) {
      if (count === 0) continue
      buckets[rows] = bucket
      places[rows] = leaf
      counts[rows] = count
      totals[rows] = own.totals[leaf] ?? 0
      starts[rows + 1] = (starts[rows] ?? 0) + count
      rows++
    }
  }
  return {
    buckets: buckets.subarray(0, rows),
    places: places.subarray(0, rows),
    counts: counts.subarray(0, rows),
    totals: totals.subarray(0, rows),
    starts: starts.subarray(0, rows + 1),
    values: withValues ? valuesOf({ buckets, places, starts, rows, leaves }, each) : new Uint32Array(),
  }
}

interface Runs {
  readonly buckets: Uint32Array
  readonly places: Uint32Array
  readonly starts: Uint32Array
  readonly rows: number
  readonly leaves: number
}

function valuesOf({ buckets, places, starts, rows, leaves }: Runs, each: Each): Uint32Array {
  const values = new Uint32Array(starts[rows] ?? 0)
  const ends = new Uint32Array(leaves)
  for (let row = 0; row < rows;) {
    const bucket = buckets[row] ?? 0
    for (; row < rows && buckets[row] === bucket; row++) ends[places[row] ?? 0] = starts[row] ?? 0
    each(bucket, (leaf, durationMs) => {
      const end = ends[leaf] ?? 0
      values[end] = durationMs
      ends[leaf] = end + 1
    })
  }
  return values
}
