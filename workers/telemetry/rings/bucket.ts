/** What the rows of a few seconds add up to, for one of the finest keys there are: a leaf. */
export interface LeafSum {
  readonly leaf: number
  readonly count: number
  readonly failed: number
  readonly durationMs: number
  /** Of every row; empty where nobody wants quantiles. */
  readonly durations: readonly number[]
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

export function makeBucket(sums: readonly LeafSum[], withDurations: boolean): Bucket {
  const ordered = [...sums].sort((one, other) => one.leaf - other.leaf)
  return { packed: pack(ordered), durations: withDurations ? packDurations(ordered) : undefined }
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
  const byLeaf = Map.groupBy(buckets.flatMap(sumsOf), ({ leaf }) => leaf)
  const sums = [...byLeaf].map(([leaf, some]) => {
    const total = (what: 'count' | 'failed' | 'durationMs') => some.reduce((sum, one) => sum + one[what], 0)
    return {
      leaf,
      count: total('count'),
      failed: total('failed'),
      durationMs: total('durationMs'),
      durations: some.flatMap(({ durations }) => durations),
    }
  })
  const withDurations = buckets.some(({ durations }) => durations !== undefined)
  return makeBucket(sums, withDurations)
}

function sumsOf(bucket: Bucket): LeafSum[] {
  const sums: LeafSum[] = []
  forEachLeaf(bucket, (leaf, count, failed, durationMs) => {
    const durations = bucket.durations ? [...durationsOf(bucket.durations, leaf)] : []
    sums.push({ leaf, count, failed, durationMs, durations })
  })
  return sums
}

function pack(sums: readonly LeafSum[]): Uint8Array {
  const bytes: number[] = []
  const put = (value: number): void => {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
    bytes.push(rest)
  }
  let before = -1
  for (const { leaf, count, failed, durationMs } of sums) {
    for (const value of [leaf - before, count, failed, durationMs]) put(value)
    before = leaf
  }
  return Uint8Array.from(bytes)
}

function packDurations(sums: readonly LeafSum[]): Durations {
  const starts = new Uint32Array(sums.length + 1)
  for (const [index, { durations }] of sums.entries())
    starts[index + 1] = (starts[index] ?? 0) + durations.length
  const isShort = sums.every(({ durations }) => durations.every((value) => value <= 65_535))
  const values = new (isShort ? Uint16Array : Uint32Array)(starts.at(-1) ?? 0)
  for (const [index, { durations }] of sums.entries()) values.set(durations, starts[index])
  return { leaves: Uint32Array.from(sums, ({ leaf }) => leaf), starts, values }
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
