import type { RelationName } from '#workers/telemetry/relations.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import { type Arrivals, changedBuckets, lookForArrivals } from './arrivals.ts'
import type { CatchUp, CaughtUp, Kept } from './catch-up.ts'
import { endOf, type Grid, numbersBetween } from './grid.ts'

/** For views: counts what came lately, by when it came, and reads the buckets whole that have other rows than before. */
export class ByStamps implements CatchUp {
  readonly known = ''
  readonly isLost = false
  readonly #store: TelemetryStore
  readonly #relation: RelationName
  readonly #grid: Grid
  #arrivals: Arrivals | undefined

  constructor(store: TelemetryStore, relation: RelationName, grid: Grid) {
    this.#store = store
    this.#relation = relation
    this.#grid = grid
  }

  async run({ oldest, from, to, reach }: CaughtUp, kept: Kept): Promise<void> {
    const span = { from: endOf(this.#grid, to - reach), to: endOf(this.#grid, to) }
    const look = { relation: this.#relation, grid: this.#grid, span }
    const arrivals = await lookForArrivals(this.#store, look, this.#arrivals)
    const changed = this.#arrivals ? changedBuckets(this.#arrivals, arrivals) : new Set<number>()
    const stale = [...changed].filter((number) => number >= oldest && number <= (from ?? to))
    await kept.read([...stale, ...numbersBetween(from ?? to - 1, to)])
    this.#arrivals = arrivals
  }
}
