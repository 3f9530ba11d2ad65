import type { estypes } from '@elastic/elasticsearch'
import type { Document } from './indices.ts'
import { instantOf, matcherOf, type Sight } from './query.ts'
import { onlyKnown, Refusal } from './refusal.ts'

/** The documents of one shard that are still in question. */
export interface ShardDocuments {
  readonly sight: Sight
  readonly documents: readonly Document[]
}

type Aggregations = Record<string, estypes.AggregationsAggregationContainer>

/** As the server's search.max_buckets. */
const mostBuckets = 65_536

export interface Budget {
  buckets: number
}

function spend(budget: Budget, buckets: number): void {
  budget.buckets += buckets
  if (budget.buckets > mostBuckets)
    throw new Refusal(
      400,
      'too_many_buckets_exception',
      `Trying to create too many buckets. Must be less than or equal to: [${mostBuckets}]`,
      'search_phase_execution_exception',
    )
}

export function aggregate(
  aggregations: Aggregations,
  shards: readonly ShardDocuments[],
  budget: Budget,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(aggregations).map(([name, container]) => [name, aggregateOne(container, shards, budget)]),
  )
}

function aggregateOne(
  container: estypes.AggregationsAggregationContainer,
  shards: readonly ShardDocuments[],
  budget: Budget,
): unknown {
  onlyKnown('aggregation', container, ['aggs', 'date_range', 'filter', 'filters', 'terms'])
  const inner = (documents: readonly ShardDocuments[]) => ({
    doc_count: countOf(documents),
    ...aggregate(container.aggs ?? {}, documents, budget),
  })
  if (container.date_range) return dateRange(container.date_range, shards, { inner, budget })
  if (container.filter) {
    const { filter } = container
    return inner(shards.map((shard) => narrow(shard, matcherOf(filter, shard.sight))))
  }
  if (container.filters) return filtersOf(container.filters, shards, { inner, budget })
  if (container.terms) return terms(container.terms, shards, budget)
  throw new Refusal(400, 'parsing_exception', 'Missing definition for aggregation')
}

function narrow({ sight, documents }: ShardDocuments, matches: (document: Document) => boolean) {
  return { sight, documents: documents.filter(matches) }
}

function countOf(shards: readonly ShardDocuments[]): number {
  return shards.reduce((sum, { documents }) => sum + documents.length, 0)
}

interface Buckets {
  readonly inner: (shards: readonly ShardDocuments[]) => object
  readonly budget: Budget
}

/** from ≤ t < to, and ranges may overlap. */
function dateRange(
  agg: estypes.AggregationsDateRangeAggregation,
  shards: readonly ShardDocuments[],
  { inner, budget }: Buckets,
) {
  onlyKnown('date_range', agg, ['field', 'format', 'keyed', 'ranges'])
  const { field = '', format, keyed, ranges = [] } = agg
  if (format !== 'epoch_millis')
    throw new Refusal(400, 'parse_exception', 'dates are asked for in epoch_millis')
  spend(budget, ranges.length)
  const byInstant = shards.map((shard) => timeline(shard, field))
  const buckets = ranges.map(({ key, from, to }) => {
    const within = byInstant.map((documentsIn) => documentsIn(Number(from), Number(to)))
    return { key: key ?? `${String(from)}-${String(to)}`, from, to, ...inner(within) }
  })
  if (keyed !== true) return { buckets }
  return { buckets: Object.fromEntries(buckets.map(({ key, ...bucket }) => [key, bucket])) }
}

/** A picture asks for hundreds of ranges: the documents are sorted once, and each range is cut out of them. */
function timeline({ sight, documents }: ShardDocuments, field: string) {
  let isOnceEach = true
  const entries: { readonly at: number; readonly document: Document }[] = []
  for (const document of documents) {
    const values = sight.valuesOf(document, field)
    if (values.length > 1) isOnceEach = false
    for (const value of values) entries.push({ at: instantOf(value), document })
  }
  entries.sort((one, other) => one.at - other.at)
  const placeOf = (instant: number) => {
    let [low, high] = [0, entries.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((entries[middle]?.at ?? instant) < instant) low = middle + 1
      else high = middle
    }
    return low
  }
  return (from: number, to: number): ShardDocuments => {
    const met = entries.slice(placeOf(from), placeOf(to)).map(({ document }) => document)
    // One with several values is counted once.
    return { sight, documents: isOnceEach ? met : [...new Set(met)] }
  }
}

