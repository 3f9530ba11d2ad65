import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { estypes } from '@elastic/elasticsearch'
import {
  type FakeCluster,
  type FakeNode,
  healthOf,
  nodesStatsOf,
  settingsOf,
} from './fake-elasticsearch-cluster.ts'
import { type Document, type FieldType, matches, resolveIndices } from './fake-elasticsearch-indices.ts'
import { Refusal } from './fake-elasticsearch-refusal.ts'
import { search } from './fake-elasticsearch-search.ts'
import { listen } from './slack-http.ts'

/**
 * `failing`: a proxy before it answers. `hanging`: nobody does. `crowded`: its queues are full. `masterless`: nobody leads.
 * `late`: it answers with what it had when its time was over. `babbling`: what comes is no JSON; `half`: half of an answer.
 */
type Ailment =
  | 'well'
  | 'failing'
  | 'hanging'
  | 'crowded'
  | 'masterless'
  | 'late'
  | 'babbling'
  | 'half'
  | 'no Elasticsearch'

interface FakeOptions {
  /** Which version it passes for: 8 does not understand what a client of 9 says. */
  readonly major?: 8 | 9
  /** Without one everybody may come in. */
  readonly apiKey?: string
}

/** No Elasticsearch: a small server that keeps documents and nodes, and computes what is asked of it as Elasticsearch does. */
export async function fakeElasticsearch({ major = 8, apiKey }: FakeOptions = {}) {
  const cluster: FakeCluster = {
    name: 'logging',
    nodes: new Map(),
    indices: new Map(),
    transient: {},
    persistent: {},
  }
  let ailment: Ailment = 'well'
  const privileges = { monitor: true, read: ['*'] }
  const asked: { readonly path: string; readonly body: unknown }[] = []
  const waiting = new Set<ServerResponse>()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    waiting.add(response)
    response.on('close', () => waiting.delete(response))
    if (ailment === 'hanging') return
    const body = await text(request)
    const url = new URL(request.url ?? '/', 'http://fake')
    asked.push({ path: decodeURIComponent(url.pathname), body: body === '' ? undefined : JSON.parse(body) })
    const { status, said } = judged(() => {
      admit(request, body !== '')
      return reply(`${request.method} ${decodeURIComponent(url.pathname)}`, url.searchParams, body)
    })
    response.writeHead(status, {
      'content-type': `application/vnd.elasticsearch+json;compatible-with=${Math.min(major, 8)}`,
      ...(ailment !== 'no Elasticsearch' && { 'x-elastic-product': 'Elasticsearch' }),
    })
    const json = ailment === 'babbling' ? '<html>Please sign in</html>' : JSON.stringify(said)
    response.end(json)
  }

  function judged(action: () => object): { status: number; said: object } {
    if (ailment === 'failing') return { status: 502, said: { message: 'Bad Gateway' } }
    try {
      const said = action()
      return { status: 200, said: ailment === 'half' ? halfOf(said) : said }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: error.status, said: error.body }
    }
  }

  function admit({ headers }: IncomingMessage, hasBody: boolean): void {
    for (const type of [headers.accept, hasBody ? headers['content-type'] : undefined]) {
      const wanted = /compatible-with=(\d+)/.exec(type ?? '')?.[1]
      if (wanted !== undefined && Number(wanted) !== major && Number(wanted) !== major - 1)
        throw new Refusal(
          400,
          'media_type_header_exception',
          `Invalid media-type value on headers [Accept, Content-Type]: ${wanted}`,
        )
    }
    if (apiKey !== undefined && headers.authorization !== `ApiKey ${apiKey}`)
      throw new Refusal(401, 'security_exception', 'unable to authenticate with provided credentials')
    if (ailment === 'crowded')
      throw new Refusal(429, 'es_rejected_execution_exception', 'rejected execution of search: queue is full')
    if (ailment === 'masterless') throw new Refusal(503, 'master_not_discovered_exception', 'no master')
  }

  function reply(line: string, parameters: URLSearchParams, body: string): object {
    const place = /^POST \/(.+)\/_search$/.exec(line)?.[1]
    if (place !== undefined) return replySearch(place, parameters, body)
    const route = clusterRoutes[line]
    if (!route) throw new Refusal(400, 'illegal_argument_exception', `no handler found for uri [${line}]`)
    onlyParameters(line, parameters, route.parameters)
    if (!privileges.monitor)
      throw new Refusal(
        403,
        'security_exception',
        `action [${route.action}] is unauthorized for this user, this action is granted by the cluster privileges [monitor]`,
      )
    return route.answer(cluster)
  }

  function replySearch(place: string, parameters: URLSearchParams, body: string): object {
    onlyParameters('/_search', parameters, ['ignore_unavailable', 'allow_no_indices'])
    const indices = resolveIndices(cluster.indices, place, {
      ignoreUnavailable: parameters.get('ignore_unavailable') === 'true',
      allowNoIndices: parameters.get('allow_no_indices') !== 'false',
      mayRead: (name) => privileges.read.some((pattern) => matches(pattern, name)),
    })
    return search(indices, JSON.parse(body) as estypes.SearchRequest, ailment === 'late')
  }

  const server = createServer((request, response) => void answer(request, response))
  const { origin, close } = await listen(server)
  return {
    url: origin,
    cluster,
    privileges,
    /** What it was asked, in order. */
    asked,
    become: (next: Ailment) => {
      ailment = next
    },
    addNode: (name: string, parts: Partial<FakeNode> = {}) => {
      const node: FakeNode = {
        name,
        roles: ['data', 'ingest'],
        totalBytes: 1024 ** 4,
        availableBytes: 0.9 * 1024 ** 4,
        ...parts,
      }
      cluster.nodes.set(name, node)
      return node
    },
    addIndex: (
      name: string,
      fields: Readonly<Record<string, FieldType>>,
      { shards = 1, replicas = 0 }: { shards?: number; replicas?: number } = {},
    ) => {
      const index = {
        name,
        fields,
        shards: Array.from({ length: shards }, (): Document[] => []),
        replicas,
        lost: new Set<number>(),
      }
      cluster.indices.set(name, index)
      return index
    },
    /** Documents go to the shards by turns. */
    index: (name: string, documents: readonly Document[]) => {
      const index = cluster.indices.get(name)
      if (!index) throw new Error(`no index ${name}`)
      for (const [place, document] of documents.entries())
        index.shards[place % index.shards.length]?.push(document)
    },
    close: async () => {
      for (const response of waiting) response.destroy()
      await close()
    },
  }
}

