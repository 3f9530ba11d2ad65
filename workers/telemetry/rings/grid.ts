/** Buckets are this long. Slots, windows and what is settled lie on this grid, or are asked about by query. */
export const bucketMs = 5_000

/** The bucket with the number n holds the instants in ((n − 1) · length + phase, n · length + phase]. */
export interface Grid {
  readonly phaseMs: number
}

export function gridThrough(at: Date): Grid {
  return { phaseMs: at.getTime() % bucketMs }
}

export function bucketEndingAt({ phaseMs }: Grid, ms: number): number | undefined {
  return (ms - phaseMs) % bucketMs === 0 ? (ms - phaseMs) / bucketMs : undefined
}

export function endOf({ phaseMs }: Grid, bucket: number): number {
  return bucket * bucketMs + phaseMs
}

/** The number of the bucket that holds a row. */
export function bucketOfRow({ phaseMs }: Grid): string {
  return `toUInt32(intDiv(toUnixTimestamp64Milli(ts) + ${bucketMs - 1 - phaseMs}, ${bucketMs}))`
}

/** Of the buckets after one up to another. */
export function numbersBetween(after: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - after) }, (_, index) => after + 1 + index)
}

/** The number of the slice that a row was taken in within: as long as a bucket, by the store's clock. */
export const sliceOfRow = `toUInt32(intDiv(toUnixTimestamp64Milli(ingested_at), ${bucketMs}))`
