import type { ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'
import { bucketMs } from './grid.ts'
import { type KeyColumn, keyColumns } from './key-tree.ts'

/** What a ring holds, decided by the questions about it. */
export interface Plan {
  readonly columns: readonly KeyColumn[]
  /** In buckets, the delay of what is settled included. */
  readonly reach: number
  readonly durationsReach: number
  /** The lengths of all windows, and of those with quantiles. */
  readonly lengths: readonly number[]
  readonly rankedLengths: readonly number[]
}

/** Longest delay of what is settled. */
export const delayBuckets = 120_000 / bucketMs

export function planFor(questions: readonly ExecutionsQuestion[]): Plan {
  const named = (column: KeyColumn) => questions.some((question) => question[column] !== undefined)
  const reachOf = (some: readonly ExecutionsQuestion[]) =>
    lengthsOf(some).reduce((reach, length) => Math.max(reach, length), 0)
  const ranked = questions.filter((question) => question.withP99)
  return {
    lengths: lengthsOf(questions),
    rankedLengths: lengthsOf(ranked),
    columns: keyColumns.filter(named),
    reach: reachOf(questions) + delayBuckets,
    durationsReach: ranked.length > 0 ? reachOf(ranked) + delayBuckets : 0,
  }
}

function lengthsOf(questions: readonly ExecutionsQuestion[]): number[] {
  return [...new Set(questions.map(({ windowSeconds }) => Math.ceil((windowSeconds * 1000) / bucketMs)))]
}
