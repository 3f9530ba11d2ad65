import type { estypes } from '@elastic/elasticsearch'
import { hopScript } from '#workers/telemetry/elasticsearch/trusted-hop.ts'
import type { Document, FieldType } from './indices.ts'
import { onlyKnown, Refusal } from './refusal.ts'

/** What one search sees of an index: its fields, and those that exist for this search alone. */
export interface Sight {
  readonly index: string
  typeOf(field: string): FieldType | undefined
  valuesOf(document: Document, field: string): readonly (string | number)[]
}

export function sightOf(
  index: string,
  fields: Readonly<Record<string, FieldType>>,
  runtimeMappings: estypes.MappingRuntimeFields = {},
): Sight {
  const stored = (document: Document, field: string) => {
    const value = fields[field] === undefined ? undefined : document[field]
    return value === undefined ? [] : typeof value === 'object' ? [...value] : [value]
  }
  const scripts = new Map(Object.entries(runtimeMappings).map(([name, mapping]) => [name, hopOf(mapping)]))
  return {
    index,
    typeOf: (field) => (scripts.has(field) ? 'keyword' : fields[field]),
    valuesOf: (document, field) => {
      const script = scripts.get(field)
      if (!script) return stored(document, field)
      const values = stored(document, script.field)
      return values.length === 1 ? script.emit(String(values[0])) : []
    },
  }
}

/** It cannot run Painless, so it knows one script by heart, and what that says again in other words. */
function hopOf(mapping: estypes.MappingRuntimeField) {
  onlyKnown('runtime field', mapping, ['type', 'script'])
  const { script } = mapping
  if (mapping.type !== 'keyword' || typeof script !== 'object' || script.source !== hopScript)
    throw new Refusal(400, 'script_exception', 'compile error')
  const { field, trustedHops } = script.params as { field: string; trustedHops: number }
  const emit = (header: string): string[] => {
    const hops = header.split(',')
    const hop = (hops.at(-trustedHops) ?? hops[0] ?? '').trim()
    const address = /^\[([^\]]+)\]/.exec(hop)?.[1] ?? /^([^:]+):[^:]*$/.exec(hop)?.[1] ?? hop
    return address === '' ? [] : [address]
  }
  return { field, emit }
}

export type Matcher = (document: Document) => boolean

export function matcherOf(query: estypes.QueryDslQueryContainer, sight: Sight): Matcher {
  const [kind, ...more] = Object.keys(query)
  if (kind === undefined || more.length > 0)
    throw new Refusal(400, 'parsing_exception', '[bool] malformed query, expected one clause')
  if (query.bool) return matchBool(query.bool, sight)
  if (query.range) return matchRange(query.range, sight)
  if (query.term) return matchTerm(query.term as Record<string, string | number>, sight)
  if (query.terms) return matchTerms(query.terms as Record<string, readonly string[]>, sight)
  if (query.exists) return matchExists(query.exists, sight)
  throw new Refusal(400, 'parsing_exception', `unknown query [${kind}]`)
}

function matchBool(bool: estypes.QueryDslBoolQuery, sight: Sight): Matcher {
  onlyKnown('bool', bool, ['filter'])
  const clauses = [bool.filter ?? []].flat().map((clause) => matcherOf(clause, sight))
  return (document) => clauses.every((clause) => clause(document))
}

function matchExists(exists: estypes.QueryDslExistsQuery, sight: Sight): Matcher {
  onlyKnown('exists', exists, ['field'])
  return (document) => sight.valuesOf(document, exists.field).length > 0
}

/** The term itself, not its words: on text it meets the words that were kept of it. */
function matchTerm(term: Record<string, string | number>, sight: Sight): Matcher {
  const [[field, wanted] = ['', '']] = Object.entries(term)
  return (document) =>
    sight
      .valuesOf(document, field)
      .some((value) =>
        sight.typeOf(field) === 'text'
          ? wordsOf(String(value)).includes(String(wanted))
          : String(value) === String(wanted),
      )
}

function matchTerms(terms: Record<string, readonly string[]>, sight: Sight): Matcher {
  const [[field, wanted] = ['', []]] = Object.entries(terms)
  const any = wanted.map((one) => matchTerm({ [field]: one }, sight))
  return (document) => any.some((matches) => matches(document))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? []
}

const bounds = ['gt', 'gte', 'lt', 'lte'] as const

type Range = Partial<Record<(typeof bounds)[number], string | number>> & { format?: string }

function matchRange(range: Record<string, unknown>, sight: Sight): Matcher {
  const [[field, given] = ['', {}]] = Object.entries(range)
  const limits = given as Range
  onlyKnown('range', limits, [...bounds, 'format'])
  const type = sight.typeOf(field)
  if (type === 'date' && limits.format !== 'epoch_millis')
    throw new Refusal(400, 'parse_exception', 'failed to parse date field without format [epoch_millis]')
  return (document) =>
    sight.valuesOf(document, field).some((value) =>
      bounds.every((bound) => {
        const limit = limits[bound]
        return limit === undefined || holds(compare(type, value, limit), bound)
      }),
    )
}

/** Numbers and dates by size; keywords as text, where "60" is after "500". */
function compare(type: FieldType | undefined, value: string | number, limit: string | number): number {
  if (type === 'date') return instantOf(value) - Number(limit)
  if (type === 'long') return Number(value) - Number(limit)
  const [one, other] = [String(value), String(limit)]
  return one < other ? -1 : one > other ? 1 : 0
}

export function instantOf(value: string | number): number {
  return typeof value === 'number' ? value : new Date(value).getTime()
}

function holds(difference: number, bound: (typeof bounds)[number]): boolean {
  switch (bound) {
    case 'gt':
      return difference > 0
    case 'gte':
      return difference >= 0
    case 'lt':
      return difference < 0
    case 'lte':
      return difference <= 0
  }
}
