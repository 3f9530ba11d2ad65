export const comparators = ['GT', 'GTE', 'LT', 'LTE', 'EQ'] as const

export type Comparator = (typeof comparators)[number]

export function compares(value: number, comparator: Comparator, threshold: number): boolean {
  switch (comparator) {
    case 'GT':
      return value > threshold
    case 'GTE':
      return value >= threshold
    case 'LT':
      return value < threshold
    case 'LTE':
      return value <= threshold
    case 'EQ':
      return value === threshold
  }
}

export const comparatorWords: Record<Comparator, string> = {
  GT: 'above',
  GTE: 'at or above',
  LT: 'below',
  LTE: 'at or below',
  EQ: 'exactly',
}

export function breachesAbove(comparator: Comparator): boolean {
  return comparator === 'GT' || comparator === 'GTE' || comparator === 'EQ'
}
