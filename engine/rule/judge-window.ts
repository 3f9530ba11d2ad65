import type { Unit } from '#engine/message/message.ts'
import type { Measured } from '#engine/telemetry/telemetry.ts'
import type { Reading, Standing } from './condition.ts'
import { breachesAbove, type Comparator, compares } from './comparator.ts'

export interface WindowLimit {
  readonly comparator: Comparator
  readonly threshold: number
  /** Once it fires it is over at this value only; undefined = as soon as the threshold is no longer breached. */
  readonly recoveryThreshold?: number | undefined
  /** Rows that are still on their way can only bring it closer to breaching: a count above a limit, a maximum. */
  readonly isMonotone: boolean
  readonly unit: Unit
}

/**
 * Fire early, recover late. Where late rows cannot undo a breach it counts at once; everything else, and every recovery, waits for
 * the part of the window that is complete. `valueOf` gives null where nothing was measured.
 */
export function judgeWindow<Figures>(
  { early, settled }: Measured<Figures>,
  valueOf: (figures: Figures) => number | null,
  limit: WindowLimit,
  { isFailing }: Standing,
): readonly Reading[] {
  const { comparator, threshold, isMonotone, unit } = limit
  const reading = (verdict: Reading['verdict'], value: number | null): readonly Reading[] => [
    { verdict, value, threshold, unit, breachesAbove: breachesAbove(comparator) },
  ]
  const earlyValue = isMonotone ? valueOf(early) : null
  if (earlyValue !== null && compares(earlyValue, comparator, threshold)) return reading('breach', earlyValue)
  if (settled === undefined) return []
  const value = valueOf(settled)
  if (value === null) return reading('no-data', null)
  const bound = isFailing() ? (limit.recoveryThreshold ?? threshold) : threshold
  return reading(compares(value, comparator, bound) ? 'breach' : 'clear', value)
}
