import { z } from 'zod'
import type { Comparator } from './comparator.ts'

export const recoveryThresholdSchema = z
  .number({ error: 'The recovery threshold must be a number.' })
  .optional()

export const minimumSamplesSchema = z
  .int({ error: 'minimumSamples must be a whole number.' })
  .min(1, 'minimumSamples is 1 or more: leave it out to judge whatever there is.')
  .max(1_000_000, 'minimumSamples is above 1,000,000: nothing would ever be judged.')
  .optional()

interface Bounds {
  readonly comparator: Comparator
  readonly threshold: number
  readonly recoveryThreshold?: number | undefined
}

/** Why a rule with these bounds would fire and recover at the same value; undefined where it would not. */
export function recoveryProblem({ comparator, threshold, recoveryThreshold }: Bounds): string | undefined {
  if (recoveryThreshold === undefined) return undefined
  switch (comparator) {
    case 'GT':
    case 'GTE':
      return recoveryThreshold > threshold
        ? `It fires above ${threshold}, so the recovery threshold must be at or below that.`
        : undefined
    case 'LT':
    case 'LTE':
      return recoveryThreshold < threshold
        ? `It fires below ${threshold}, so the recovery threshold must be at or above that.`
        : undefined
    case 'EQ':
      return 'A rule that fires at exactly one value recovers at any other: leave the recovery threshold out.'
  }
}
