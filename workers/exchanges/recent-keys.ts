/** About 20 MB at the most. */
const mostKeys = 100_000

/**
 * What this process has told of lately: each sweep meets the last minutes again, and need not ask the database about them. Only a
 * memory aid: what is forgotten here is still known there.
 */
export class RecentKeys {
  readonly #newer = new Set<string>()
  readonly #older = new Set<string>()

  has(ruleId: string, key: string): boolean {
    const name = `${ruleId} ${key}`
    return this.#newer.has(name) || this.#older.has(name)
  }

  add(ruleId: string, key: string): void {
    if (this.#newer.size >= mostKeys / 2) {
      this.#older.clear()
      for (const name of this.#newer) this.#older.add(name)
      this.#newer.clear()
    }
    this.#newer.add(`${ruleId} ${key}`)
  }
}
