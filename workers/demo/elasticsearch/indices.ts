import { Refusal } from './refusal.ts'

export type FieldType = 'date' | 'long' | 'keyword' | 'text' | 'ip'

export type Document = Readonly<Record<string, string | number | readonly string[]>>

export interface MadeUpIndex {
  readonly name: string
  readonly fields: Readonly<Record<string, FieldType>>
  /** Documents, by primary shard. */
  readonly shards: Document[][]
  replicas: number
  /** Primary shards that are nowhere. */
  readonly lost: Set<number>
}

interface IndexParts {
  readonly shards?: number
  readonly replicas?: number
}

export function addIndex(
  indices: Map<string, MadeUpIndex>,
  name: string,
  fields: MadeUpIndex['fields'],
  { shards = 1, replicas = 0 }: IndexParts = {},
): MadeUpIndex {
  const index = {
    name,
    fields,
    shards: Array.from({ length: shards }, (): Document[] => []),
    replicas,
    lost: new Set<number>(),
  }
  indices.set(name, index)
  return index
}

/** Documents go to the shards by turns. */
export function indexDocuments({ shards }: MadeUpIndex, documents: Iterable<Document>): void {
  let turn = 0
  for (const document of documents) {
    shards[turn % shards.length]?.push(document)
    turn += 1
  }
}

export interface IndicesOptions {
  readonly ignoreUnavailable: boolean
  readonly allowNoIndices: boolean
  readonly mayRead: (name: string) => boolean
}

/** Names and patterns → indices. What one may not read is not there for patterns, nor where what is missing is ignored. */
export function resolveIndices(
  indices: ReadonlyMap<string, MadeUpIndex>,
  expression: string,
  { ignoreUnavailable, allowNoIndices, mayRead }: IndicesOptions,
): MadeUpIndex[] {
  const found = new Map<string, MadeUpIndex>()
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
