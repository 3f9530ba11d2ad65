/**
 * How often each value is there: a table of some eight to twenty bytes for each different one, in which a value lies at the first free
 * place from where it belongs.
 */
export class ValueCounts {
  /** Of each place the value, then how often; 0 = the place is free. */
  #places = new Uint32Array(2 * 8)
  #mask = 7
  #different = 0

  of(value: number): number {
    return this.#places[this.#find(value) + 1] ?? 0
  }

  /** More may leave than is there, as long as as many come after that. */
  add(value: number, times: number): void {
    const at = this.#find(value)
    const before = this.#places[at + 1] ?? 0
    const after = (before + times) >>> 0
    this.#places[at] = value
    this.#places[at + 1] = after
    if (before === 0) {
      this.#different++
      if (this.#different > (this.#mask + 1) * mostFilled) this.#grow()
    } else if (after === 0) {
      this.#different--
      this.#closeUp(at)
    }
  }

  /** Those from one value up to another, the greatest first. */
  descending(least: number, greatest: number): number[] {
    const found: number[] = []
    if (greatest - least <= this.#mask) {
      for (let value = greatest; value >= least; value--) if (this.of(value) > 0) found.push(value)
      return found
    }
    for (let at = 0; at < this.#places.length; at += 2) {
      const value = this.#places[at] ?? 0
      if ((this.#places[at + 1] ?? 0) > 0 && value >= least && value <= greatest) found.push(value)
    }
    return found.sort((one, other) => other - one)
  }

  #home(value: number): number {
    return (Math.imul(value, 0x9e37_79b1) >>> 7) & this.#mask
  }

  #find(value: number): number {
    let place = this.#home(value)
    while ((this.#places[2 * place + 1] ?? 0) > 0 && this.#places[2 * place] !== value)
      place = (place + 1) & this.#mask
    return 2 * place
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Uint32Array(2 * before.length)
    this.#mask = 2 * this.#mask + 1
    for (let at = 0; at < before.length; at += 2) {
      if ((before[at + 1] ?? 0) === 0) continue
      const found = this.#find(before[at] ?? 0)
      this.#places[found] = before[at] ?? 0
      this.#places[found + 1] = before[at + 1] ?? 0
    }
  }

  /** A place became free: what lies behind it only because it was taken moves up, or nobody would find it. */
  #closeUp(free: number): void {
    let hole = free / 2
    for (let place = (hole + 1) & this.#mask; ; place = (place + 1) & this.#mask) {
      const count = this.#places[2 * place + 1] ?? 0
      if (count === 0) return
      const value = this.#places[2 * place] ?? 0
      const isAtHome = ((place - this.#home(value)) & this.#mask) < ((place - hole) & this.#mask)
      if (isAtHome) continue
      this.#places[2 * hole] = value
      this.#places[2 * hole + 1] = count
      this.#places[2 * place + 1] = 0
      hole = place
    }
  }
}

const mostFilled = 0.75
