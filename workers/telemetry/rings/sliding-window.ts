import type { ExecutionsFigures } from '#engine/telemetry/telemetry.ts'
import { type Bucket, forEachLeaf, forEachRun } from './bucket.ts'
import type { KeyTree } from './key-tree.ts'
import { RankTracker } from './rank-tracker.ts'
import type { Counting, Shelf } from './shelf.ts'

interface Ground {
  readonly buckets: Shelf
  readonly keys: KeyTree
  /** Keys whose quantiles somebody asks for, with what is known of them from another window like this one. */
  readonly ranked: ReadonlyMap<number, RankTracker | undefined>
  /** The shelf has durations from here on without a gap. */
  readonly durationsFrom: number
}

/** The totals of every key over so many buckets. It moves with its end: what enters is added, what leaves is taken away. */
export class SlidingWindow implements Counting {
  readonly length: number
  readonly #buckets: Shelf
  readonly #keys: KeyTree
  readonly #counts: Float64Array
  readonly #failed: Float64Array
  readonly #durations: Float64Array
  readonly #ranked = new Map<number, RankTracker>()
  /** Those that have not all durations of the window yet. */
  readonly #unfinished = new Map<number, RankTracker>()
  #trackersOfLeaf: (readonly RankTracker[] | undefined)[] = []
  #end: number

  constructor(length: number, end: number, { buckets, keys, ranked, durationsFrom }: Ground) {
    this.length = length
    this.#end = end
    this.#buckets = buckets
    this.#keys = keys
    this.#counts = new Float64Array(keys.size)
    this.#failed = new Float64Array(keys.size)
    this.#durations = new Float64Array(keys.size)
    for (const [key, known] of ranked)
      if (!known) this.#begin(key, new RankTracker(Math.min(durationsFrom, end + 1)))
    for (const [first, bucket] of buckets.between(end - length, end)) this.#add(first, bucket, 1)
    this.#trackersOfLeaf = []
    for (const [key, known] of ranked) if (known) this.#begin(key, known)
    this.#finish()
  }

  #begin(key: number, tracker: RankTracker): void {
    this.#ranked.set(key, tracker)
    this.#unfinished.set(key, tracker)
  }

  /** The number of its first bucket. */
  get start(): number {
    return this.#end - this.length + 1
  }

  get end(): number {
    return this.#end
  }

  /** Forwards or backwards. */
  moveTo(end: number): void {
    const [from, to] = [this.#end, end]
    const [first, last] = from < to ? [from, to] : [to, from]
    const forwards = from < to ? 1 : -1
    this.#end = end
    for (const [number, bucket] of this.#buckets.between(first, last)) this.#add(number, bucket, forwards)
    for (const [number, bucket] of this.#buckets.between(first - this.length, last - this.length))
      this.#add(number, bucket, forwards === 1 ? -1 : 1)
    for (const tracker of this.#unfinished.values()) tracker.from = Math.min(tracker.from, end + 1)
    this.#finish()
  }

  /** Buckets lie all inside of the window or all outside. */
  recount(first: number, last: number, bucket: Bucket, times: 1 | -1): void {
    if (this.#has(first, last)) this.#add(first, bucket, times)
  }

  doubt(first: number, last: number, leaves: ReadonlySet<number>): void {
    if (!this.#has(first, last)) return
    for (const key of new Set([...leaves].flatMap((leaf) => this.#keys.above(leaf)))) {
      const tracker = this.#ranked.get(key)
      if (!tracker || tracker.from > last) continue
      tracker.beginAnew(this.#end + 1)
      this.#unfinished.set(key, tracker)
    }
  }

  #has(first: number, last: number): boolean {
    return first >= this.start && last <= this.#end
  }

  /** Whether quantiles of a key are known. */
  ranks(key: number): boolean {
    return this.#ranked.has(key) && !this.#unfinished.has(key)
  }

  trackerOf(key: number): RankTracker | undefined {
    return this.#ranked.get(key)
  }

  /** Of these keys durations are missing: those of buckets before `from`. */
  get unfinished(): ReadonlyMap<number, { readonly from: number }> {
    return this.#unfinished
  }

  /** Durations of a bucket, for those who have all that come after it. */
  take(number: number, bucket: Bucket): void {
    if (this.#unfinished.size === 0) return
    const takes = (tracker: RankTracker) => tracker.from === number + 1
    if (this.#has(number, number)) this.#rank(bucket, 1, takes)
    for (const tracker of this.#unfinished.values()) if (takes(tracker)) tracker.from = number
    this.#finish()
  }

  /** From then on all that enters or leaves counts, also what enters at the start because the window moves backwards. */
  #finish(): void {
    for (const [key, tracker] of this.#unfinished) {
      if (tracker.from > this.start) continue
      tracker.from = -Infinity
      this.#unfinished.delete(key)
    }
  }

  figuresOf(key: number, withP99: boolean): ExecutionsFigures {
    const count = this.#counts[key] ?? 0
    if (count === 0) return { count: 0, failed: 0, averageDurationMs: null, p99DurationMs: null }
    const rank = count - 1 - Math.floor(0.99 * count)
    return {
      count,
      failed: this.#failed[key] ?? 0,
      averageDurationMs: (this.#durations[key] ?? 0) / count,
      p99DurationMs: withP99 ? (this.#ranked.get(key)?.fromTop(rank) ?? null) : null,
    }
  }

  #add(first: number, bucket: Bucket, times: 1 | -1): void {
    forEachLeaf(bucket, (leaf, count, failed, durationMs) => {
      for (const key of this.#keys.above(leaf)) {
        this.#counts[key] = (this.#counts[key] ?? 0) + times * count
        this.#failed[key] = (this.#failed[key] ?? 0) + times * failed
        this.#durations[key] = (this.#durations[key] ?? 0) + times * durationMs
      }
    })
    this.#rank(bucket, times, ({ from }) => from <= first)
  }

  #rank(bucket: Bucket, times: 1 | -1, takes: (tracker: RankTracker) => boolean): void {
    const { durations } = bucket
    if (!durations || this.#ranked.size === 0) return
    forEachRun(bucket, (leaf, start, count) => {
      for (const tracker of this.#trackersOf(leaf))
        if (takes(tracker)) tracker.add(durations, start, count, times)
    })
  }

  #trackersOf(leaf: number): readonly RankTracker[] {
    const known = this.#trackersOfLeaf[leaf]
    if (known) return known
    const trackers = this.#keys.above(leaf).flatMap((key) => this.#ranked.get(key) ?? [])
    this.#trackersOfLeaf[leaf] = trackers
    return trackers
  }
}
