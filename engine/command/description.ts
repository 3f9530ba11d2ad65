import type { Role } from '#engine/person.ts'

export interface CommandDescription {
  /** The words after `/alert`, as typed. */
  readonly words: readonly string[]
  /** Words between the first argument and the others: `contact <id> media <type>`. */
  readonly infix: readonly string[]
  /** What may follow the words, in help's notation: `<number>` is needed, `[duration]` is not. */
  readonly arguments: readonly CommandArgument[]
  /** One sentence for help, manifests and completion. */
  readonly about: string
  readonly needs: Role
  readonly examples: readonly string[]
}

export interface CommandArgument {
  readonly name: string
  readonly about: string
  readonly required: boolean
  readonly completes: 'incident' | 'duration' | 'filter' | 'command' | 'nothing'
}

/** An argument nothing can be offered for. */
export function plain(name: string, about: string, required: boolean): CommandArgument {
  return { name, about, required, completes: 'nothing' }
}
