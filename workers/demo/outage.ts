import { formatDuration } from '#engine/duration.ts'

interface OutageOptions {
  readonly clock: () => Date
  readonly report: (line: string) => void
  readonly onError: (error: unknown) => void
}

/** Tells of a failure that goes on, such as a store that is down, twice: when it begins and when it is over. */
export class Outage {
  readonly #options: OutageOptions
  #began: Date | undefined
  #failures = 0

  constructor(options: OutageOptions) {
    this.#options = options
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures
  }

  async watch(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#recover()
  }

  #fail(error: unknown): void {
    this.#failures += 1
    if (this.#began) return
    this.#began = this.#options.clock()
    this.#options.onError(error)
  }

  #recover(): void {
    this.#failures = 0
    if (!this.#began) return
    const seconds = (this.#options.clock().getTime() - this.#began.getTime()) / 1000
    this.#began = undefined
    this.#options.report(
      `Demo: writing again after ${formatDuration(seconds)}; what happened meanwhile was filled in.`,
    )
  }
}
