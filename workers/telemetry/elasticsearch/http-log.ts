import type { estypes } from '@elastic/elasticsearch'
import { z } from 'zod'
import type { HttpResponsesQuestion, HttpClientsQuestion } from '#engine/telemetry/elasticsearch.ts'
import { Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { ElasticsearchConnection } from './connection.ts'

export type HttpLogQuestion = HttpResponsesQuestion | HttpClientsQuestion

export interface Window {
  readonly key: string
  readonly from: number
  readonly to: number
}

/** Of every instant two windows of the same length: up to it, and up to where documents have surely come. */
export function windowsOf(question: HttpLogQuestion, instants: readonly Date[]): Window[] {
  const { windowSeconds, ingestDelaySeconds } = question
  return instants.flatMap((instant, slot) => {
    const window = (name: string, to: number) => ({
      key: `${name}${slot}`,
      from: to - windowSeconds * 1000,
      to,
    })
    const end = instant.getTime()
    const early = window('early', end)
    return ingestDelaySeconds === 0 ? [early] : [early, window('settled', end - ingestDelaySeconds * 1000)]
  })
}

/** What is counted in each window. */
export interface Counted {
  readonly aggregations: Record<string, estypes.AggregationsAggregationContainer>
  readonly runtimeMappings?: estypes.MappingRuntimeFields
}

/**
 * One search for all windows. Nothing is read but counts of buckets: those are exact, where the total of the hits ends at
 * 10,000. Buckets hold from ≤ t < to, so a millisecond makes them from < t ≤ to.
 */
export async function searchWindows<Bucket>(
  { client, requestTimeoutMs }: ElasticsearchConnection,
  question: HttpLogQuestion,
  windows: readonly Window[],
  { aggregations, runtimeMappings, bucket }: Counted & { bucket: z.ZodType<Bucket> },
): Promise<ReadonlyMap<string, Bucket>> {
  const { index, timeField, statusField, only } = question
  const from = Math.min(...windows.map((window) => window.from))
  const to = Math.max(...windows.map((window) => window.to))
  const answer = await client.search({
    index,
    size: 0,
    track_total_hits: false,
    // An index that is not there is told by the number of shards, in words that help.
    ignore_unavailable: true,
    allow_no_indices: true,
    // It gives up before we do, and leaves nothing running.
    timeout: `${Math.max(1, Math.floor(requestTimeoutMs * 0.8))}ms`,
    ...(runtimeMappings && { runtime_mappings: runtimeMappings }),
    query: {
      bool: {
        filter: [
          { range: { [timeField]: { gt: from, lte: to, format: 'epoch_millis' } } },
          ...(only ? [{ term: { [only.field]: only.value } }] : []),
        ],
      },
    },
    aggs: {
      windows: {
        date_range: {
          field: timeField,
          format: 'epoch_millis',
          keyed: true,
          ranges: windows.map((window) => ({ key: window.key, from: window.from + 1, to: window.to + 1 })),
        },
        aggs: { answered: { filter: { exists: { field: statusField } } }, ...aggregations },
      },
    },
  })
  return readWindows(answer, question, bucket)
}

const shards = z.object({ total: z.number(), successful: z.number(), failed: z.number() })

const answered = z.object({ doc_count: z.number(), answered: z.object({ doc_count: z.number() }) })

function readWindows<Bucket>(answer: unknown, question: HttpLogQuestion, bucket: z.ZodType<Bucket>) {
  const { index, statusField } = question
  const whole = z.object({ timed_out: z.boolean(), _shards: shards }).parse(answer)
  refusePartial(whole, index)
  const { windows } = z
    .object({ aggregations: z.object({ windows: z.object({ buckets: z.record(z.string(), z.unknown()) }) }) })
    .parse(answer).aggregations
  const documents = z.array(answered).parse(Object.values(windows.buckets))
  const most = Math.max(...documents.map((window) => window.doc_count))
  if (most > 0 && documents.every((window) => window.answered.doc_count === 0))
    throw new Unanswerable(
      `Not one document in ${index} has the field ${statusField} (documents seen: ${most.toLocaleString('en-US')}): set statusField to the one that holds the status.`,
    )
  return new Map(Object.entries(windows.buckets).map(([key, found]) => [key, bucket.parse(found)]))
}

/** A part of the documents would be a smaller number that looks like a good one. */
function refusePartial(
  {
    timed_out: timedOut,
    _shards: { total, successful },
  }: { timed_out: boolean; _shards: z.infer<typeof shards> },
  index: string,
): void {
  if (timedOut)
    throw new Unanswerable(
      `Elasticsearch could not read all of ${index} in time: narrow the index or the window, or see what else it is doing.`,
    )
  if (total === 0)
    throw new Unanswerable(
      `Elasticsearch has no index ${index}: see its name, and whether the key may read it (the index privilege "read").`,
    )
  if (successful < total)
    throw new Unanswerable(
      `Elasticsearch could read only ${successful} of ${total} shards of ${index}: see the health of the cluster.`,
    )
}

/** Puts figures of windows back to their instants; where nothing can be on its way, both are the same. */
export function bySlot<Figures>(
  count: number,
  figuresOf: (key: string) => Figures | undefined,
): { early: Figures; settled: Figures }[] {
  return Array.from({ length: count }, (_, slot) => {
    const early = figuresOf(`early${slot}`)
    if (early === undefined) throw new Error(`window ${slot} was not answered`)
    return { early, settled: figuresOf(`settled${slot}`) ?? early }
  })
}
