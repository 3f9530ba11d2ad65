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
  /** Of every row, one leaf's after the other's. */
  readonly durations: DurationValues | undefined
}

/** Milliseconds; few last longer than the 65 s that two bytes can say. */
export type DurationValues = Uint16Array | Uint32Array

/** Of the rows at these places; those of one leaf become one. */
export function makeBucket(rows: SumRows, places: Iterable<number>, withDurations: boolean): Bucket {
  const ordered = inOrderOfLeaves(rows, places)
  const durations = withDurations && rows.durations ? gather(rows.durations, ordered) : undefined
  return { packed: pack(rows, ordered), durations }
}

export function emptyBucket(withDurations: boolean): Bucket {
  return { packed: new Uint8Array(), durations: withDurations ? new Uint16Array() : undefined }
}

export function withoutDurations({ packed }: Bucket): Bucket {
  return { packed, durations: undefined }
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

/** Where the durations of each leaf are, and how many. */
export function forEachRun(
  bucket: Bucket,
  visit: (leaf: number, start: number, count: number) => void,
): void {
  let start = 0
  forEachLeaf(bucket, (leaf, count) => {
    visit(leaf, start, count)
    start += count
  })
}

/** As if their rows had all come in the same few seconds. */
export function mergeBuckets(buckets: readonly Bucket[]): Bucket {
  const [only, ...others] = buckets
  if (only && others.length === 0) return only
  let most = 0
  for (const bucket of buckets) forEachLeaf(bucket, (leaf) => (most = Math.max(most, leaf + 1)))
  const leaves = Uint32Array.from({ length: most }, (_, leaf) => leaf)
  const [counts, failed, durationsMs] = [1, 2, 3].map(() => new Float64Array(most)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (const bucket of buckets)
    forEachLeaf(bucket, (leaf, count, failures, durationMs) => {
      counts[leaf] = (counts[leaf] ?? 0) + count
      failed[leaf] = (failed[leaf] ?? 0) + failures
      durationsMs[leaf] = (durationsMs[leaf] ?? 0) + durationMs
    })
  const packed = pack(
    { leaves, counts, failed, durationsMs },
    leaves.filter((leaf) => (counts[leaf] ?? 0) > 0),
  )
  return { packed, durations: mergeDurations(buckets, counts) }
}

/** Undefined unless all have them. */
function mergeDurations(buckets: readonly Bucket[], counts: Float64Array): DurationValues | undefined {
  const all = buckets.flatMap(({ durations }) => durations ?? [])
  if (all.length < buckets.length) return undefined
  const ends = new Uint32Array(counts.length)
  for (let leaf = 1; leaf < ends.length; leaf++) ends[leaf] = (ends[leaf - 1] ?? 0) + (counts[leaf - 1] ?? 0)
  const isWide = all.some((durations) => durations instanceof Uint32Array)
  const values = new (isWide ? Uint32Array : Uint16Array)(all.reduce((sum, { length }) => sum + length, 0))
  for (const bucket of buckets)
    forEachRun(bucket, (leaf, start, count) => {
      let end = ends[leaf] ?? 0
      for (let at = start; at < start + count; at++) values[end++] = bucket.durations?.[at] ?? 0
      ends[leaf] = end
    })
  return values
}

/** Those of which two buckets do not count the same rows, as far as counts and sums can tell. */
export function differingLeaves(one: Bucket, other: Bucket): ReadonlySet<number> {
  const differing = new Map<number, string>()
  forEachLeaf(one, (leaf, count, _failed, durationMs) => differing.set(leaf, `${count} ${durationMs}`))
  forEachLeaf(other, (leaf, count, _failed, durationMs) => {
    const sums = `${count} ${durationMs}`
    if (differing.get(leaf) === sums) differing.delete(leaf)
    else differing.set(leaf, sums)
  })
  return new Set(differing.keys())
}

/** Sorted as numbers of which the leaf is the higher part: ten times as fast as by comparing. */
function inOrderOfLeaves({ leaves }: Pick<SumRows, 'leaves'>, places: Iterable<number>): Float64Array {
  const ordered = Float64Array.from(places, (place) => (leaves[place] ?? 0) * mostPlaces + place).sort()
  for (const [index, both] of ordered.entries()) ordered[index] = both % mostPlaces
  return ordered
}

const mostPlaces = 2 ** 27

/** Buckets are packed by the thousand, and what lies between them would hold the memory of what is gone. */
let scratch = new Uint8Array()

function pack(
  { leaves, counts, failed, durationsMs }: Omit<SumRows, 'durations'>,
  ordered: ArrayLike<number>,
): Uint8Array {
  if (scratch.length < ordered.length * longestLeaf) scratch = new Uint8Array(ordered.length * longestLeaf)
  const bytes = scratch
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
  { starts, values }: NonNullable<SumRows['durations']>,
  ordered: Float64Array,
): DurationValues {
  const each = (visit: (value: number) => void) => {
    for (const place of ordered)
      for (let at = starts[place] ?? 0; at < (starts[place + 1] ?? 0); at++) visit(values[at] ?? 0)
  }
  let [count, longest] = [0, 0]
  each((value) => {
    count++
    if (value > longest) longest = value
  })
  const kept = new (longest <= 65_535 ? Uint16Array : Uint32Array)(count)
  let end = 0
  each((value) => {
    kept[end++] = value
  })
  return kept
}