/** A bucket for each of them; a document may be in several. */
function filtersOf(
  agg: estypes.AggregationsFiltersAggregation,
  shards: readonly ShardDocuments[],
  { inner, budget }: Buckets,
) {
  onlyKnown('filters', agg, ['filters'])
  const { filters = {} } = agg
  if (Array.isArray(filters)) throw new Refusal(400, 'parsing_exception', 'filters are asked for by name')
  spend(budget, Object.keys(filters).length)
  const buckets = Object.entries(filters).map(([name, filter]) => [
    name,
    inner(shards.map((shard) => narrow(shard, matcherOf(filter, shard.sight)))),
  ])
  return { buckets: Object.fromEntries(buckets) as Record<string, object> }
}

interface ShardTerms {
  readonly kept: ReadonlyMap<string | number, number>
  /** What a term that was not kept may have had here at most. */
  readonly error: number
  readonly all: number
}

/** Each shard sends its first terms only: counts may be too small, and the answer says by how much. */
function terms(agg: estypes.AggregationsTermsAggregation, shards: readonly ShardDocuments[], budget: Budget) {
  onlyKnown('terms', agg, ['field', 'size', 'shard_size', 'show_term_doc_count_error', 'include'])
  const { size = 10, show_term_doc_count_error: showError } = agg
  const perShard = Math.max(size, agg.shard_size ?? Math.floor(size * 1.5 + 10))
  const parts = shards.map((shard) => termsOfShard(agg, shard, perShard))
  const totals = new Map<string | number, number>()
  for (const { kept } of parts)
    for (const [term, count] of kept) totals.set(term, (totals.get(term) ?? 0) + count)
  const top = mostFirst(totals).slice(0, size)
  spend(budget, top.length)
  const errorOf = (term: string | number) =>
    parts.reduce((sum, { kept, error }) => sum + (kept.has(term) ? 0 : error), 0)
  const listed = top.reduce((sum, [, count]) => sum + count, 0)
  return {
    doc_count_error_upper_bound: parts.reduce((sum, { error }) => sum + error, 0),
    sum_other_doc_count: parts.reduce((sum, { all }) => sum + all, 0) - listed,
    buckets: top.map(([key, count]) => ({
      key,
      doc_count: count,
      ...(showError === true && { doc_count_error_upper_bound: errorOf(key) }),
    })),
  }
}

function termsOfShard(
  { field = '', include }: estypes.AggregationsTermsAggregation,
  { sight, documents }: ShardDocuments,
  perShard: number,
): ShardTerms {
  if (sight.typeOf(field) === 'text')
    throw new Refusal(
      400,
      'illegal_argument_exception',
      `Fielddata is disabled on [${field}] in [${sight.index}]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting. Please use a keyword field instead.`,
      'search_phase_execution_exception',
    )
  const counts = new Map<string | number, number>()
  for (const document of documents)
    for (const value of new Set(sight.valuesOf(document, field)))
      if (!Array.isArray(include) || include.includes(String(value)))
        counts.set(value, (counts.get(value) ?? 0) + 1)
  const sorted = mostFirst(counts)
  const kept = sorted.slice(0, perShard)
  return {
    kept: new Map(kept),
    error: sorted.length > perShard ? (kept.at(-1)?.[1] ?? 0) : 0,
    all: sorted.reduce((sum, [, count]) => sum + count, 0),
  }
}

function mostFirst(counts: ReadonlyMap<string | number, number>): [string | number, number][] {
  return [...counts].sort(
    ([one, ones], [other, others]) => others - ones || (String(one) < String(other) ? -1 : 1),
  )
}
