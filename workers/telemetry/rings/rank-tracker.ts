import type { DurationValues } from './bucket.ts'
import { ValueCounts } from './value-counts.ts'

/**
 * Finds the exact value at a rank of a multiset that values enter and leave all the time. Each different value is counted, and once
 * more in bins, of their own below 32 and 6 % wide above, so that few values are looked at.
 */
export class RankTracker {
  /** The first bucket whose durations are in it; all after it are as well. */
  from: number
  readonly #bins = new Uint32Array(binCount)
  #values = new ValueCounts()
  /** No bin above it has anything. */
  #top = 0

  constructor(from = -Infinity) {
    this.from = from
  }

  beginAnew(from: number): void {
    this.from = from
    this.#bins.fill(0)
    this.#values = new ValueCounts()
  }

  /** `times` is 1 for values that enter and −1 for values that leave: so many from `start` on. */
  add(values: DurationValues, start: number, count: number, times: number): void {
    for (let at = start; at < start + count; at++) this.change(values[at] ?? 0, times)
  }

  /** A value enters so many times; it leaves as often as that is below 0. */
  change(value: number, times: number): void {
    const bin = binOf(value)
    this.#bins[bin] = (this.#bins[bin] ?? 0) + times
    if (bin > this.#top) this.#top = bin
    this.#values.add(value, times)
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

  #inBin(bin: number, rank: number): number {
    const [least, greatest] = boundsOf(bin)
    let above = 0
    for (const value of this.#values.descending(least, greatest)) {
      above += this.#values.of(value)
      if (above > rank) return value
    }
    throw new Error(`bin ${bin} was counted wrongly`)
  }
}

const singles = 32
/** Of each power of two 16, up to 2^32. */
const binCount = 29 * 16

function binOf(value: number): number {
  if (value < singles) return value
  const shift = 27 - Math.clz32(value)
  return shift * 16 + (value >>> shift)
}

function boundsOf(bin: number): readonly [least: number, greatest: number] {
  const shift = Math.floor(bin / 16) - 1
  const width = 2 ** shift
  const least = (bin - shift * 16) * width
  return [least, least + width - 1]
}
