import type { ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Bucket } from './bucket.ts'
import { bucketMs } from './grid.ts'
import type { KeyTree } from './key-tree.ts'
import { delayBuckets } from './plan.ts'
import { blockLength, type Counting, firstOf, type Shelf } from './shelf.ts'
import { SlidingWindow } from './sliding-window.ts'

/** What a question is answered from. */
export interface WindowPair {
  readonly early: SlidingWindow
  readonly settled: SlidingWindow
}

interface OpenWindow {
  readonly window: SlidingWindow
  /** In buckets: it ends so long before the ring. */
  readonly delay: number
  /** The ring's head when it was last asked. */
  readonly usedAt: number
}

/** What is on the shelf: buckets up to the head, and of them durations. */
export interface Stock {
  readonly head: number
  readonly oldest: number
  readonly oldestDurations: number
}

/** The windows that questions are answered from: of each length one up to the head, and one up to where nearly all rows have come. */
export class OpenWindows implements Counting {
  readonly #shelf: Shelf
  #questions: readonly ExecutionsQuestion[]
  #keys: KeyTree
  readonly #windows = new Map<string, OpenWindow>()
  /** Looked up since the last move. */
  readonly #pairs = new Map<string, WindowPair | undefined>()

  constructor(shelf: Shelf, questions: readonly ExecutionsQuestion[], keys: KeyTree) {
    this.#shelf = shelf
    this.#questions = questions
    this.#keys = keys
  }

  all(): SlidingWindow[] {
    return Array.from(this.#windows.values(), ({ window }) => window)
  }

  recount(first: number, last: number, bucket: Bucket, times: 1 | -1): void {
    for (const { window } of this.#windows.values()) window.recount(first, last, bucket, times)
  }

  doubt(first: number, last: number, leaves: ReadonlySet<number>): void {
    for (const { window } of this.#windows.values()) window.doubt(first, last, leaves)
  }

  moveTo(head: number): void {
    this.#pairs.clear()
    for (const { window, delay } of this.#windows.values()) window.moveTo(head - delay)
  }

  /** Undefined where not enough is known, or the windows do not lie on the grid. */
  pairFor(windowSeconds: number, delayMs: number, stock: Stock): WindowPair | undefined {
    const name = `${windowSeconds} ${delayMs}`
    if (this.#pairs.has(name)) return this.#pairs.get(name)
    const early = this.#window('early', { windowSeconds, delayMs: 0 }, stock)
    const settled = this.#window('settled', { windowSeconds, delayMs }, stock)
    const pair = early && settled && { early, settled }
    this.#pairs.set(name, pair)
    return pair
  }

  /** What is settled ends sooner or later as rows come sooner or later: its windows are moved, not opened anew. */
  #window(
    what: keyof WindowPair,
    { windowSeconds, delayMs }: { windowSeconds: number; delayMs: number },
    stock: Stock,
  ): SlidingWindow | undefined {
    const length = (windowSeconds * 1000) / bucketMs
    const delay = delayMs / bucketMs
    if (!Number.isInteger(length) || !Number.isInteger(delay) || delay > delayBuckets) return undefined
    const end = stock.head - delay
    if (end - length + 1 < stock.oldest) return undefined
    const name = `${what} ${length}`
    const window = this.#windows.get(name)?.window ?? this.#open(length, end, stock)
    window.moveTo(end)
    this.#windows.set(name, { window, delay, usedAt: stock.head })
    return window
  }

  /** What another one like it has counted of durations goes on. */
  #open(
    length: number,
    end: number,
    { oldestDurations }: Stock,
    like?: { window: SlidingWindow; keys: KeyTree },
  ): SlidingWindow {
    const seconds = (length * bucketMs) / 1000
    const ranked = this.#questions
      .filter((question) => question.withP99 && question.windowSeconds === seconds)
      .map((question) => {
        const known = like?.window.trackerOf(like.keys.keyOf(question))
        return [this.#keys.keyOf(question), known] as const
      })
    const areAllKept = end - length + 1 >= oldestDurations
    // Blocks are counted whole or not at all.
    const durationsFrom = areAllKept ? oldestDurations : firstOf(oldestDurations + blockLength - 1)
    const ground = { buckets: this.#shelf, keys: this.#keys, ranked: new Map(ranked), durationsFrom }
    return new SlidingWindow(length, end, ground)
  }

  /** Other questions are asked from now on, and `lengths` are theirs. */
  changeTo(
    questions: readonly ExecutionsQuestion[],
    keys: KeyTree,
    { lengths, stock }: { readonly lengths: readonly number[]; readonly stock: Stock },
  ): void {
    const before = this.#keys
    this.#questions = questions
    this.#keys = keys
    this.#pairs.clear()
    for (const [name, { window, ...open }] of this.#windows) {
      const { length, end } = window
      if (lengths.includes(length))
        this.#windows.set(name, { ...open, window: this.#open(length, end, stock, { window, keys: before }) })
      else this.#windows.delete(name)
    }
  }

  /** Those that nobody asked for since then. */
  close(since: number): void {
    for (const [name, { usedAt }] of this.#windows) if (usedAt < since) this.#windows.delete(name)
  }
}
