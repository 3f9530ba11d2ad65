import type { estypes } from '@elastic/elasticsearch'
import { z } from 'zod'
import type { HttpClientsQuestion, HttpLog, HttpResponsesQuestion } from '#engine/telemetry/elasticsearch.ts'
import { Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { ElasticsearchConnection } from './connection.ts'

export type HttpLogQuestion = HttpResponsesQuestion | HttpClientsQuestion

/** Whose documents are looked at; null = everybody's. */
export type Whose = NonNullable<HttpLog['only']> | null

export function whose({ only }: HttpLogQuestion): Whose {
  return only ?? null
}

/** The same for questions that one search can answer: they differ in whose documents they are about, or in what is made of the counts. */
export function sharedKey(question: HttpLogQuestion): string {
  const { environment: _anyone, only, ...log } = question
  // What a field cannot be asked for spoils the search of those alone who ask for it.
  return JSON.stringify([{ ...log, around: null }, only?.field])
}

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
export interface Counted<Bucket> {
  readonly aggregations: Record<string, estypes.AggregationsAggregationContainer>
  readonly runtimeMappings?: estypes.MappingRuntimeFields
  readonly bucket: z.ZodType<Bucket>
}

/** What was counted over one window, of so many documents; of those `answered` say how the request was answered. */
interface Cell<Bucket> {
  readonly documents: number
  readonly answered: number
  readonly counts: Bucket
}

/** By the keys of the windows. */
export type Cells<Bucket> = ReadonlyMap<string, Cell<Bucket>>

/** Below Elasticsearch's own limit of 65,536 buckets in an answer. */
export const mostBuckets = 40_000

/** Terms in a query beyond these narrow nothing. */
const mostNamed = 1000

interface Searching<Bucket> {
  readonly log: Pick<HttpLogQuestion, 'index' | 'timeField' | 'statusField'>
  readonly windows: readonly Window[]
  readonly whose: readonly Whose[]
  readonly counted: Counted<Bucket>
}

/**
 * One search for all windows, of everybody who is named and apart from each other. Nothing is read but counts of buckets: those are
 * exact, where the total of the hits ends at 10,000. Buckets hold from ≤ t < to, so a millisecond makes them from < t ≤ to.
 */
export async function searchWindows<Bucket>(
  { client, requestTimeoutMs }: ElasticsearchConnection,
  { log: { index, timeField, statusField }, windows, whose, counted }: Searching<Bucket>,
): Promise<readonly Cells<Bucket>[]> {
  const { aggregations, runtimeMappings, bucket } = counted
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
        filter: [{ range: { [timeField]: { gt: from, lte: to, format: 'epoch_millis' } } }, ...named(whose)],
      },
    },
    aggs: {
      whose: {
        filters: { filters: Object.fromEntries(whose.map((one, place) => [`of${place}`, isOf(one)])) },
        aggs: {
          windows: {
            date_range: {
              field: timeField,
              format: 'epoch_millis',
              keyed: true,
              ranges: windows.map(({ key, from: after, to: last }) => ({
                key,
                from: after + 1,
                to: last + 1,
              })),
            },
            aggs: { answered: { filter: { exists: { field: statusField } } }, ...aggregations },
          },
        },
      },
    },
  })
  const found = readCells(answer, index, bucket)
  return whose.map((_one, place) => found.get(`of${place}`) ?? new Map())
}

function isOf(one: Whose): estypes.QueryDslQueryContainer {
  return one === null ? { bool: { filter: [] } } : { term: { [one.field]: one.value } }
}

/** What nobody is named in need not be looked at. */
function named(whose: readonly Whose[]): estypes.QueryDslQueryContainer[] {
  const [first] = whose
  if (!first || whose.length > mostNamed) return []
  const values = whose.flatMap((one) => (one?.field === first.field ? one.value : []))
  return values.length < whose.length ? [] : [{ terms: { [first.field]: values } }]
}

const shards = z.object({ total: z.number(), successful: z.number(), failed: z.number() })

const cell = z.object({ doc_count: z.number(), answered: z.object({ doc_count: z.number() }) })

const counts = z.object({
  aggregations: z.object({
    whose: z.object({
      buckets: z.record(
        z.string(),
        z.object({ windows: z.object({ buckets: z.record(z.string(), z.unknown()) }) }),
      ),
    }),
  }),
})

function readCells<Bucket>(answer: unknown, index: string, bucket: z.ZodType<Bucket>) {
  const whole = z.object({ timed_out: z.boolean(), _shards: shards }).parse(answer)
  refusePartial(whole, index)
  const { buckets } = counts.parse(answer).aggregations.whose
  const read = (found: unknown): Cell<Bucket> => {
    const { doc_count: documents, answered } = cell.parse(found)
    return { documents, answered: answered.doc_count, counts: bucket.parse(found) }
  }
  return new Map(
    Object.entries(buckets).map(([key, { windows }]) => [
      key,
      new Map(Object.entries(windows.buckets).map(([window, found]) => [window, read(found)])),
    ]),
  )
}

/** A field that no document has would make everything look well. */
export function refuseUnanswered({ index, statusField }: HttpLogQuestion, cells: Cells<unknown>): void {
  const all = [...cells.values()]
  const most = Math.max(...all.map(({ documents }) => documents))
  if (most > 0 && all.every(({ answered }) => answered === 0))
    throw new Unanswerable(
      `Not one document in ${index} has the field ${statusField} (documents seen: ${most.toLocaleString('en-US')}): set statusField to the one that holds the status.`,
    )
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
