import type { ExecutionsAnswer, ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Bucket, emptyBucket } from './bucket.ts'
import type { CatchUp, Kept } from './catch-up.ts'
import { edgesOf } from './edges.ts'
import { bucketEndingAt, bucketMs, type Grid, gridThrough, numbersBetween } from './grid.ts'
import { KeyTree } from './key-tree.ts'
import { openCatchUp } from './open-catch-up.ts'
import { OpenWindows, type Stock } from './open-windows.ts'
import { delayBuckets, type Plan, planFor } from './plan.ts'
import { isAboutAny, RankSweep } from './rank-sweep.ts'
import { readBuckets, type Reading } from './read-buckets.ts'
import { blockLength, firstOf, numbersAround, Shelf } from './shelf.ts'

/** Few rows come later than that. */
const settledBuckets = delayBuckets + 60_000 / bucketMs
/** A ring that was not moved on for so long is begun anew. */
const longestPause = 3_600_000 / bucketMs
/** Seeding and reading go by so many buckets at a time, and so many times for each move, newest first. */
const stepBuckets = 120_000 / bucketMs
const stepsAtOnce = 30
/** The latest buckets are not laid together: most windows are shorter. */
const detailedReach = 3_600_000 / bucketMs + delayBuckets
/** Some 20 MB. */
const usualDurations = 10_000_000

interface RingOptions {
  readonly at: Date
  readonly questions: readonly ExecutionsQuestion[]
  /** How many durations are kept; windows with quantiles that hold more of them read again what leaves them. */
  readonly mostDurations?: number
}

/**
 * The latest hours of executions in memory, in buckets of a few seconds. Each move forwards reads the buckets that are new or have
 * changed, and every window of every key has moved with them: what a move costs depends on the rows that came, neither on the
 * number of questions nor on the length of their windows.
 *
 * Single durations are kept as far back as there is room. Windows that are longer count them as they come, begin with those that the
 * store has, and read them again when they leave.
 */
export class Ring {
  readonly #store: TelemetryStore
  readonly #grid: Grid
  readonly #mostDurations: number
  #plan: Plan
  #keys: KeyTree
  readonly #buckets: Shelf
  readonly #windows: OpenWindows
  readonly #sweep = new RankSweep()
  /** Blocks in which windows with quantiles begin: they have durations, however long ago. */
  #rankedEdges: ReadonlySet<number> = new Set()
  #catchUp: CatchUp | undefined
  #head: number
  #oldest: number
  #oldestDurations: number