export type FakeElasticsearch = Awaited<ReturnType<typeof fakeElasticsearch>>

interface ClusterRoute {
  readonly action: string
  readonly parameters: readonly string[]
  readonly answer: (cluster: FakeCluster) => object
}

const clusterRoutes: Readonly<Record<string, ClusterRoute>> = {
  'GET /_cluster/health': {
    action: 'cluster:monitor/health',
    parameters: ['master_timeout', 'timeout'],
    answer: healthOf,
  },
  'GET /_nodes/stats/fs,indices/shard_stats': {
    action: 'cluster:monitor/nodes/stats',
    parameters: ['timeout'],
    answer: nodesStatsOf,
  },
  'GET /_cluster/settings': {
    action: 'cluster:monitor/settings',
    parameters: ['include_defaults', 'flat_settings', 'master_timeout'],
    answer: settingsOf,
  },
}

function onlyParameters(line: string, parameters: URLSearchParams, known: readonly string[]): void {
  const unknown = [...parameters.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Refusal(
      400,
      'illegal_argument_exception',
      `request [${line}] contains unrecognized parameter: [${unknown}]`,
    )
}

function halfOf(whole: object): object {
  const entries = Object.entries(whole)
  return Object.fromEntries(entries.slice(0, Math.floor(entries.length / 2)))
}
