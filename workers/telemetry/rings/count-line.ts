/**
 * How much was counted in which buckets, where there was anything. Totals up to each bucket are kept along, as integers, so that what
 * lies between any two is told by a look at two places, however far apart they are.
 */
export class CountLine {
  #buckets: number[] = []
  #totals: number[] = []

  /** How many buckets had anything. */
  get length(): number {
    return this.#buckets.length
  }

  /** In the buckets after one number up to another. */
  between(after: number, last: number): number {
    return this.#totalThrough(last) - this.#totalThrough(after)
  }

  /** Takes the place of what was known of the buckets from the first to the last; of counts, by bucket, only those are taken. */
  put(first: number, last: number, counts: ReadonlyMap<number, number>): void {
    const start = this.#placeAfter(first - 1)
    const end = this.#placeAfter(last)
    const news = [...counts]
      .filter(([bucket, count]) => bucket >= first && bucket <= last && count > 0)
      .sort(([one], [other]) => one - other)
    if (news.length === 0 && end === start) return
    let total = this.#totals[start - 1] ?? 0
    const before = end === 0 ? 0 : (this.#totals[end - 1] ?? 0)
    const totals = news.map(([, count]) => (total += count))
    this.#buckets.splice(start, end - start, ...news.map(([bucket]) => bucket))
    this.#totals.splice(start, end - start, ...totals)
    const shift = total - before
    if (shift === 0) return
    for (let place = start + news.length; place < this.#totals.length; place++)
      this.#totals[place] = (this.#totals[place] ?? 0) + shift
  }

  /** Buckets up to a number are not asked about any more. They go once they are the larger part. */
  forgetThrough(number: number): void {
    const place = this.#placeAfter(number)
    if (place < 64 || place < this.#buckets.length / 2) return
    const gone = this.#totals[place - 1] ?? 0
    this.#buckets = this.#buckets.slice(place)
    this.#totals = this.#totals.slice(place).map((total) => total - gone)
  }

  #totalThrough(number: number): number {
    return this.#totals[this.#placeAfter(number) - 1] ?? 0
  }

  /** Of the first bucket with a greater number. */
  #placeAfter(number: number): number {
    let low = 0
    let high = this.#buckets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#buckets[middle] ?? 0) <= number) low = middle + 1
      else high = middle
    }
    return low
  }
}
