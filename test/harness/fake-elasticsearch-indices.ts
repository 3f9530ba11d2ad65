import { Refusal } from './fake-elasticsearch-refusal.ts'

export type FieldType = 'date' | 'long' | 'keyword' | 'text' | 'ip'

export type Document = Readonly<Record<string, string | number | readonly string[]>>

export interface FakeIndex {
  readonly name: string
  readonly fields: Readonly<Record<string, FieldType>>
  /** Documents, by primary shard. */
  readonly shards: Document[][]
  replicas: number
  /** Primary shards that are nowhere. */
  readonly lost: Set<number>
}

export interface IndicesOptions {
  readonly ignoreUnavailable: boolean
  readonly allowNoIndices: boolean
  readonly mayRead: (name: string) => boolean
}

/** Names and patterns → indices. What one may not read is not there for patterns, nor where what is missing is ignored. */
export function resolveIndices(
  indices: ReadonlyMap<string, FakeIndex>,
  expression: string,
  { ignoreUnavailable, allowNoIndices, mayRead }: IndicesOptions,
): FakeIndex[] {
  const found = new Map<string, FakeIndex>()
  for (const part of expression.split(',')) {
    const matching = [...indices.values()].filter(({ name }) => matches(part, name))
    const readable = matching.filter(({ name }) => mayRead(name))
    for (const index of readable) found.set(index.name, index)
    const isConcrete = !part.includes('*') && part !== '_all'
    if (!isConcrete || ignoreUnavailable) continue
    if (matching.length === 0) throw notFound(part)
    if (readable.length === 0)
      throw new Refusal(
        403,
        'security_exception',
        `action [indices:data/read/search] is unauthorized for this user on indices [${part}]`,
      )
  }
  if (found.size === 0 && !allowNoIndices) throw notFound(expression)
  return [...found.values()]
}

function notFound(name: string): Refusal {
  return new Refusal(404, 'index_not_found_exception', `no such index [${name}]`)
}

export function matches(pattern: string, name: string): boolean {
  if (pattern === '_all') return true
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}
