import type { Reading } from './condition.ts'

/** Of things that are in some state or are not: they are counted, and one of them is too many. */
export function countReading(verdict: Reading['verdict'], value: number | null, summary: string): Reading {
  return { verdict, value, threshold: 0, unit: 'count', breachesAbove: true, summary }
}
