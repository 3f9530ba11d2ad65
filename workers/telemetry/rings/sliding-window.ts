import type { ExecutionsFigures } from '#engine/telemetry/telemetry.ts'
import { type Bucket, durationsOf, forEachLeaf } from './bucket.ts'
import type { KeyTree } from './key-tree.ts'
import { RankTracker } from './rank-tracker.ts'
import type { Shelf } from './shelf.ts'

/** The totals of every key over so many buckets. It moves with its end: what enters is added, what leaves is taken away. */
export class SlidingWindow {
  readonly #length: number
  readonly #buckets: Shelf
  readonly #keys: KeyTree
  readonly #counts: Float64Array
  readonly #failed: Float64Array
  readonly #durations: Float64Array
  readonly #ranked = new Map<number, RankTracker>()
  readonly #trackersOfLeaf = new Map<number, readonly RankTracker[]>()
  #end: number

  constructor(
    length: number,
    end: number,
    ground: { buckets: Shelf; keys: KeyTree; ranked: Iterable<number> },
  ) {
    this.#length = length
    this.#end = end
    this.#buckets = ground.buckets
    this.#keys = ground.keys
    this.#counts = new Float64Array(ground.keys.size)
    this.#failed = new Float64Array(ground.keys.size)
    this.#durations = new Float64Array(ground.keys.size)
    for (const key of ground.ranked)
      this.#ranked.set(key, new RankTracker((visit) => this.#eachDuration(key, visit)))
    for (const bucket of this.#buckets.between(end - length, end)) this.#add(bucket, 1)
  }

  /** Forwards or backwards. */
  moveTo(end: number): void {
    const [from, to] = [this.#end, end]
    const [first, last] = from < to ? [from, to] : [to, from]
    const forwards = from < to ? 1 : -1
    this.#end = end
    for (const bucket of this.#buckets.between(first, last)) this.#add(bucket, forwards)
    for (const bucket of this.#buckets.between(first - this.#length, last - this.#length))
      this.#add(bucket, forwards === 1 ? -1 : 1)
  }

  /** The number of its first bucket. */
  get start(): number {
    return this.#end - this.#length + 1
  }

  /** Buckets go or come, as Recount says; they lie all inside of the window or all outside. */
  recount(first: number, last: number, bucket: Bucket, times: 1 | -1): void {
    if (first > this.#end - this.#length && last <= this.#end) this.#add(bucket, times)
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

  #add(bucket: Bucket, times: 1 | -1): void {
    forEachLeaf(bucket, (leaf, count, failed, durationMs) => {
      for (const key of this.#keys.above(leaf)) {
        this.#counts[key] = (this.#counts[key] ?? 0) + times * count
        this.#failed[key] = (this.#failed[key] ?? 0) + times * failed
        this.#durations[key] = (this.#durations[key] ?? 0) + times * durationMs
      }
    })
    if (this.#ranked.size === 0 || !bucket.durations) return
    const { leaves, starts, values } = bucket.durations
    for (const [index, leaf] of leaves.entries()) {
      const trackers = this.#trackersOf(leaf)
      if (trackers.length === 0) continue
      const theirs = values.subarray(starts[index], starts[index + 1])
      for (const tracker of trackers) tracker.add(theirs, times)
    }
  }

  #trackersOf(leaf: number): readonly RankTracker[] {
    const known = this.#trackersOfLeaf.get(leaf)
    if (known) return known
    const trackers = [...this.#keys.above(leaf)].flatMap((key) => this.#ranked.get(key) ?? [])
    this.#trackersOfLeaf.set(leaf, trackers)
    return trackers
  }

  #eachDuration(key: number, visit: (value: number) => void): void {
    for (const { durations } of this.#buckets.between(this.#end - this.#length, this.#end)) {
      if (!durations) continue
      for (const leaf of this.#keys.below(key)) for (const value of durationsOf(durations, leaf)) visit(value)
    }
  }
}
