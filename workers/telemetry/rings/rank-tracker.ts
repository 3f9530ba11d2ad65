import type { DurationValues } from './bucket.ts'

/**
 * Finds the exact value at a rank of a multiset that values enter and leave all the time. Values are counted in bins, of
 * their own below 64 and 3 % wide above; only in the bin where the rank was last looked for, and in its neighbours, every value is
 * counted by itself. A rank moves to and fro between neighbours, and rarely on: then the bins around it are counted anew.
 */
export class RankTracker {
  readonly #bins = new Uint32Array(binCount)
  readonly #gather: (visit: (value: number) => void) => void
  /** Of the three bins that are counted by value, the middle one. */
  #middle = -2
  /** No bin above it has anything. */
  #top = 0
  #exact = new Map<number, number>()

  /** `gather` visits every value of the multiset. */
  constructor(gather: (visit: (value: number) => void) => void) {
    this.#gather = gather
  }

  /** `times` is 1 for values that enter and −1 for values that leave. */
  add(values: DurationValues, times: number): void {
    for (const value of values) {
      const bin = binOf(value)
      this.#bins[bin] = (this.#bins[bin] ?? 0) + times
      if (bin > this.#top) this.#top = bin
      if (this.#isExact(bin)) this.#exact.set(value, (this.#exact.get(value) ?? 0) + times)
    }
  }

  /** The value that so many others are above or equal to; 0 is the greatest. */
  fromTop(rank: number): number {
    while (this.#top > 0 && this.#bins[this.#top] === 0) this.#top--
    let above = 0
    for (let bin = this.#top; bin >= 0; bin--) {
      const count = this.#bins[bin] ?? 0
      if (above + count > rank) return bin < singles ? bin : this.#inBin(bin, rank - above)
      above += count
    }
    throw new Error(`no value has the rank ${rank}: there are ${above}`)
  }

  #isExact(bin: number): boolean {
    return bin - this.#middle <= 1 && this.#middle - bin <= 1
  }

  #inBin(bin: number, rank: number): number {
    if (!this.#isExact(bin)) this.#countAround(bin)
    const values = [...this.#exact.keys()].filter((value) => binOf(value) === bin)
    let above = 0
    for (const value of values.sort((one, other) => other - one)) {
      above += this.#exact.get(value) ?? 0
      if (above > rank) return value
    }
    throw new Error(`bin ${bin} was counted wrongly`)
  }

  #countAround(bin: number): void {
    this.#middle = bin
    this.#exact = new Map()
    this.#gather((value) => {
      if (this.#isExact(binOf(value))) this.#exact.set(value, (this.#exact.get(value) ?? 0) + 1)
    })
  }
}

const singles = 64
/** Of each power of two 32, up to 2^32. */
const binCount = 28 * 32

function binOf(value: number): number {
  if (value < singles) return value
  const shift = 26 - Math.clz32(value)
  return shift * 32 + (value >>> shift)
}
