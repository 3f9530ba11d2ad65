import type { LogsAnswer, LogsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import { identity } from '#workers/telemetry/log-patterns/log-keys.ts'
import type { PatternBook } from '#workers/telemetry/log-patterns/pattern-book.ts'
import type { PatternScan } from '#workers/telemetry/log-patterns/pattern-scan.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Arrivals, changedCells, firstSliceToCome, lookForArrivals } from './arrivals.ts'
import { type Cell, cellKey, CellLine } from './cell-line.ts'
import { countLogLines } from './count-log-lines.ts'
import { bucketEndingAt, bucketMs, endOf, type Grid, gridThrough } from './grid.ts'
import { rangesOf, runsOf } from './runs.ts'

/** What is counted whatever the window: an app's errors with some pattern. */
interface Counted {
  readonly question: LogsQuestion
  readonly line: CellLine
  /** How far back anybody asks, in buckets. */
  reach: number
  /** The first bucket that is known. */
  oldest: number
}

/** Longest delay of what is settled. */
const delayBuckets = 120_000 / bucketMs
/** A ring that was not moved on for so long is begun anew. */
const longestPause = 3_600_000 / bucketMs
/** The past is read by so many buckets at a time, newest first, and goes on with the next move once it has taken so long. */
const stepBuckets = 600_000 / bucketMs
const seedingMs = 2_000
/** Some 160 MB. */
const mostEntries = 10_000_000

/**
 * How often patterns were found in the latest hours of logs. Each move forwards reads the lines of the buckets that are new, and those
 * that came late to others, for all patterns at once; the past is read once, for those that are new.
 */
export class LogRing {
  readonly #store: TelemetryStore
  readonly #patterns: PatternBook
  readonly #grid: Grid
  readonly #counted = new Map<string, Counted>()
  #arrivals: Arrivals | undefined
  #head: number
  /** No bucket before it is kept, however far back anybody asks. */
  #limit = 0

  constructor(
    store: TelemetryStore,
    patterns: PatternBook,
    { at, questions }: { at: Date; questions: readonly LogsQuestion[] },
  ) {
    this.#store = store
    this.#patterns = patterns
    this.#grid = gridThrough(at)
    this.#head = bucketEndingAt(this.#grid, at.getTime()) ?? 0
    this.accepts(questions)
  }

  accepts(questions: readonly LogsQuestion[]): boolean {
    const wanted = new Map(questions.map((question) => [identity(question), question]))
    for (const key of this.#counted.keys()) if (!wanted.has(key)) this.#counted.delete(key)
    for (const [key, question] of wanted)
      if (!this.#counted.has(key))
        this.#counted.set(key, { question, line: new CellLine(), reach: 0, oldest: this.#head + 1 })
    for (const question of questions) {
      const counted = this.#counted.get(identity(question))
      const reach = Math.ceil((question.windowSeconds * 1000) / bucketMs) + delayBuckets
      if (counted) counted.reach = Math.max(counted.reach, reach)
    }
    return true
  }

  /** Whether the ring can be moved there: not backwards, not far, and only along its grid. */
  reaches(at: Date): boolean {
    const head = bucketEndingAt(this.#grid, at.getTime())
    return head !== undefined && head >= this.#head && head - this.#head <= longestPause
  }

  async moveTo(at: Date): Promise<void> {
    const head = bucketEndingAt(this.#grid, at.getTime()) ?? this.#head
    const counted = [...this.#counted.values()]
    const oldest = Math.min(head, ...counted.map(({ reach }) => head - reach))
    const span = { from: endOf(this.#grid, oldest), to: endOf(this.#grid, head) }
    const arrivals = await lookForArrivals(
      this.#store,
      { relation: 'logs', grid: this.#grid, span },
      this.#arrivals,
    )
    const changed = this.#arrivals ? changedCells(this.#arrivals, arrivals) : []
    const late = changed.filter(({ bucket }) => bucket > oldest && bucket <= this.#head)
    const sinceSlice = firstSliceToCome(arrivals)
    const fresh = Array.from({ length: head - this.#head }, (_, index) => this.#head + 1 + index)
    const scan = await this.#patterns.standingScanFor(patternsOf(counted))
    for (const run of runsOf(fresh)) await this.#read(counted, run, { scan, sinceSlice })
    if (late.length > 0) await this.#readLate(counted, late, scan)
    this.#arrivals = arrivals
    this.#head = head
    await this.#seed(counted, sinceSlice)
    this.#forget(counted)
    for (const { line } of counted) line.settleBefore(sinceSlice)
  }

  /**
   * Undefined where the window does not lie on the grid, or so many lines match that not all of it is remembered. While the past is
   * being read there are at least as many as it says, and nothing is settled.
   */
  answer(question: LogsQuestion, { delayMs, silentSince }: Completeness): LogsAnswer | undefined {
    const counted = this.#counted.get(identity(question))
    const length = (question.windowSeconds * 1000) / bucketMs
    const delay = delayMs / bucketMs
    if (!counted || !Number.isInteger(length) || !Number.isInteger(delay) || delay > delayBuckets)
      return undefined
    const start = this.#head - delay - length
    if (start + 1 < this.#limit) return undefined
    const count = (end: number) => ({ count: counted.line.between(end - length, end) })
    const early = count(this.#head)
    if (silentSince) return { about: 'logs', early, settled: undefined, silentSince }
    const isKnown = counted.oldest <= start + 1
    return { about: 'logs', early, settled: isKnown ? count(this.#head - delay) : undefined }
  }

  /** Buckets are replaced whole, so that it does not matter how often they are read. */
  async #read(
    counted: readonly Counted[],
    numbers: readonly number[],
    { scan, sinceSlice }: { scan: PatternScan; sinceSlice: number },
  ): Promise<void> {
    const questions = counted.map(({ question }) => question)
    const counts = await countLogLines(this.#store, {
      questions,
      scan,
      grid: this.#grid,
      numbers,
      sinceSlice,
    })
    for (const [first, last] of rangesOf(numbers))
      for (const [index, { line }] of counted.entries()) line.putBuckets(first, last, counts[index] ?? [])
  }

  /** Of buckets that were read, the lines that have come since and no others: stragglers cost what they are, not what they are among. */
  async #readLate(counted: readonly Counted[], late: readonly Cell[], scan: PatternScan): Promise<void> {
    const ascending = (numbers: readonly number[]) => [...new Set(numbers)].sort((one, other) => one - other)
    const counts = await countLogLines(this.#store, {
      questions: counted.map(({ question }) => question),
      scan,
      grid: this.#grid,
      numbers: ascending(late.map(({ bucket }) => bucket)),
      sinceSlice: 0,
      slices: ascending(late.map(({ slice }) => slice)),
    })
    for (const [index, { line }] of counted.entries()) {
      const found = new Map(counts[index]?.map((cell) => [cellKey(cell), cell.count]))
      for (const { slice, bucket } of late)
        line.putCell({ slice, bucket, count: found.get(cellKey({ slice, bucket })) ?? 0 })
    }
  }

  async #seed(counted: readonly Counted[], sinceSlice: number): Promise<void> {
    const began = performance.now()
    const floorOf = ({ reach }: Counted) => Math.max(this.#head - reach, this.#limit)
    do {
      const behind = counted.filter((one) => one.oldest > floorOf(one))
      if (behind.length === 0) return
      const end = Math.max(...behind.map(({ oldest }) => oldest))
      const group = behind.filter(({ oldest }) => oldest === end)
      const first = Math.max(end - stepBuckets, Math.min(...group.map(floorOf)))
      const numbers = Array.from({ length: end - first }, (_, index) => first + index)
      const scan = await this.#patterns.scanFor(patternsOf(group))
      await this.#read(group, numbers, { scan, sinceSlice })
      for (const one of group) one.oldest = first
    } while (performance.now() - began < seedingMs)
  }

  #forget(counted: readonly Counted[]): void {
    const entries = counted.reduce((sum, { line }) => sum + line.length, 0)
    const oldest = Math.min(...counted.map((one) => one.oldest))
    if (entries > mostEntries) this.#limit = Math.ceil((oldest + this.#head) / 2)
    for (const one of counted) {
      one.oldest = Math.max(one.oldest, this.#limit)
      one.line.forgetThrough(Math.max(this.#head - one.reach, this.#limit) - 1)
    }
  }
}

function patternsOf(counted: readonly Counted[]): string[] {
  return [...new Set(counted.map(({ question }) => question.pattern))]
}
