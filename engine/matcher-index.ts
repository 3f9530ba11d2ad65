import type { Labels } from './labels.ts'
import { compileMatchers, type Matcher, plainPrefix } from './matcher.ts'

/** Something that applies where all its matchers match: a silence, an inhibition, a route. */
export interface Matched {
  readonly matchers: readonly Matcher[]
}

/**
 * Many matcher sets, asked which of them match a label set. Each set waits under a label it insists on and the value, or
 * the beginning of one, that this must have: under the rarest it has. Only sets that insist on nothing of the kind
 * (negations, `name=""`, patterns that begin with anything) are looked at each time.
 */
export interface MatcherIndex<T> {
  /** In the order the sets were given. */
  readonly find: (labels: Labels) => T[]
  readonly size: number
}

interface Entry<T> {
  readonly order: number
  readonly item: T
  readonly fits: (labels: Labels) => boolean
}

/** Label name → how many characters of its value count (Infinity = all) → those characters → who waits there. */
type Buckets<T> = Map<string, Map<number, Map<string, Entry<T>[]>>>

/** The label that must be there, and how its value must begin or what it must be. */
interface Handle {
  readonly name: string
  readonly length: number
  readonly texts: readonly string[]
}

export function indexMatchers<T extends Matched>(items: readonly T[]): MatcherIndex<T> {
  const handles = items.map(handlesOf)
  const popularity = countTexts(handles.flat())
  const buckets: Buckets<T> = new Map()
  const remainder: Entry<T>[] = []
  items.forEach((item, order) => {
    const entry = { order, item, fits: compileMatchers(item.matchers) }
    const handle = rarest(handles[order] ?? [], popularity)
    if (!handle) remainder.push(entry)
    else for (const text of handle.texts) bucketFor(buckets, handle, text).push(entry)
  })
  return { size: items.length, find: (labels) => find(labels, buckets, remainder) }
}

function find<T>(labels: Labels, buckets: Buckets<T>, remainder: readonly Entry<T>[]): T[] {
  const found: Entry<T>[] = []
  takeFitting(remainder, labels, found)
  for (const [name, byLength] of buckets) {
    if (!Object.hasOwn(labels, name)) continue
    const value = labels[name] ?? ''
    for (const [length, texts] of byLength) {
      takeFitting(texts.get(value.slice(0, length)) ?? [], labels, found)
    }
  }
  return found.sort((one, other) => one.order - other.order).map(({ item }) => item)
}

function takeFitting<T>(entries: readonly Entry<T>[], labels: Labels, found: Entry<T>[]): void {
  for (const entry of entries) if (entry.fits(labels)) found.push(entry)
}

/** `a|b|c` is how people and screens write "one of these". */
const plainAlternatives = /^[\w\-:/@ ]+(\|[\w\-:/@ ]+)*$/

function handlesOf({ matchers }: Matched): Handle[] {
  return matchers.flatMap(({ name, operator, value }): Handle[] => {
    if (operator === '=' && value !== '') return [{ name, length: Infinity, texts: [value] }]
    if (operator !== '=~') return []
    if (plainAlternatives.test(value))
      return [{ name, length: Infinity, texts: [...new Set(value.split('|'))] }]
    const prefix = plainPrefix(value)
    return prefix === '' ? [] : [{ name, length: prefix.length, texts: [prefix] }]
  })
}

type Popularity = ReadonlyMap<string, number>

function countTexts(handles: readonly Handle[]): Popularity {
  const counts = new Map<string, number>()
  for (const handle of handles) {
    for (const text of handle.texts) counts.set(key(handle, text), (counts.get(key(handle, text)) ?? 0) + 1)
  }
  return counts
}

function rarest(handles: readonly Handle[], popularity: Popularity): Handle | undefined {
  const cost = (handle: Handle) =>
    handle.texts.reduce((sum, text) => sum + (popularity.get(key(handle, text)) ?? 0), 0)
  return handles.reduce<Handle | undefined>(
    (best, next) => (best && cost(best) <= cost(next) ? best : next),
    undefined,
  )
}

function key({ name, length }: Handle, text: string): string {
  return `${name}\0${length}\0${text}`
}

function bucketFor<T>(buckets: Buckets<T>, { name, length }: Handle, text: string): Entry<T>[] {
  const byLength = buckets.get(name) ?? new Map<number, Map<string, Entry<T>[]>>()
  buckets.set(name, byLength)
  const texts = byLength.get(length) ?? new Map<string, Entry<T>[]>()
  byLength.set(length, texts)
  const bucket = texts.get(text) ?? []
  texts.set(text, bucket)
  return bucket
}