  constructor(store: TelemetryStore, { at, questions, mostDurations = usualDurations }: RingOptions) {
    this.#store = store
    this.#mostDurations = mostDurations
    this.#grid = gridThrough(at)
    this.#plan = planFor(questions)
    this.#keys = new KeyTree(questions)
    this.#buckets = new Shelf({
      recount: (...change) => this.#windows.recount(...change),
      doubt: (...rows) => this.#windows.doubt(...rows),
    })
    this.#windows = new OpenWindows(this.#buckets, questions, this.#keys)
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
      (wanted.durationsReach === 0 || this.#plan.durationsReach > 0)
    if (!isEnough) return false
    const { columns, reach } = this.#plan
    const durationsReach = Math.max(wanted.durationsReach, this.#plan.durationsReach)
    this.#plan = { ...wanted, columns, reach, durationsReach }
    this.#keys = this.#keys.regrown(questions)
    this.#windows.changeTo(questions, this.#keys, { lengths: wanted.lengths, stock: this.#stock })
    return true
  }

  /** Whether the ring can be moved there: not backwards, not far, and only along its grid. */
  reaches(at: Date): boolean {
    const head = this.#catchUp?.isLost ? undefined : bucketEndingAt(this.#grid, at.getTime())
    return head !== undefined && head >= this.#head && head - this.#head <= longestPause
  }

  async moveTo(at: Date): Promise<void> {
    const head = bucketEndingAt(this.#grid, at.getTime()) ?? this.#head
    this.#catchUp ??= await openCatchUp(this.#store, 'executions', this.#grid)
    const from = this.#oldest > this.#head ? undefined : this.#head
    const oldest = from === undefined ? head : this.#oldest
    const left = this.#rankedEdges
    this.#rankedEdges = edgesOf(this.#plan.rankedLengths, { from: this.#head, to: head })
    await this.#catchUp.run({ oldest, from, to: head, reach: this.#plan.reach }, this.#kept(head))
    await this.#read(this.#lackingAtEdges(head), head)
    if (from === undefined) [this.#oldest, this.#oldestDurations] = [head, head]
    for (const number of numbersBetween(this.#head - settledBuckets, head - settledBuckets))
      this.#buckets.settle(number)
    this.#head = head
    this.#windows.moveTo(head)
    const steps = await this.#seed()
    await this.#countBack(stepsAtOnce - steps)
    this.#forget(left)
    this.#layTogether()
  }

  /** Undefined where not enough is known, or the window does not lie on the grid. */
  answer(question: ExecutionsQuestion, { delayMs, silentSince }: Completeness): ExecutionsAnswer | undefined {
    if (this.#catchUp?.isLost) return undefined
    const { withP99 = false, windowSeconds } = question
    const windows = this.#windows.pairFor(windowSeconds, delayMs, this.#stock)
    if (!windows) return undefined
    const { early, settled } = windows
    const key = this.#keys.keyOf(question)
    if (withP99 && !(early.ranks(key) && settled.ranks(key))) return undefined
    const figures = early.figuresOf(key, withP99)
    if (silentSince) return { about: 'executions', early: figures, settled: undefined, silentSince }
    return { about: 'executions', early: figures, settled: settled.figuresOf(key, withP99) }
  }

  get #stock(): Stock {
    return { head: this.#head, oldest: this.#oldest, oldestDurations: this.#oldestDurations }
  }

  #kept(head: number): Kept {
    return {
      read: (numbers) => this.#read(numbers, head),
      add: (number: number, rows: Bucket) => this.#buckets.add(number, rows),
      reading: this.#reading(() => this.#plan.durationsReach > 0),
    }
  }

  #reading(withDurations: Reading['withDurations']): Reading {
    return { grid: this.#grid, keys: this.#keys, columns: this.#plan.columns, withDurations }
  }

  /** Durations are kept as far back as they are known without a gap, and where windows begin. */
  async #read(some: readonly number[], head: number, oldestDurations = this.#oldestDurations): Promise<void> {
    const { durationsReach } = this.#plan
    const from = Math.max(Math.min(oldestDurations, head), head - durationsReach)
    const reading = this.#reading(
      (number) => durationsReach > 0 && (number >= from || this.#rankedEdges.has(firstOf(number))),
    )
    for (const step of stepsOf(this.#withTheirBlocks(some)))
      this.#buckets.put(await readBuckets(this.#store, step, { ...reading, where: this.#known }))
  }

  get #known(): string {
    return this.#catchUp?.known ?? ''
  }

  #withTheirBlocks(some: readonly number[]): number[] {
    const all = some.flatMap((number) =>
      this.#buckets.isInBlock(number)
        ? numbersBetween(firstOf(number) - 1, firstOf(number) + blockLength - 1)
        : [number],
    )
    return [...new Set(all)].sort((one, other) => one - other)
  }

  /** Of the latest hour everything is in detail. */
  #edges(to: number): ReadonlySet<number> {
    const long = this.#plan.lengths.filter((length) => length > detailedReach - delayBuckets)
    return edgesOf(long, { from: this.#head, to })
  }

  #lackingAtEdges(head: number): number[] {
    const [edges, buckets] = [this.#edges(head), this.#buckets]
    return [...new Set([...edges, ...this.#rankedEdges])]
      .flatMap(numbersAround)
      .filter((number) => number >= this.#oldest && number <= head)
      .filter(
        (number) =>
          buckets.isInBlock(number) ||
          (this.#rankedEdges.has(firstOf(number)) && !buckets.hasDurations(number)),
      )
  }

  #layTogether(): void {
    const unfinished = this.#windows.all().flatMap((window) => [...window.unfinished.values()])
    const apart = new Set([
      ...this.#edges(this.#head),
      ...this.#rankedEdges,
      ...unfinished.map(({ from }) => firstOf(from)),
    ])
    const last = firstOf(this.#head - detailedReach)
    for (let first = firstOf(this.#oldest + blockLength - 1); first < last; first += blockLength) {
      const isEven = first >= this.#oldestDurations || first + blockLength <= this.#oldestDurations
      if (isEven && !apart.has(first) && !this.#buckets.isInBlock(first)) this.#buckets.layTogether(first)
    }
  }

  /** How many steps it took. */
  async #seed(): Promise<number> {
    const { reach, durationsReach } = this.#plan
    let steps = 0
    for (; steps < stepsAtOnce && this.#oldest > this.#head - reach; steps++) {
      const oldest = Math.max(this.#head - reach, this.#oldest - stepBuckets)
      const isRoom = this.#buckets.durations <= this.#mostDurations && this.#oldestDurations === this.#oldest
      await this.#read(numbersBetween(oldest - 1, this.#oldest - 1), this.#head, isRoom ? oldest : undefined)
      this.#oldest = oldest
      if (isRoom) this.#oldestDurations = Math.max(oldest, this.#head - durationsReach)
    }
    return steps
  }

  /** What windows hold of durations that are not kept. */
  async #countBack(mostSteps: number): Promise<void> {
    const windows = this.#windows.all()
    for (let step = 0; step < mostSteps; step++) {
      const numbers = this.#sweep.step(windows, stepBuckets)
      if (numbers.length === 0) return
      const keys = new Set(windows.flatMap(({ unfinished }) => [...unfinished.keys()]))
      const where = this.#known + isAboutAny(Array.from(keys, (key) => this.#keys.namesOf(key)))
      const read = await readBuckets(this.#store, numbers, { ...this.#reading(() => true), where })
      for (const number of numbers.toReversed())
        for (const window of windows) window.take(number, read.get(number) ?? emptyBucket(true))
    }
  }

  /** `left` are the blocks in which windows began before this move. */
  #forget(left: ReadonlySet<number>): void {
    const kept = this.#head - this.#plan.reach
    for (; this.#oldest < kept; this.#oldest++) this.#buckets.forget(this.#oldest)
    const limit = this.#head - this.#plan.durationsReach
    this.#rankedEdges = edgesOf(this.#plan.rankedLengths, { from: this.#head, to: this.#head })
    const forget = (number: number) => {
      if (!this.#rankedEdges.has(firstOf(number))) this.#buckets.forgetDurations(number)
    }
    for (const number of [...left].flatMap(numbersAround)) if (number < this.#oldestDurations) forget(number)
    while (
      this.#oldestDurations < limit ||
      (this.#buckets.durations > this.#mostDurations && this.#oldestDurations < this.#head)
    )
      forget(this.#oldestDurations++)
    this.#windows.close(this.#head - longestPause)
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
