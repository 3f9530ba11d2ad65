import { type Bucket, differingLeaves, mergeBuckets, withoutDurations } from './bucket.ts'

/** So many buckets of long ago lie together in a block. */
export const blockLength = 12

/** What comes late to a bucket lies beside it until nearly all has come, or there is so much of it. */
const mostParts = 24

/** Whoever counts what is in the buckets. */
export interface Counting {
  /** Told before buckets go (−1) and after they have come (1): those from the first number to the last, as one. */
  recount(first: number, last: number, bucket: Bucket, times: 1 | -1): void
  /** Of these leaves other rows were counted than there are now, and nobody knows any more how long they took. */
  doubt(first: number, last: number, leaves: ReadonlySet<number>): void
}

/**
 * The buckets by their numbers. A day of them at full detail would take ten times the memory that anybody needs: where no window
 * begins or ends, a minute is kept as one, and of what is long ago only the sums. What is needed in detail again is read again.
 */
export class Shelf {
  readonly #counting: Counting
  /** Of each, what was read first and what came later; all of it has durations, or none. */
  readonly #buckets = new Map<number, readonly Bucket[]>()
  readonly #blocks = new Map<number, readonly Bucket[]>()
  #durations = 0

  constructor(counting: Counting) {
    this.#counting = counting
  }

  /** How many single durations are kept. */
  get durations(): number {
    return this.#durations
  }

  /** Those after one number up to another, in order, each with its number; where they lie in a block, the block with its first one. */
  *between(after: number, last: number): Generator<readonly [number, Bucket]> {
    for (let number = after + 1; number <= last;) {
      const block = this.#blocks.get(blockOf(number))
      if (block && (number !== firstOf(number) || lastOf(number) > last))
        throw new Error(`bucket ${number} is asked for alone and lies in a block`)
      for (const bucket of block ?? this.#buckets.get(number) ?? []) yield [number, bucket]
      number += block ? blockLength : 1
    }
  }

  isInBlock(number: number): boolean {
    return this.#blocks.has(blockOf(number))
  }

  /** Of a bucket that does not lie in a block. */
  hasDurations(number: number): boolean {
    return haveDurations(this.#buckets.get(number) ?? [])
  }

  /** They take the place of what was there; where that is a block, all that belong to it must be among them. */
  put(buckets: ReadonlyMap<number, Bucket>): void {
    const together = Map.groupBy(buckets, ([number]) => (this.isInBlock(number) ? firstOf(number) : number))
    for (const [first, after] of together) this.#replace(first, after)
  }

  #replace(first: number, after: readonly (readonly [number, Bucket])[]): void {
    const block = this.#blocks.get(blockOf(first))
    const before = block ?? this.#buckets.get(first) ?? []
    const last = block ? lastOf(first) : first
    const news = after.map(([, bucket]) => bucket)
    const isKnown = haveDurations([...before, ...news])
    // Durations that are here only now, or no longer, stay counted as they were.
    const counted = isKnown ? (bucket: Bucket) => bucket : withoutDurations
    for (const part of before) this.#counting.recount(first, last, counted(part), -1)
    this.#blocks.delete(blockOf(first))
    this.#count(before, news)
    for (const [number, bucket] of after) {
      this.#buckets.set(number, [bucket])
      this.#counting.recount(number, number, counted(bucket), 1)
    }
    if (isKnown || before.length === 0) return
    const leaves = differingLeaves(mergeBuckets(before), mergeBuckets(news))
    if (leaves.size > 0) this.#counting.doubt(first, last, leaves)
  }

  /** Comes to what is there. */
  add(number: number, bucket: Bucket): void {
    const block = this.#blocks.get(blockOf(number))
    const before = block ?? this.#buckets.get(number) ?? []
    const more = [...before, haveDurations(before) ? bucket : withoutDurations(bucket)]
    const after = before.length < mostParts ? more : [mergeBuckets(more)]
    this.#count(before, after)
    if (block) this.#blocks.set(blockOf(number), after)
    else this.#buckets.set(number, after)
    this.#counting.recount(number, number, bucket, 1)
  }

  /** Makes one of what came to a bucket at first and later. */
  settle(number: number): void {
    const parts = this.#buckets.get(number) ?? []
    if (parts.length > 1) this.#buckets.set(number, [mergeBuckets(parts)])
  }

  /** Makes one of the buckets around a number; no window begins or ends among them. */
  layTogether(number: number): void {
    const numbers = numbersAround(number)
    const block = mergeBuckets(numbers.flatMap((one) => this.#buckets.get(one) ?? []))
    for (const one of numbers) this.#buckets.delete(one)
    this.#blocks.set(blockOf(number), [block])
  }

  forget(number: number): void {
    this.#count(this.#buckets.get(number), [])
    this.#buckets.delete(number)
    if (number !== lastOf(number)) return
    this.#count(this.#blocks.get(blockOf(number)), [])
    this.#blocks.delete(blockOf(number))
  }

  /** Of a block with its last bucket. */
  forgetDurations(number: number): void {
    const without = (parts: readonly Bucket[]): readonly Bucket[] => {
      this.#count(parts, [])
      return parts.map(withoutDurations)
    }
    const parts = this.#buckets.get(number)
    if (parts) this.#buckets.set(number, without(parts))
    const block = number === lastOf(number) ? this.#blocks.get(blockOf(number)) : undefined
    if (block) this.#blocks.set(blockOf(number), without(block))
  }

  #count(before: readonly Bucket[] = [], after: readonly Bucket[]): void {
    this.#durations += durationsIn(after) - durationsIn(before)
  }
}

function durationsIn(parts: readonly Bucket[]): number {
  return parts.reduce((sum, { durations }) => sum + (durations?.length ?? 0), 0)
}

function haveDurations(parts: readonly Bucket[]): boolean {
  return parts.every(({ durations }) => durations)
}

function blockOf(number: number): number {
  return Math.floor(number / blockLength)
}

export function firstOf(number: number): number {
  return blockOf(number) * blockLength
}

function lastOf(number: number): number {
  return firstOf(number) + blockLength - 1
}

/** All of the block, or of what would be one. */
export function numbersAround(number: number): number[] {
  return Array.from({ length: blockLength }, (_, index) => firstOf(number) + index)
}
