import type { RelationName } from '#workers/telemetry/relations.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { CatchUp, CaughtUp, Kept } from './catch-up.ts'
import { numbersBetween } from './grid.ts'
import { readSums } from './read-buckets.ts'

/** Rows of agents whose clocks are ahead are met before their time: so many buckets are known beyond the newest. */
const aheadBuckets = 24
/** Rows stamped so long before they became visible are not met. Merges put new rows beside old ones: it spares reading those. */
const overlapSeconds = 600

/** What came in a longer pause is read in steps. */
const stepBuckets = 24
const checkEveryMs = 60_000

/**
 * For tables of our own: reads each row once. ClickHouse numbers inserts in the order in which they become visible, when they do, so that
 * what has a greater number than any before is new, however late it comes or however old it says it is; and parts say in their names
 * which numbers they hold, so that only new ones are opened.
 */
export class ByNumbers implements CatchUp {
  readonly #store: TelemetryStore
  readonly #relation: RelationName
  /** The greatest number whose rows are known. */
  #last: number
  /** The last bucket that is known. */
  #ahead: number | undefined
  #lookedAt = performance.now()
  #checkedAt = performance.now()
  #isLost = false

  static async open(store: TelemetryStore, relation: RelationName): Promise<ByNumbers> {
    return new ByNumbers(store, relation, await greatestNumber(store, relation))
  }

  private constructor(store: TelemetryStore, relation: RelationName, last: number) {
    this.#store = store
    this.#relation = relation
    this.#last = last
  }

  get known(): string {
    return ` AND _block_number <= ${this.#last}`
  }

  get isLost(): boolean {
    return this.#isLost
  }

  async run(span: CaughtUp, kept: Kept): Promise<void> {
    const { to } = span
    const ahead = this.#ahead ?? to - 1
    if (ahead < to) {
      await kept.read(numbersBetween(ahead, to + aheadBuckets))
      this.#ahead = to + aheadBuckets
    }
    const found = await this.#readNew(span, kept)
    if (!found) await this.#check()
  }

  /** Whether there was anything. */
  async #readNew({ oldest, from, to }: CaughtUp, kept: Kept): Promise<boolean> {
    const began = performance.now()
    const ends = [this.#ahead ?? to]
    const isLong = from !== undefined && to - from > stepBuckets
    // Of several reads none may see more than the others.
    const upTo = isLong ? await greatestNumber(this.#store, this.#relation) : undefined
    if (isLong) for (let end = to; end >= from; end -= stepBuckets) ends.unshift(end)
    const read: Sums[] = []
    for (const [index, last] of ends.entries()) {
      const first = index === 0 ? oldest : (ends[index - 1] ?? 0) + 1
      const wanted = { first, last, where: this.#areNew(began, upTo), greatest: '_block_number' }
      read.push(await readSums(this.#store, wanted, kept.reading))
    }
    for (const { buckets } of read) for (const [number, rows] of buckets) kept.add(number, rows)
    this.#last = upTo ?? read[0]?.greatest ?? this.#last
    this.#lookedAt = began
    return read.some(({ buckets }) => buckets.size > 0)
  }

  #areNew(now: number, upTo = Number.MAX_SAFE_INTEGER): string {
    const seconds = overlapSeconds + Math.ceil((now - this.#lookedAt) / 1000)
    return (
      ` AND toUInt64(splitByChar('_', _part)[3]) > ${this.#last}` +
      ` AND _block_number > ${this.#last} AND _block_number <= ${upTo}` +
      ` AND ingested_at > now64(3) - ${seconds}`
    )
  }

  /** A table that was emptied begins to count anew when its engine starts again. */
  async #check(): Promise<void> {
    if (performance.now() - this.#checkedAt < checkEveryMs) return
    this.#checkedAt = performance.now()
    this.#isLost = (await greatestNumber(this.#store, this.#relation)) < this.#last
  }
}

type Sums = Awaited<ReturnType<typeof readSums>>

async function greatestNumber(store: TelemetryStore, relation: RelationName): Promise<number> {
  const [row] = await store.query<{ greatest: string }>(
    'SELECT max(max_block_number) AS greatest FROM system.parts' +
      ` WHERE active AND database = currentDatabase() AND table = '${relation}'`,
  )
  return Number(row?.greatest ?? 0)
}
