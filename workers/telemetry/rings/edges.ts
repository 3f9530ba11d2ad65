import { numbersBetween } from './grid.ts'
import { delayBuckets } from './plan.ts'
import { blockLength, firstOf } from './shelf.ts'

/**
 * The blocks in which windows begin, or will soon, when they are moved on from one bucket to another: what leaves them is taken away
 * bucket by bucket. By the first bucket of each.
 */
export function edgesOf(
  lengths: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): ReadonlySet<number> {
  const edges = lengths.flatMap((length) =>
    numbersBetween(from - length - delayBuckets - 1, to - length + blockLength),
  )
  return new Set(edges.map(firstOf))
}
