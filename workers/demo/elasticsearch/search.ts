import type { estypes } from '@elastic/elasticsearch'
import { aggregate } from './aggregation.ts'
import type { MadeUpIndex } from './indices.ts'
import { matcherOf, sightOf } from './query.ts'
import { onlyKnown, Refusal } from './refusal.ts'

/** As the server counts where nobody asks it to count to the end. */
const countedHits = 10_000

export function search(
  indices: readonly MadeUpIndex[],
  body: estypes.SearchRequest,
  timedOut: boolean,
): estypes.SearchResponse {
  onlyKnown('search', body, ['size', 'track_total_hits', 'timeout', 'runtime_mappings', 'query', 'aggs'])
  if (body.size !== 0) throw new Refusal(400, 'illegal_argument_exception', 'only counts are known here')
  const shards = indices.flatMap(({ name, fields, shards, lost }) => {
    const sight = sightOf(name, fields, body.runtime_mappings)
    const matches = body.query ? matcherOf(body.query, sight) : () => true
    return shards.flatMap((documents, shard) =>
      lost.has(shard) ? [] : [{ sight, documents: documents.filter(matches) }],
    )
  })
  const total = indices.reduce((sum, index) => sum + index.shards.length, 0)
  const hits = shards.reduce((sum, { documents }) => sum + documents.length, 0)
  return {
    took: 1,
    timed_out: timedOut,
    _shards: {
      total,
      successful: shards.length,
      skipped: 0,
      failed: total - shards.length,
      ...(total > shards.length && { failures: failuresOf(indices) }),
    },
    hits: { ...totalOf(body.track_total_hits ?? true, hits, body), max_score: null, hits: [] },
    // Without a shard there is nobody who could say what was not found.
    ...(total > 0 &&
      body.aggs && {
        aggregations: aggregate(body.aggs, shards, { buckets: 0 }) as Record<
          string,
          estypes.AggregationsAggregate
        >,
      }),
  }
}

function totalOf(
  track: boolean | number,
  hits: number,
  body: estypes.SearchRequest,
): Pick<estypes.SearchHitsMetadata, 'total'> {
  if (track === false) return {}
  const limit = body.track_total_hits === undefined ? countedHits : track === true ? Infinity : track
  return { total: { value: Math.min(hits, limit), relation: hits > limit ? 'gte' : 'eq' } }
}

function failuresOf(indices: readonly MadeUpIndex[]): estypes.ShardFailure[] {
  return indices.flatMap(({ name, lost }) =>
    [...lost].map((shard) => ({
      shard,
      index: name,
      reason: { type: 'no_shard_available_action_exception', reason: `[${name}][${shard}]` },
    })),
  )
}
