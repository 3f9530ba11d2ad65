import type { Bucket } from './bucket.ts'
import type { Reading } from './read-buckets.ts'

/** How a ring learns what the store took in since it looked last. */
export interface CatchUp {
  /** Leaves out, when buckets are read whole, what will be met when catching up; starts with AND, or is empty. */
  readonly known: string
  /** The store has less than is known: everything has to be begun anew. */
  readonly isLost: boolean
  /** Brings what is kept up to what the store has; the newest bucket is the last one asked for. */
  run(span: CaughtUp, kept: Kept): Promise<void>
}

export interface CaughtUp {
  /** Buckets; `from` is the newest that was there before, undefined at first. */
  readonly oldest: number
  readonly from: number | undefined
  readonly to: number
  /** How far back from there anybody asks. */
  readonly reach: number
}

/** The buckets of a ring, as far as catching up changes them. */
export interface Kept {
  /** Reads buckets whole, in place of what is known of them. */
  read(numbers: readonly number[]): Promise<void>
  /** Rows that come to those of a bucket. */
  add(number: number, rows: Bucket): void
  /** How rows are read that come to those of a bucket. */
  readonly reading: Reading
}
