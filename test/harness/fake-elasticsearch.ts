import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ElasticsearchApi } from '#workers/demo/elasticsearch/api.ts'
import type { MadeUpNode } from '#workers/demo/elasticsearch/cluster.ts'
import {
  addIndex,
  type Document,
  type FieldType,
  indexDocuments,
} from '#workers/demo/elasticsearch/indices.ts'
import { Refusal } from '#workers/demo/elasticsearch/refusal.ts'
import { readRequest, sendAnswer } from '#workers/demo/elasticsearch/serve.ts'
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

const refusals: Partial<Record<Ailment, Refusal>> = {
  crowded: new Refusal(429, 'es_rejected_execution_exception', 'rejected execution of search: queue is full'),
  masterless: new Refusal(503, 'master_not_discovered_exception', 'no master'),
}

/** The look-alike of the demo, and whatever can be wrong with it or on the way to it. */
export async function fakeElasticsearch({ major, apiKey }: FakeOptions = {}) {
  const api = new ElasticsearchApi({ name: 'logging', major, apiKey })
  const { cluster, privileges } = api
  let ailment: Ailment = 'well'
  const asked: { readonly path: string; readonly body: unknown }[] = []
  const waiting = new Set<ServerResponse>()

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    waiting.add(response)
    response.on('close', () => waiting.delete(response))
    if (ailment === 'hanging') return
    const request = await readRequest(incoming)
    asked.push({ path: request.path, body: request.body === '' ? undefined : JSON.parse(request.body) })
    const said = api.answer(request, { refusal: refusals[ailment], isLate: ailment === 'late' })
    const { 'x-elastic-product': _, ...headers } = said.headers
    switch (ailment) {
      case 'failing':
        return sendAnswer(response, { ...said, status: 502, body: { message: 'Bad Gateway' } })
      case 'babbling':
        return void response.writeHead(said.status, said.headers).end('<html>Please sign in</html>')
      case 'half':
        return sendAnswer(response, { ...said, body: said.status === 200 ? halfOf(said.body) : said.body })
      case 'no Elasticsearch':
        return sendAnswer(response, { ...said, headers })
      default:
        return sendAnswer(response, said)
    }
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
    addNode: (name: string, parts: Partial<MadeUpNode> = {}) => {
      const node: MadeUpNode = {
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
      parts: { shards?: number; replicas?: number } = {},
    ) => addIndex(cluster.indices, name, fields, parts),
    index: (name: string, documents: readonly Document[]) => {
      const index = cluster.indices.get(name)
      if (!index) throw new Error(`no index ${name}`)
      indexDocuments(index, documents)
    },
    close: async () => {
      for (const response of waiting) response.destroy()
      await close()
    },
  }
}

export type FakeElasticsearch = Awaited<ReturnType<typeof fakeElasticsearch>>

function halfOf(whole: object): object {
  const entries = Object.entries(whole)
  return Object.fromEntries(entries.slice(0, Math.floor(entries.length / 2)))
}
