export class TurnstileFull extends Error {}

export interface TurnstileLimits {
  /** How many may be inside at once. */
  readonly slots: number
  /** How many may wait outside before newcomers are turned away. */
  readonly waiting: number
  /** After this many passages nobody enters until everybody inside has left. */
  readonly emptyEvery: number
}

/** Lets a bounded number of queries in, in order of arrival, and empties the room now and then. */
export class Turnstile {
  readonly #limits: TurnstileLimits
  readonly #queue: (() => void)[] = []
  readonly #awaitingEmpty: (() => void)[] = []
  #inside = 0
  #passages = 0

  constructor(limits: TurnstileLimits) {
    this.#limits = limits
  }

  /** Resolves to the way out, to be called exactly once; rejects when too many wait or the signal aborts first. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#queue.length === 0 && this.#hasRoom()) this.#admit()
    else await this.#waitForTurn(signal)
    return () => this.#leave()
  }

  /** Resolves once nobody is inside. */
  async empty(): Promise<void> {
    if (this.#inside > 0) await new Promise<void>((resolve) => this.#awaitingEmpty.push(resolve))
  }

  #hasRoom(): boolean {
    return this.#inside < this.#limits.slots && this.#passages < this.#limits.emptyEvery
  }

  // Counted at once and not when the newcomer's promise resumes, or a second one could slip in between.
  #admit(): void {
    this.#inside += 1
    this.#passages += 1
  }

  #leave(): void {
    this.#inside -= 1
    if (this.#inside === 0) {
      this.#passages = 0
      for (const resolve of this.#awaitingEmpty.splice(0)) resolve()
    }
    while (this.#queue.length > 0 && this.#hasRoom()) {
      this.#admit()
      this.#queue.shift()?.()
    }
  }

  #waitForTurn(signal: AbortSignal): Promise<void> {
    if (this.#queue.length >= this.#limits.waiting) {
      throw new TurnstileFull(`${this.#limits.waiting} queries are waiting already`)
    }
    return new Promise((resolve, reject) => {
      const onTurn = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(onTurn), 1)
        reject(signal.reason as Error)
      }
      this.#queue.push(onTurn)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
