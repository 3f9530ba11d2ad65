import type { ExecutionsQuestion } from '#engine/telemetry/telemetry.ts'

export const keyColumns = ['environment', 'app', 'route', 'agent'] as const

export type KeyColumn = (typeof keyColumns)[number]

export type LeafNames = Readonly<Record<KeyColumn, string>>

/** What a key does not name it takes over all of. */
export type KeyNames = Readonly<Partial<LeafNames>>

/**
 * Numbers for the finest keys that rows have (leaves), and for those that questions ask about, each the sum of some leaves: an
 * app of its routes, an environment of its apps.
 */
export class KeyTree {
  readonly #leaves = new Map<string, number>()
  readonly #names: LeafNames[] = []
  readonly #above: number[][] = []
  readonly #keys = new Map<string, number>()
  readonly #namesOfKey: KeyNames[] = []
  readonly #keyOf = new WeakMap<ExecutionsQuestion, number>()
  /** Which columns some key names, each combination once. */
  readonly #shapes = new Map<string, readonly KeyColumn[]>()

  constructor(questions: Iterable<ExecutionsQuestion>) {
    for (const question of questions) {
      const shape = keyColumns.filter((column) => question[column] !== undefined)
      this.#shapes.set(shape.join(), shape)
      const text = keyText(shape, question)
      if (this.#keys.has(text)) continue
      this.#keys.set(text, this.#keys.size)
      this.#namesOfKey.push(question)
    }
  }

  get size(): number {
    return this.#keys.size
  }

  /** A leaf that no question is about has a number too: the next question may be. */
  leafOf(names: LeafNames): number {
    const text = keyText(keyColumns, names)
    const known = this.#leaves.get(text)
    if (known !== undefined) return known
    const leaf = this.#leaves.size
    this.#leaves.set(text, leaf)
    this.#names.push(names)
    const above = [...this.#shapes.values()].flatMap((shape) => this.#keys.get(keyText(shape, names)) ?? [])
    this.#above.push(above)
    return leaf
  }

  /** Names are put together and looked up once for each question: it is asked again and again. */
  keyOf(question: ExecutionsQuestion): number {
    const known = this.#keyOf.get(question)
    if (known !== undefined) return known
    const shape = keyColumns.filter((column) => question[column] !== undefined)
    const key = this.#keys.get(keyText(shape, question)) ?? -1
    this.#keyOf.set(question, key)
    return key
  }

  above(leaf: number): readonly number[] {
    return this.#above[leaf] ?? []
  }

  namesOf(key: number): KeyNames {
    return this.#namesOfKey[key] ?? {}
  }

  /** The same leaves under other questions. */
  regrown(questions: Iterable<ExecutionsQuestion>): KeyTree {
    const tree = new KeyTree(questions)
    for (const names of this.#names) tree.leafOf(names)
    return tree
  }
}

/** No two keys have the same text: each name says how long it is. */
function keyText(shape: readonly KeyColumn[], names: KeyNames): string {
  let text = ''
  for (const column of shape) {
    const name = names[column] ?? ''
    text += `${column[0]}${name.length} ${name}`
  }
  return text
}
