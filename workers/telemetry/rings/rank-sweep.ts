import { literals } from '#workers/telemetry/literal.ts'
import { numbersBetween } from './grid.ts'
import { keyColumns, type KeyNames } from './key-tree.ts'
import { firstOf } from './shelf.ts'
import type { SlidingWindow } from './sliding-window.ts'

/** Beyond this, looking each row's names up costs more than it spares. */
const mostKeys = 500

/** Which buckets are read for windows that have not all of their durations: from the newest back to the oldest. */
export class RankSweep {
  /** Whoever has all from here on takes part; others wait until the sweep has come to its end. */
  #next = Infinity

  /** In order; none where nothing is missing. */
  step(windows: readonly SlidingWindow[], stepBuckets: number): number[] {
    const missing = windows.flatMap(({ start, unfinished }) =>
      [...unfinished.values()].map(({ from }) => ({ start, from })),
    )
    const waiting = missing.filter(({ from }) => from <= this.#next)
    const taking = waiting.length > 0 ? waiting : missing
    const from = taking.reduce((latest, one) => Math.max(latest, one.from), -Infinity)
    const start = taking.reduce((earliest, one) => Math.min(earliest, one.start), Infinity)
    // Blocks are counted whole or not at all.
    const first = firstOf(Math.max(start, from - stepBuckets))
    this.#next = taking.length > 0 ? first : Infinity
    return taking.length > 0 ? numbersBetween(first - 1, from - 1) : []
  }
}

/** Leaves out rows that none of the keys is about; starts with AND, or is empty. */
export function isAboutAny(keys: readonly KeyNames[]): string {
  if (keys.length > mostKeys) return ''
  const shapes = Map.groupBy(keys, (names) =>
    keyColumns.filter((column) => names[column] !== undefined).join(', '),
  )
  const conditions = [...shapes].map(([shape, some]) => {
    const tuples = some.map((names) => `(${literals(keyColumns.flatMap((column) => names[column] ?? []))})`)
    return `(${shape}) IN (${tuples.join(', ')})`
  })
  return ` AND (${conditions.join(' OR ')})`
}
