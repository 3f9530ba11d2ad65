import { matchesAll, type Matcher } from './matcher.ts'
import type { Labels } from './labels.ts'

/** Something that applies where all its matchers match: a silence, an inhibition, a route. */
export interface Matched {
  readonly matchers: readonly Matcher[]
}

/**
 * Many matcher sets, asked which of them match a label set. Each set waits under one pair of label name and value it
 * insists on, the rarest there is; only sets that insist on none (regexes, negations, `name=""`) are looked at each time.
 */
export interface MatcherIndex<T> {
  /** In the order the sets were given. */
  readonly find: (labels: Labels) => T[]
  readonly size: number
}

interface Entry<T> {
  readonly order: number
  readonly item: T
}

type Buckets<T> = Map<string, Map<string, Entry<T>[]>>

export function indexMatchers<T extends Matched>(items: readonly T[]): MatcherIndex<T> {
  const popularity = countPairs(items)
  const buckets: Buckets<T> = new Map()
  const remainder: Entry<T>[] = []
  items.forEach((item, order) => {
    const handle = rarest(item, popularity)
    if (handle)
      for (const value of handle.values) bucketFor(buckets, handle.name, value).push({ order, item })
    else remainder.push({ order, item })
  })
  return { size: items.length, find: (labels) => find(labels, buckets, remainder) }
}

function find<T extends Matched>(labels: Labels, buckets: Buckets<T>, remainder: readonly Entry<T>[]): T[] {
  const found: Entry<T>[] = []
  const take = (entries: readonly Entry<T>[]) => {
    for (const entry of entries) if (matchesAll(entry.item.matchers, labels)) found.push(entry)
  }
  take(remainder)
  for (const [name, values] of buckets) {
    const entries = Object.hasOwn(labels, name) ? values.get(labels[name] ?? '') : undefined
    if (entries) take(entries)
  }
  return found.sort((one, other) => one.order - other.order).map(({ item }) => item)
}

/** The label that must be there and the values it may have. */
interface Handle {
  readonly name: string
  readonly values: readonly string[]
}

/** `a|b|c` is how people and screens write "one of these". */
const plainAlternatives = /^[\w\-:/@ ]+(\|[\w\-:/@ ]+)*$/

function handles({ matchers }: Matched): Handle[] {
  return matchers.flatMap(({ name, operator, value }): Handle[] => {
    if (operator === '=' && value !== '') return [{ name, values: [value] }]
    if (operator === '=~' && plainAlternatives.test(value))
      return [{ name, values: [...new Set(value.split('|'))] }]
    return []
  })
}

function countPairs(items: readonly Matched[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name, values } of items.flatMap(handles)) {
    for (const value of values) counts.set(pair(name, value), (counts.get(pair(name, value)) ?? 0) + 1)
  }
  return counts
}

function rarest(item: Matched, popularity: ReadonlyMap<string, number>): Handle | undefined {
  const cost = ({ name, values }: Handle) =>
    values.reduce((sum, value) => sum + (popularity.get(pair(name, value)) ?? 0), 0)
  return handles(item).reduce<Handle | undefined>(
    (best, next) => (best && cost(best) <= cost(next) ? best : next),
    undefined,
  )
}

function pair(name: string, value: string): string {
  return `${name}\0${value}`
}

function bucketFor<T>(buckets: Buckets<T>, name: string, value: string): Entry<T>[] {
  const values = buckets.get(name) ?? new Map<string, Entry<T>[]>()
  buckets.set(name, values)
  const bucket = values.get(value) ?? []
  values.set(value, bucket)
  return bucket
}
