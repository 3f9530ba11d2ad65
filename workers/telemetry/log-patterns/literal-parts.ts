/** The shortest text that whatever matches is sure to hold a part of: below it Vectorscan has nothing to look for. */
const shortestPart = 3

interface Group {
  /** Literal characters in a row, up to where the reading is. */
  run: number
  /** Of this alternative the longest. */
  longest: number
  /** Of the alternatives before the shortest of these. */
  least: number
}

/**
 * Whether every way to match a pattern goes through some literal text. Vectorscan finds such patterns by that text; many that are
 * nothing but classes and repetitions it may go on compiling for minutes, and nobody can stop it.
 */
export class LiteralParts {
  readonly #groups: Group[] = [{ run: 0, longest: 0, least: Infinity }]

  get depth(): number {
    return this.#groups.length - 1
  }

  get suffice(): boolean {
    const [whole, ...open] = this.#groups
    return whole !== undefined && open.length === 0 && shortestOf(whole) >= shortestPart
  }

  character(repetition: string): void {
    const group = this.#innermost
    if (repetition === '') group.run++
    group.longest = Math.max(group.longest, group.run)
    if (repetition !== '') group.run = 0
  }

  /** A class, a boundary: whatever is no certain character. */
  other(): void {
    this.#innermost.run = 0
  }

  alternative(): void {
    const group = this.#innermost
    group.least = shortestOf(group)
    group.run = 0
    group.longest = 0
  }

  open(): void {
    this.other()
    this.#groups.push({ run: 0, longest: 0, least: Infinity })
  }

  /** False: there was none open. */
  close(repetition: string): boolean {
    const group = this.#groups.pop()
    if (!group || this.#groups.length === 0) return false
    if (!/^(?:[*?]|\{0)/.test(repetition))
      this.#innermost.longest = Math.max(this.#innermost.longest, shortestOf(group))
    return true
  }

  get #innermost(): Group {
    return this.#groups.at(-1) ?? { run: 0, longest: 0, least: Infinity }
  }
}

function shortestOf({ longest, least }: Group): number {
  return Math.min(longest, least)
}
