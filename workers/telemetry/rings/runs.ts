import { bucketMs } from './grid.ts'

const longestGap = 60_000 / bucketMs

/** Neighbours are read together; what lies minutes apart is not worth reading what is between. */
export function runsOf(numbers: readonly number[]): number[][] {
  return split(numbers, longestGap)
}

/** The first and the last of each stretch without a gap. */
export function rangesOf(numbers: readonly number[]): (readonly [number, number])[] {
  return split(numbers, 1).map((range) => [range[0] ?? 0, range.at(-1) ?? 0])
}

function split(numbers: readonly number[], gap: number): number[][] {
  const runs: number[][] = []
  for (const number of [...numbers].sort((one, other) => one - other)) {
    const last = runs.at(-1)
    if (last && number - (last.at(-1) ?? 0) <= gap) last.push(number)
    else runs.push([number])
  }
  return runs
}
