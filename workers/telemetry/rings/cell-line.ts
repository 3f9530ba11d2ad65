import { CountLine } from './count-line.ts'

/** What happened within a bucket and was taken in within a slice; slice 0 = long enough ago that nobody looks again. */
export interface Cell {
  readonly slice: number
  readonly bucket: number
}

export interface CellCount extends Cell {
  readonly count: number
}

/**
 * Counts by buckets, of which what was taken in lately is also known by when: what comes late takes the place of its own cell, and the
 * rest of its bucket need not be counted again.
 */
export class CellLine {
  readonly #line = new CountLine()
  readonly #cells = new Map<string, CellCount>()

  get length(): number {
    return this.#line.length
  }

  between(after: number, last: number): number {
    return this.#line.between(after, last)
  }

  /** Takes the place of all that was known of the buckets from the first to the last. */
  putBuckets(first: number, last: number, counts: readonly CellCount[]): void {
    for (const [key, { bucket }] of this.#cells)
      if (bucket >= first && bucket <= last) this.#cells.delete(key)
    const totals = new Map<number, number>()
    for (const cell of counts) {
      if (cell.bucket < first || cell.bucket > last) continue
      totals.set(cell.bucket, (totals.get(cell.bucket) ?? 0) + cell.count)
      if (cell.slice > 0) this.#cells.set(cellKey(cell), cell)
    }
    this.#line.put(first, last, totals)
  }

  putCell(cell: CellCount): void {
    const { bucket, count } = cell
    const more = count - (this.#cells.get(cellKey(cell))?.count ?? 0)
    if (more === 0) return
    const total = this.#line.between(bucket - 1, bucket) + more
    this.#line.put(bucket, bucket, new Map([[bucket, total]]))
    if (count === 0) this.#cells.delete(cellKey(cell))
    else this.#cells.set(cellKey(cell), cell)
  }

  /** Of slices before this one nobody will say anything new. */
  settleBefore(slice: number): void {
    for (const [key, cell] of this.#cells) if (cell.slice < slice) this.#cells.delete(key)
  }

  forgetThrough(bucket: number): void {
    this.#line.forgetThrough(bucket)
  }
}

export function cellKey({ slice, bucket }: Cell): string {
  return `${slice} ${bucket}`
}
