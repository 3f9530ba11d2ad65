import type { LogsAnswer, LogsQuestion } from '#engine/telemetry/telemetry.ts'
import type { Completeness } from '#workers/telemetry/completeness.ts'
import { identity } from '#workers/telemetry/log-patterns/log-keys.ts'
import type { PatternBook } from '#workers/telemetry/log-patterns/pattern-book.ts'
import type { PatternScan } from '#workers/telemetry/log-patterns/pattern-scan.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Arrivals, changedBuckets, lookForArrivals } from './arrivals.ts'
import { CountLine } from './count-line.ts'
import { countLogLines } from './count-log-lines.ts'
import { bucketEndingAt, bucketMs, endOf, type Grid, gridThrough } from './grid.ts'
import { rangesOf, runsOf } from './runs.ts'

/** What is counted whatever the window: an app's errors with some pattern. */
interface Counted {
  readonly question: LogsQuestion
  readonly line: CountLine
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
 * How often patterns were found in the latest hours of logs. Each move forwards reads the lines of the buckets that are new or have
 * changed, for all patterns at once; the past is read once, for those that are new.
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
        this.#counted.set(key, { question, line: new CountLine(), reach: 0, oldest: this.#head + 1 })
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
    const changed = this.#arrivals ? changedBuckets(this.#arrivals, arrivals) : []
    const stale = [...changed].filter((number) => number > oldest && number <= this.#head)
    const fresh = Array.from({ length: head - this.#head }, (_, index) => this.#head + 1 + index)
    const scan = await this.#patterns.standingScanFor(patternsOf(counted))
    for (const run of runsOf([...stale, ...fresh])) await this.#read(counted, scan, run)
    this.#arrivals = arrivals
    this.#head = head
    await this.#seed(counted)
    this.#forget(counted)
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
  async #read(counted: readonly Counted[], scan: PatternScan, numbers: readonly number[]): Promise<void> {
    const questions = counted.map(({ question }) => question)
    const counts = await countLogLines(this.#store, { questions, scan, grid: this.#grid, numbers })
    for (const [first, last] of rangesOf(numbers))
      for (const [index, { line }] of counted.entries()) line.put(first, last, counts[index] ?? nothing)
  }

  async #seed(counted: readonly Counted[]): Promise<void> {
    const began = performance.now()
    const floorOf = ({ reach }: Counted) => Math.max(this.#head - reach, this.#limit)
    do {
      const behind = counted.filter((one) => one.oldest > floorOf(one))
      if (behind.length === 0) return
      const end = Math.max(...behind.map(({ oldest }) => oldest))
      const group = behind.filter(({ oldest }) => oldest === end)
      const first = Math.max(end - stepBuckets, Math.min(...group.map(floorOf)))
      const numbers = Array.from({ length: end - first }, (_, index) => first + index)
      await this.#read(group, await this.#patterns.scanFor(patternsOf(group)), numbers)
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

const nothing: ReadonlyMap<number, number> = new Map()

function patternsOf(counted: readonly Counted[]): string[] {
  return [...new Set(counted.map(({ question }) => question.pattern))]
}
