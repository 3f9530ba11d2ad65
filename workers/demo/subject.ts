import { dieOf, hex, pick, uuidAt } from './dice.ts'
import type { Walk } from './walk.ts'

/** What one walk is about; every row it leaves behind tells of the same order. */
export interface Subject {
  readonly correlationId: string
  readonly payment: string
  readonly details: Readonly<Record<'order' | 'parcel' | 'customer' | 'sku' | 'amount', string>>
}

export function subjectOf({ startedAt, seed }: Walk): Subject {
  const die = dieOf(seed, 'subject')
  const correlationId = uuidAt(startedAt, die)
  const payment = pick(die, ['card', 'card', 'card', 'apple-pay', 'google-pay'])
  const details = {
    order: `SO-${100_000 + Math.floor(die() * 900_000)}`,
    parcel: `00340${String(Math.floor(die() * 1e10)).padStart(10, '0')}`,
    customer: `c-${hex(die, 4)}`,
    sku: `SKU-${1000 + Math.floor(die() * 9000)}`,
    amount: (5 + 190 * die() ** 2).toFixed(2),
  }
  return { correlationId, payment, details }
}
