import { type Bucket, mergeBuckets } from './bucket.ts'

/** So many buckets of long ago lie together in a block. */
export const blockLength = 12

/** What comes late to a bucket lies beside it until nearly all has come, or there is so much of it. */
const mostParts = 24

/** Told before buckets go (−1) and after they have come (1): those from the first number to the last, as one. */
export type Recount = (first: number, last: number, bucket: Bucket, times: 1 | -1) => void

/**
 * The buckets by their numbers. A day of them at full detail would take ten times the memory that anybody needs: where no window
 * begins or ends, a minute is kept as one. What is needed in detail again is read again.
 */
export class Shelf {
  readonly #recount: Recount
  /** Of each, what was read first and what came later. */
  readonly #buckets = new Map<number, readonly Bucket[]>()
  readonly #blocks = new Map<number, readonly Bucket[]>()
  #durations = 0

  constructor(recount: Recount) {
    this.#recount = recount
  }

  /** How many single durations are kept. */
  get durations(): number {
    return this.#durations
  }

  /** Those after one number up to another, in order; where they lie in a block, the block. */
  *between(after: number, last: number): Generator<Bucket> {
    for (let number = after + 1; number <= last;) {
      const block = this.#blocks.get(blockOf(number))
      if (block && (number !== firstOf(number) || lastOf(number) > last))
        throw new Error(`bucket ${number} is asked for alone and lies in a block`)
      yield* block ?? this.#buckets.get(number) ?? []
      number += block ? blockLength : 1
    }
  }

  isInBlock(number: number): boolean {
    return this.#blocks.has(blockOf(number))
  }

  /** Takes the place of what was there, also of a whole block, whose other buckets must be put then as well. */
  put(number: number, bucket: Bucket): void {
    const block = this.#blocks.get(blockOf(number))
    const before = block ?? this.#buckets.get(number) ?? []
    for (const part of before)
      this.#recount(block ? firstOf(number) : number, block ? lastOf(number) : number, part, -1)
    this.#blocks.delete(blockOf(number))
    this.#count(before, [bucket])
    this.#buckets.set(number, [bucket])
    this.#recount(number, number, bucket, 1)
  }

  /** Comes to what is there. */
  add(number: number, bucket: Bucket): void {
    const block = this.#blocks.get(blockOf(number))
    const before = block ?? this.#buckets.get(number) ?? []
    const after = before.length < mostParts ? [...before, bucket] : [mergeBuckets([...before, bucket])]
    this.#count(before, after)
    if (block) this.#blocks.set(blockOf(number), after)
    else this.#buckets.set(number, after)
    this.#recount(block ? firstOf(number) : number, block ? lastOf(number) : number, bucket, 1)
  }

  /** Makes one of what came to a bucket at first and later. */
  settle(number: number): void {
    const parts = this.#buckets.get(number) ?? []
    if (parts.length > 1) this.#buckets.set(number, [mergeBuckets(parts)])
  }

  /** Makes one of the buckets around a number; no window begins or ends among them. */
  layTogether(number: number): void {
    const numbers = Array.from({ length: blockLength }, (_, index) => firstOf(number) + index)
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
      return parts.map(({ packed }) => ({ packed, durations: undefined }))
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
  return parts.reduce((sum, { durations }) => sum + (durations?.values.length ?? 0), 0)
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
