import type { ExecutionsAnswer, ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { Bucket } from './bucket.ts'
import type { CatchUp, Kept } from './catch-up.ts'
import { bucketEndingAt, bucketMs, type Grid, gridThrough, numbersBetween } from './grid.ts'
import { KeyTree } from './key-tree.ts'
import { openCatchUp } from './open-catch-up.ts'
import { delayBuckets, type Plan, planFor } from './plan.ts'
import { readBuckets, type Reading } from './read-buckets.ts'
import { blockLength, firstOf, Shelf } from './shelf.ts'
import { SlidingWindow } from './sliding-window.ts'

/** What a question is answered from. */
interface WindowPair {
  readonly early: SlidingWindow
  readonly settled: SlidingWindow
}

interface OpenWindow {
  readonly window: SlidingWindow
  /** In buckets: it ends so long before the ring. */
  delay: number
  readonly isRanked: boolean
  /** The ring's head when it was last asked. */
  usedAt: number
}

/** Few rows come later than that. */
const settledBuckets = delayBuckets + 60_000 / bucketMs
/** A ring that was not moved on for so long is begun anew. */
const longestPause = 3_600_000 / bucketMs
/** Seeding and reading go by so many buckets at a time, and so many times for each move, newest first. */
const stepBuckets = 120_000 / bucketMs
const stepsAtOnce = 30
/** The latest buckets are not laid together: most windows are shorter. */
const detailedReach = 3_600_000 / bucketMs + delayBuckets
/** Some 120 MB. */
const usualDurations = 60_000_000

interface RingOptions {
  readonly at: Date
  readonly questions: readonly ExecutionsQuestion[]
  /** How many durations are kept; windows that hold more of them cannot tell quantiles. */
  readonly mostDurations?: number
}

/**
 * The latest hours of executions in memory, in buckets of a few seconds. Each move forwards reads the buckets that are new or have
 * changed, and every window of every key has moved with them: what a move costs depends on the rows that came, neither on the
 * number of questions nor on the length of their windows.
 */
export class Ring {
  readonly #store: TelemetryStore
  readonly #grid: Grid
  readonly #mostDurations: number
  #plan: Plan
  #keys: KeyTree
  #questions: readonly ExecutionsQuestion[]
  readonly #buckets: Shelf
  readonly #windows = new Map<string, OpenWindow>()
  /** Looked up since the last move. */
  readonly #pairs = new Map<string, WindowPair | undefined>()
  #catchUp: CatchUp | undefined
  #head: number
  #oldest: number
  #oldestDurations: number

  constructor(store: TelemetryStore, { at, questions, mostDurations = usualDurations }: RingOptions) {
    this.#store = store
    this.#mostDurations = mostDurations
    this.#grid = gridThrough(at)
    this.#plan = planFor(questions)
    this.#buckets = new Shelf((first, last, bucket, times) => {
      for (const { window } of this.#windows.values()) window.recount(first, last, bucket, times)
    })
    this.#questions = questions
    this.#keys = new KeyTree(questions)
    this.#head = bucketEndingAt(this.#grid, at.getTime()) ?? 0
    this.#oldest = this.#head + 1
    this.#oldestDurations = this.#head + 1
  }

  /** Other questions may be asked from now on, where they need nothing that is not kept. */
  accepts(questions: readonly ExecutionsQuestion[]): boolean {
    const wanted = planFor(questions)
    const isEnough =
      wanted.columns.every((column) => this.#plan.columns.includes(column)) &&
      wanted.reach <= this.#plan.reach &&
      wanted.durationsReach <= this.#plan.durationsReach
    if (!isEnough) return false
    this.#plan = { ...this.#plan, lengths: wanted.lengths }
    this.#questions = questions
    this.#keys = this.#keys.regrown(questions)
    this.#windows.clear()
    this.#pairs.clear()
    return true
  }

  /** Whether the ring can be moved there: not backwards, not far, and only along its grid. */
  reaches(at: Date): boolean {
    const head = this.#catchUp?.isLost ? undefined : bucketEndingAt(this.#grid, at.getTime())
    return head !== undefined && head >= this.#head && head - this.#head <= longestPause
  }

  async moveTo(at: Date): Promise<void> {
    this.#pairs.clear()
    const head = bucketEndingAt(this.#grid, at.getTime()) ?? this.#head
    this.#catchUp ??= await openCatchUp(this.#store, 'executions', this.#grid)
    const from = this.#oldest > this.#head ? undefined : this.#head
    const oldest = from === undefined ? head : this.#oldest
    await this.#catchUp.run({ oldest, from, to: head, reach: this.#plan.reach }, this.#kept(head))
    await this.#read(
      this.#edges(head).filter((number) => this.#buckets.isInBlock(number)),
      head,
    )
    if (from === undefined) [this.#oldest, this.#oldestDurations] = [head, head]
    for (const number of numbersBetween(this.#head - settledBuckets, head - settledBuckets))
      this.#buckets.settle(number)
    this.#head = head
    for (const { window, delay } of this.#windows.values()) window.moveTo(head - delay)
    await this.#seed()
    this.#forget()
    this.#layTogether()
  }

  /**
   * The window of that many seconds that ends so long before the ring's; undefined where not enough of it is known. What is settled
   * ends sooner or later as rows come sooner or later: its windows are moved, not opened anew.
   */
  #window(
    what: keyof WindowPair,
    windowSeconds: number,
    { delayMs, withP99 }: { delayMs: number; withP99: boolean },
  ): SlidingWindow | undefined {
    const length = (windowSeconds * 1000) / bucketMs
    const delay = delayMs / bucketMs
    if (!Number.isInteger(length) || !Number.isInteger(delay) || delay > delayBuckets) return undefined
    const end = this.#head - delay
    const start = end - length + 1
    const isRanked = start >= this.#oldestDurations
    if (start < this.#oldest || (withP99 && !isRanked)) return undefined
    const name = `${what} ${length} ${isRanked}`
    const known = this.#windows.get(name) ?? {
      window: this.#open(length, end, isRanked),
      delay,
      isRanked,
      usedAt: 0,
    }
    known.window.moveTo(end)
    known.delay = delay
    known.usedAt = this.#head
    this.#windows.set(name, known)
    return known.window
  }

  /** Undefined where not enough is known, or the window does not lie on the grid. */
  answer(question: ExecutionsQuestion, { delayMs, silentSince }: Completeness): ExecutionsAnswer | undefined {
    if (this.#catchUp?.isLost) return undefined
    const { withP99 = false } = question
    const windows = this.#pairFor(question, delayMs)
    if (!windows) return undefined
    const key = this.#keys.keyOf(question)
    const figures = windows.early.figuresOf(key, withP99)
    if (silentSince) return { about: 'executions', early: figures, settled: undefined, silentSince }
    return { about: 'executions', early: figures, settled: windows.settled.figuresOf(key, withP99) }
  }

  #pairFor({ windowSeconds, withP99 = false }: ExecutionsQuestion, delayMs: number): WindowPair | undefined {
    const name = `${windowSeconds} ${delayMs} ${withP99}`
    if (this.#pairs.has(name)) return this.#pairs.get(name)
    const early = this.#window('early', windowSeconds, { delayMs: 0, withP99 })
    const settled = this.#window('settled', windowSeconds, { delayMs, withP99 })
    const pair = early && settled && { early, settled }
    this.#pairs.set(name, pair)
    return pair
  }

  #open(length: number, end: number, isRanked: boolean): SlidingWindow {
    const seconds = (length * bucketMs) / 1000
    const ranked = this.#questions
      .filter((question) => isRanked && question.withP99 && question.windowSeconds === seconds)
      .map((question) => this.#keys.keyOf(question))
    return new SlidingWindow(length, end, { buckets: this.#buckets, keys: this.#keys, ranked })
  }

  #kept(head: number): Kept {
    return {
      read: (numbers) => this.#read(numbers, head),
      add: (number: number, rows: Bucket) => this.#buckets.add(number, rows),
      reading: () => this.#reading(head),
    }
  }

  /** Durations are kept as far back as they are known without a gap. */
  #reading(head: number, oldestDurations = Math.min(this.#oldestDurations, head)): Reading {
    const { columns, durationsReach } = this.#plan
    const durationsFrom = durationsReach > 0 ? Math.max(oldestDurations, head - durationsReach) : undefined
    return { grid: this.#grid, keys: this.#keys, columns, durationsFrom }
  }

  async #read(some: readonly number[], head: number, oldestDurations?: number): Promise<void> {
    const reading = { ...this.#reading(head, oldestDurations), where: this.#catchUp?.known ?? '' }
    for (const step of stepsOf(this.#withTheirBlocks(some))) {
      const read = await readBuckets(this.#store, step, reading)
      for (const [number, bucket] of read) this.#buckets.put(number, bucket)
    }
  }

  #withTheirBlocks(some: readonly number[]): number[] {
    const all = some.flatMap((number) =>
      this.#buckets.isInBlock(number)
        ? numbersBetween(firstOf(number) - 1, firstOf(number) + blockLength - 1)
        : [number],
    )
    return [...new Set(all)].sort((one, other) => one - other)
  }

  /** Where windows begin, or will soon: what leaves them is taken away bucket by bucket. */
  #edges(head: number): number[] {
    return this.#plan.lengths
      .filter((length) => length > detailedReach - delayBuckets)
      .flatMap((length) => numbersBetween(head - length - delayBuckets - 1, head - length + blockLength))
      .filter((number) => number >= this.#oldest)
  }

  #layTogether(): void {
    const edges = new Set(this.#edges(this.#head).map(firstOf))
    const last = firstOf(this.#head - detailedReach)
    for (let first = firstOf(this.#oldest + blockLength - 1); first < last; first += blockLength) {
      const isEven = first >= this.#oldestDurations || first + blockLength <= this.#oldestDurations
      if (isEven && !edges.has(first) && !this.#buckets.isInBlock(first)) this.#buckets.layTogether(first)
    }
  }

  async #seed(): Promise<void> {
    const { reach, durationsReach } = this.#plan
    for (let step = 0; step < stepsAtOnce && this.#oldest > this.#head - reach; step++) {
      const oldest = Math.max(this.#head - reach, this.#oldest - stepBuckets)
      const isRoom = this.#buckets.durations <= this.#mostDurations && this.#oldestDurations === this.#oldest
      await this.#read(numbersBetween(oldest - 1, this.#oldest - 1), this.#head, isRoom ? oldest : undefined)
      this.#oldest = oldest
      if (isRoom) this.#oldestDurations = Math.max(oldest, this.#head - durationsReach)
    }
  }

  #forget(): void {
    const kept = this.#head - this.#plan.reach
    for (; this.#oldest < kept; this.#oldest++) this.#buckets.forget(this.#oldest)
    const limit = this.#head - this.#plan.durationsReach
    while (
      this.#oldestDurations < limit ||
      (this.#buckets.durations > this.#mostDurations && this.#oldestDurations < this.#head)
    )
      this.#buckets.forgetDurations(this.#oldestDurations++)
    for (const [key, { window, isRanked, usedAt }] of this.#windows)
      if ((isRanked && window.start < this.#oldestDurations) || usedAt < this.#head - longestPause)
        this.#windows.delete(key)
  }
}

/** A block is read whole in one step: should the next one fail, nothing is missing. */
function stepsOf(numbers: readonly number[]): number[][] {
  const steps: number[][] = []
  for (const together of Map.groupBy(numbers, firstOf).values()) {
    const last = steps.at(-1)
    if (last && last.length + together.length <= stepBuckets) last.push(...together)
    else steps.push(together)
  }
  return steps
}
