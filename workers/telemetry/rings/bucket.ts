/** What rows add up to, for some of the finest keys there are, the leaves. One place of each array is one leaf's. */
export interface SumRows {
  readonly leaves: ArrayLike<number>
  readonly counts: ArrayLike<number>
  readonly failed: ArrayLike<number>
  readonly durationsMs: ArrayLike<number>
  /** Of every row, one run for each leaf; undefined where nobody wants quantiles. */
  readonly durations: { readonly starts: ArrayLike<number>; readonly values: DurationValues } | undefined
}

/** The leaves of one bucket of time. A day has seventeen thousand of them, so sums are packed: five bytes a leaf, not twenty. */
export interface Bucket {
  readonly packed: Uint8Array
  readonly durations: Durations | undefined
}

/** Of each leaf one run of values, found by its place among `leaves`. */
export interface Durations {
  readonly leaves: Uint32Array
  readonly starts: Uint32Array
  readonly values: DurationValues
}

/** Milliseconds; few last longer than the 65 s that two bytes can say. */
export type DurationValues = Uint16Array | Uint32Array

/** Of the rows at these places; those of one leaf become one. */
export function makeBucket(rows: SumRows, places: Iterable<number>, withDurations: boolean): Bucket {
  const ordered = inOrderOfLeaves(rows, places)
  const durations = withDurations && rows.durations ? gather(rows, rows.durations, ordered) : undefined
  return { packed: pack(rows, ordered), durations }
}

export function emptyBucket(withDurations: boolean): Bucket {
  const nothing = { leaves: [], counts: [], failed: [], durationsMs: [] }
  return makeBucket({ ...nothing, durations: { starts: [0], values: none } }, [], withDurations)
}

/** Counts are integers and are added and taken away again and again: nothing is ever rounded. */
export function forEachLeaf(
  { packed }: Bucket,
  visit: (leaf: number, count: number, failed: number, durationMs: number) => void,
): void {
  let place = 0
  const next = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = packed[place++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  for (let leaf = -1; place < packed.length;) {
    leaf += next()
    visit(leaf, next(), next(), next())
  }
}

/** As if their rows had all come in the same few seconds. */
export function mergeBuckets(buckets: readonly Bucket[]): Bucket {
  const rows = {
    leaves: [] as number[],
    counts: [] as number[],
    failed: [] as number[],
    durationsMs: [] as number[],
  }
  for (const bucket of buckets)
    forEachLeaf(bucket, (leaf, count, failed, durationMs) => {
      rows.leaves.push(leaf)
      rows.counts.push(count)
      rows.failed.push(failed)
      rows.durationsMs.push(durationMs)
    })
  const runs = buckets.flatMap(({ durations }) => durations ?? [])
  const merged = makeBucket({ ...rows, durations: undefined }, rows.leaves.keys(), false)
  return { packed: merged.packed, durations: runs.length > 0 ? mergeDurations(runs) : undefined }
}

function mergeDurations(runs: readonly Durations[]): Durations {
  const leaves = runs.flatMap((run) => [...run.leaves])
  const starts = new Uint32Array(leaves.length + 1)
  const length = runs.reduce((sum, { values }) => sum + values.length, 0)
  const values = new (runs.some((run) => run.values instanceof Uint32Array) ? Uint32Array : Uint16Array)(
    length,
  )
  let [place, end] = [0, 0]
  for (const run of runs) {
    values.set(run.values, end)
    for (const start of run.starts.subarray(1)) starts[++place] = end + start
    end += run.values.length
  }
  const rows = { leaves, durations: { starts, values } }
  return gather(rows, rows.durations, inOrderOfLeaves(rows, leaves.keys()))
}

/** Sorted as numbers of which the leaf is the higher part: ten times as fast as by comparing. */
function inOrderOfLeaves({ leaves }: Pick<SumRows, 'leaves'>, places: Iterable<number>): Float64Array {
  const ordered = Float64Array.from(places, (place) => (leaves[place] ?? 0) * mostPlaces + place).sort()
  for (const [index, both] of ordered.entries()) ordered[index] = both % mostPlaces
  return ordered
}

const mostPlaces = 2 ** 27

function pack({ leaves, counts, failed, durationsMs }: SumRows, ordered: Float64Array): Uint8Array {
  const bytes = new Uint8Array(ordered.length * longestLeaf)
  let end = 0
  const put = (value: number): void => {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[end++] = (rest % 128) + 128
    bytes[end++] = rest
  }
  let before = -1
  for (let index = 0; index < ordered.length;) {
    const leaf = leaves[ordered[index] ?? 0] ?? 0
    let [count, failures, durationMs] = [0, 0, 0]
    for (; index < ordered.length && leaves[ordered[index] ?? 0] === leaf; index++) {
      const place = ordered[index] ?? 0
      count += counts[place] ?? 0
      failures += failed[place] ?? 0
      durationMs += durationsMs[place] ?? 0
    }
    put(leaf - before)
    put(count)
    put(failures)
    put(durationMs)
    before = leaf
  }
  return bytes.slice(0, end)
}

/** Four numbers of at most 2^53. */
const longestLeaf = 4 * 8

function gather(
  { leaves }: Pick<SumRows, 'leaves'>,
  { starts, values }: NonNullable<SumRows['durations']>,
  ordered: Float64Array,
): Durations {
  const distinct: number[] = []
  const ends: number[] = []
  const kept = new Uint32Array(
    ordered.reduce((sum, place) => sum + (starts[place + 1] ?? 0) - (starts[place] ?? 0), 0),
  )
  let end = 0
  let longest = 0
  for (const place of ordered) {
    const leaf = leaves[place] ?? 0
    if (distinct.at(-1) !== leaf) {
      distinct.push(leaf)
      ends.push(end)
    }
    for (let at = starts[place] ?? 0; at < (starts[place + 1] ?? 0); at++) {
      const value = values[at] ?? 0
      kept[end++] = value
      if (value > longest) longest = value
    }
  }
  return {
    leaves: Uint32Array.from(distinct),
    starts: Uint32Array.from([...ends, end]),
    values: longest <= 65_535 ? Uint16Array.from(kept) : kept,
  }
}

/** The durations of one leaf; none where it had no rows. */
export function durationsOf({ leaves, starts, values }: Durations, leaf: number): DurationValues {
  let low = 0
  let high = leaves.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((leaves[middle] ?? 0) < leaf) low = middle + 1
    else high = middle
  }
  if (leaves[low] !== leaf) return none
  return values.subarray(starts[low], starts[low + 1])
}

const none = new Uint16Array()
