import type { estypes } from '@elastic/elasticsearch'
import { z } from 'zod'
import type {
  ClientFigures,
  HttpClientsAnswer,
  HttpClientsQuestion,
} from '#engine/telemetry/elasticsearch.ts'
import { Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { ElasticsearchConnection } from './connection.ts'
import {
  bySlot,
  type Cells,
  type Counted,
  mostBuckets,
  refuseUnanswered,
  searchWindows,
  sharedKey,
  type Whose,
  whose,
  windowsOf,
} from './http-log.ts'
import { type Find, shareSearch } from './share-search.ts'
import { hopField, hopMapping } from './trusted-hop.ts'

const terms = z.object({
  doc_count_error_upper_bound: z.number(),
  sum_other_doc_count: z.number(),
  buckets: z.array(
    z.object({
      key: z.string(),
      doc_count: z.number(),
      doc_count_error_upper_bound: z.number().optional(),
    }),
  ),
})

type Terms = z.infer<typeof terms>

const bucket = z.object({ rejected: z.object({ clients: terms }) })

type Rejected = z.infer<typeof bucket>

const mostClients = 1000

/** These clients of somebody and no others, which every shard then counts to the end. */
interface Recount {
  readonly of: Whose
  readonly clients: readonly string[]
}

interface Look {
  readonly count: Find<Whose, Cells<Rejected>>
  readonly recount: Find<Recount, Cells<Rejected>>
}

export type AnswerClients = (question: HttpClientsQuestion) => Promise<readonly HttpClientsAnswer[]>

/** Rules that look at the same log through the same window share their searches, whatever their thresholds and services. */
export function openClients(connection: ElasticsearchConnection, instants: readonly Date[]): AnswerClients {
  const looks = new Map<string, Look>()
  const lookFor = (question: HttpClientsQuestion): Look => {
    const key = sharedKey(question)
    const look = looks.get(key) ?? openLook(connection, question, instants)
    looks.set(key, look)
    return look
  }
  return async (question) => {
    const look = lookFor(question)
    const cells = await look.count(whose(question))
    refuseUnanswered(question, cells)
    const figures = new Map<string, ClientFigures>()
    for (const [key, { counts }] of cells) figures.set(key, figuresOf(counts.rejected.clients))
    // What was, is drawn; what is, decides. Only that is counted a second time.
    if (instants.length === 1)
      await Promise.all(
        [...cells].map(async ([key, { counts }]) => {
          const { clients } = counts.rejected
          if (clients.doc_count_error_upper_bound > 0)
            figures.set(key, await recount(look, question, key, clients))
        }),
      )
    return bySlot(instants.length, (key) => figures.get(key)).map((both) => ({
      about: 'http-clients',
      ...both,
    }))
  }
}

function openLook(
  connection: ElasticsearchConnection,
  log: HttpClientsQuestion,
  instants: readonly Date[],
): Look {
  const windows = windowsOf(log, instants)
  const size = Math.max(1, Math.min(mostClients, Math.floor(mostBuckets / windows.length)))
  const search = (some: readonly Whose[], clients: estypes.AggregationsTermsAggregation) =>
    searchWindows(connection, { log, windows, whose: some, counted: counted(log, clients) })
  return {
    count: shareSearch({
      search: (some) => search(some, { size, shard_size: size * 10 }),
      fit: () => Math.floor(mostBuckets / (size * windows.length)),
    }),
    recount: shareSearch({
      search: (some) => {
        const include = namesIn(some)
        return search(
          some.map((one) => one.of),
          { size: include.length, shard_size: include.length, include },
        )
      },
      fit: (waiting) => {
        const fits = (count: number) =>
          namesIn(waiting.slice(0, count)).length * count * windows.length <= mostBuckets
        let count = 1
        while (count < waiting.length && fits(count + 1)) count++
        return count
      },
    }),
  }
}

function namesIn(some: readonly Recount[]): string[] {
  return [...new Set(some.flatMap(({ clients }) => clients))]
}

function counted(
  { statusField, clientField, trustedHops }: HttpClientsQuestion,
  clients: estypes.AggregationsTermsAggregation,
): Counted<Rejected> {
  const field = trustedHops > 0 ? hopField : clientField
  return {
    aggregations: {
      rejected: {
        filter: { range: { [statusField]: { gte: 400, lt: 500 } } },
        aggs: { clients: { terms: { field, show_term_doc_count_error: true, ...clients } } },
      },
    },
    ...(trustedHops > 0 && { runtimeMappings: { [hopField]: hopMapping(clientField, trustedHops) } }),
    bucket,
  }
}

/**
 * Shards send their own first clients only, so counts may be too small by what the answer says. Whoever could be above the
 * limit with that is counted again, exactly; somebody nobody named could be above it only where the error alone is.
 */
async function recount(
  look: Look,
  question: HttpClientsQuestion,
  window: string,
  counts: Terms,
): Promise<ClientFigures> {
  const error = counts.doc_count_error_upper_bound
  const hot = counts.buckets.filter(
    (client) => client.doc_count + (client.doc_count_error_upper_bound ?? error) > question.around,
  )
  const clients = hot.map(({ key }) => key)
  const again = hot.length === 0 ? undefined : await look.recount({ of: whose(question), clients })
  const found = again?.get(window)?.counts.rejected.clients.buckets
  const exact = found?.filter(({ key }) => clients.includes(key))
  const isAnyAbove = exact?.some(({ doc_count: count }) => count > question.around) ?? false
  if (error > question.around && !isAnyAbove)
    throw new Unanswerable(
      `There are too many clients in ${question.index} to count each of them: name fewer indices, shorten the window or raise the threshold.`,
    )
  return figuresOf(exact ? { ...counts, buckets: exact } : counts)
}

function figuresOf({ buckets, sum_other_doc_count: others }: Terms): ClientFigures {
  return { clients: buckets.map(({ key, doc_count: rejected }) => ({ client: key, rejected })), others }
}
