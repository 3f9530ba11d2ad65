/** Remembers things for a while: bounded in time and in number, the oldest leave first. */
export class Recent<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>()
  readonly #forMs: number
  readonly #atMost: number
  readonly #now: () => number

  constructor(options: { forMs: number; atMost: number; now: () => number }) {
    this.#forMs = options.forMs
    this.#atMost = options.atMost
    this.#now = options.now
  }

  get(key: string): Value | undefined {
    this.#forgetOld()
    return this.#entries.get(key)?.value
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: this.#now() + this.#forMs })
    this.#forgetOld()
  }

  /** True for the first one to ask about a key. */
  isFirst(key: string, value: Value): boolean {
    if (this.get(key) !== undefined) return false
    this.set(key, value)
    return true
  }

  /** Everything lives equally long, so the order of arrival is the order of leaving. */
  #forgetOld(): void {
    const now = this.#now()
    for (const [key, { until }] of this.#entries) {
      if (until > now && this.#entries.size <= this.#atMost) return
      this.#entries.delete(key)
    }
  }
}
