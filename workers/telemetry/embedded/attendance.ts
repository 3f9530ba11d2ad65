/** Which roles still use the engine: each calls in regularly, and one that falls silent counts as gone. */
export class Attendance {
  readonly #spanMs: number
  readonly #lastSeen = new Map<string, number>()
  #lastCall: number

  constructor(spanMs: number, now: number) {
    this.#spanMs = spanMs
    this.#lastCall = now
  }

  attend(role: string, now: number): void {
    this.#lastSeen.set(role, now)
    this.#lastCall = now
  }

  leave(role: string): void {
    this.#lastSeen.delete(role)
  }

  /** Nobody is here and, as a starting role needs a moment to call in, nobody has called for a whole span. */
  isDeserted(now: number): boolean {
    return this.#present(now) === 0 && now - this.#lastCall > this.#spanMs
  }

  isEmpty(now: number): boolean {
    return this.#present(now) === 0
  }

  #present(now: number): number {
    for (const [role, seen] of this.#lastSeen) if (now - seen > this.#spanMs) this.#lastSeen.delete(role)
    return this.#lastSeen.size
  }
}
