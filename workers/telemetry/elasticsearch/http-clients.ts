import type { estypes } from '@elastic/elasticsearch'
import { z } from 'zod'
import type {
  ClientFigures,
  HttpClientsAnswer,
  HttpClientsQuestion,
} from '#engine/telemetry/elasticsearch.ts'
import { Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { ElasticsearchConnection } from './connection.ts'
import { type Counted, bySlot, searchWindows, type Window, windowsOf } from './http-log.ts'
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

/** Below Elasticsearch's own limit of 65,536 buckets in an answer, over all windows. */
const mostBuckets = 40_000
const mostClients = 1000

export async function answerClients(
  connection: ElasticsearchConnection,
  question: HttpClientsQuestion,
  instants: readonly Date[],
): Promise<HttpClientsAnswer[]> {
  const windows = windowsOf(question, instants)
  const found = await countClients(connection, question, windows)
  const figures = new Map<string, ClientFigures>()
  for (const [key, counts] of found) figures.set(key, figuresOf(counts))
  // What was, is drawn; what is, decides. Only that is counted a second time.
  if (instants.length === 1)
    for (const window of windows) {
      const counts = found.get(window.key)
      if (counts && counts.doc_count_error_upper_bound > 0)
        figures.set(window.key, await recount(connection, question, window, counts))
    }
  return bySlot(instants.length, (key) => figures.get(key)).map((both) => ({
    about: 'http-clients',
    ...both,
  }))
}

async function countClients(
  connection: ElasticsearchConnection,
  question: HttpClientsQuestion,
  windows: readonly Window[],
  exactly?: readonly string[],
): Promise<ReadonlyMap<string, Terms>> {
  const found = await searchWindows(connection, question, windows, {
    ...counted(question, windows.length, exactly),
    bucket,
  })
  return new Map([...found].map(([key, { rejected }]) => [key, rejected.clients]))
}

/** `exactly`: these clients and no others, which every shard then counts to the end. */
function counted(question: HttpClientsQuestion, windows: number, exactly?: readonly string[]): Counted {
  const { statusField, clientField, trustedHops } = question
  const size = exactly?.length ?? Math.max(1, Math.min(mostClients, Math.floor(mostBuckets / windows)))
  const clients: estypes.AggregationsTermsAggregation = {
    field: trustedHops > 0 ? hopField : clientField,
    size,
    shard_size: exactly?.length ?? size * 10,
    show_term_doc_count_error: true,
    ...(exactly && { include: [...exactly] }),
  }
  return {
    aggregations: {
      rejected: {
        filter: { range: { [statusField]: { gte: 400, lt: 500 } } },
        aggs: { clients: { terms: clients } },
      },
    },
    ...(trustedHops > 0 && { runtimeMappings: { [hopField]: hopMapping(clientField, trustedHops) } }),
  }
}

/**
 * Shards send their own first clients only, so counts may be too small by what the answer says. Whoever could be above the
 * limit with that is counted again, exactly; somebody nobody named could be above it only where the error alone is.
 */
async function recount(
  connection: ElasticsearchConnection,
  question: HttpClientsQuestion,
  window: Window,
  counts: Terms,
): Promise<ClientFigures> {
  const error = counts.doc_count_error_upper_bound
  const hot = counts.buckets.filter(
    (client) => client.doc_count + (client.doc_count_error_upper_bound ?? error) > question.around,
  )
  const exact =
    hot.length === 0
      ? undefined
      : (
          await countClients(
            connection,
            question,
            [window],
            hot.map(({ key }) => key),
          )
        ).get(window.key)
  const isAnyAbove = exact?.buckets.some(({ doc_count: count }) => count > question.around) ?? false
  if (error > question.around && !isAnyAbove)
    throw new Unanswerable(
      `There are too many clients in ${question.index} to count each of them: name fewer indices, shorten the window or raise the threshold.`,
    )
  return figuresOf(exact ? { ...exact, sum_other_doc_count: counts.sum_other_doc_count } : counts)
}

function figuresOf({ buckets, sum_other_doc_count: others }: Terms): ClientFigures {
  return { clients: buckets.map(({ key, doc_count: rejected }) => ({ client: key, rejected })), others }
}
