/** Rows that several processes write at once, by the key they meet at: so they wait for each other instead of deadlocking. */
export function inLockOrder<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return rows.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}
