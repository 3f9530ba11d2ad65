import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ElasticsearchQuestion } from '#engine/telemetry/elasticsearch.ts'
import { type Telemetry, TelemetryUnavailable, Unanswerable } from '#engine/telemetry/telemetry.ts'
import { type FakeElasticsearch, fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'
import { listen } from '#test/harness/slack-http.ts'
import {
  connectElasticsearch,
  type ElasticsearchConnection,
} from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'

let elasticsearch: FakeElasticsearch
const connections: ElasticsearchConnection[] = []

beforeEach(async () => {
  elasticsearch = await fakeElasticsearch({ apiKey: 'aWQ6a2V5' })
  elasticsearch.addNode('data-1')
  elasticsearch.addIndex('http_logs_a', { '@timestamp': 'date', responseCode: 'long', path: 'text' })
})

afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close()
  await elasticsearch.close()
})

const at = new Date('2026-01-31T12:00:00Z')

const health = { about: 'cluster-health', environment: 'prod', windowSeconds: 0 } as const
const disks = { ...health, about: 'node-disks' } as const
const shards = { ...health, about: 'shard-capacity' } as const
const responses = {
  about: 'http-responses',
  environment: 'prod',
  index: 'http_logs_a',
  timeField: '@timestamp',
  statusField: 'responseCode',
  windowSeconds: 900,
  ingestDelaySeconds: 60,
} as const
const clients = {
  ...responses,
  about: 'http-clients',
  clientField: 'path',
  trustedHops: 0,
  around: 500,
} as const

function connect(settings: { urls?: string[]; apiKey?: string } = {}): Telemetry {
  const { urls = [elasticsearch.url], apiKey = 'aWQ6a2V5' } = settings
  const connection = connectElasticsearch({ urls, apiKey, requestTimeoutMs: 300 })
  connections.push(connection)
  return elasticsearchTelemetry(connection)
}

async function failureOf(question: ElasticsearchQuestion, reader = connect()): Promise<Error> {
  try {
    await reader.ask([question], at)
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it was answered')
}

describe('a cluster that cannot be asked', () => {
  test.each([
    ['failing', 'unreachable', 'cannot be reached'],
    ['hanging', 'slow', 'did not answer in time'],
    ['crowded', 'overloaded', 'es_rejected_execution_exception: rejected execution of search: queue is full'],
    ['masterless', 'unreachable', 'master_not_discovered_exception'],
  ] as const)('%s', async (ailment, because, words) => {
    elasticsearch.become(ailment)
    for (const question of [health, responses]) {
      const error = await failureOf(question)
      expect(error).toBeInstanceOf(TelemetryUnavailable)
      expect(error).toMatchObject({ store: 'elasticsearch', because })
      expect(error.message).toContain(words)
    }
  })

  test('one that is not there at all', async () => {
    await elasticsearch.close()
    const error = await failureOf(health)
    expect(error).toMatchObject({ because: 'unreachable' })
    expect(error.message).toMatch(/^Elasticsearch at 127\.0\.0\.1:\d+ cannot be reached: see whether/)
    elasticsearch = await fakeElasticsearch()
  })

  test('a wrong key is told without the key', async () => {
    const error = await failureOf(health, connect({ apiKey: 'c2VjcmV0OnNlY3JldA==' }))
    expect(error).toMatchObject({ because: 'refused' })
    expect(error.message).toContain('does not know us: see ELASTICSEARCH_API_KEY')
    expect(error.message).not.toContain('c2Vj')
  })

  test('a name and a password in a URL are never told', async () => {
    const url = new URL(elasticsearch.url)
    const connection = connectElasticsearch({ urls: [`http://elastic:hunter2@${url.host}`] })
    connections.push(connection)
    const error = await failureOf(health, elasticsearchTelemetry(connection))
    expect(error.message).toContain(`Elasticsearch at ${url.host} does not know us`)
    expect(JSON.stringify([error.message, connection.where])).not.toContain('hunter2')
  })

  test('one dead node of two is not noticed', async () => {
    const gone = await listen(createServer())
    await gone.close()
    const reader = connect({ urls: [gone.origin, elasticsearch.url] })
    for (const seconds of [0, 1, 2, 3])
      expect(await reader.ask([health], new Date(at.getTime() + seconds * 1000))).toHaveLength(1)
  })
})

describe('a question that cannot be answered says why and what to do', () => {
  const refusals: [string, () => void, ElasticsearchQuestion, RegExp][] = [
    [
      'the cluster may not be looked at',
      () => (elasticsearch.privileges.monitor = false),
      health,
      /does not let us look at the cluster: grant the cluster privilege "monitor"/,
    ],
    [
      'an index that is not there',
      () => undefined,
      { ...responses, index: 'http_logz' },
      /Elasticsearch has no index http_logz: see its name, and whether the key may read it/,
    ],
    [
      'a pattern that nothing matches',
      () => undefined,
      { ...responses, index: 'nginx-*' },
      /Elasticsearch has no index nginx-\*/,
    ],
    [
      'an index that may not be read is as one that is not there',
      () => (elasticsearch.privileges.read = ['other-*']),
      responses,
      /Elasticsearch has no index http_logs_a: [^]*the index privilege "read"/,
    ],
    [
      'a part of the shards is no answer',
      () => {
        elasticsearch.addIndex('http_logs_a', { '@timestamp': 'date' }, { shards: 5 }).lost.add(3)
      },
      responses,
      /could read only 4 of 5 shards of http_logs_a: see the health of the cluster/,
    ],
    [
      'nor is what was found before the time was over',
      () => elasticsearch.become('late'),
      responses,
      /could not read all of http_logs_a in time: narrow the index or the window/,
    ],
    [
      'words instead of keys',
      () => undefined,
      clients,
      /refused the question: illegal_argument_exception: Fielddata is disabled on \[path\]/,
    ],
    [
      'a page instead of an answer',
      () => elasticsearch.become('babbling'),
      health,
      /gave an answer that is no JSON: see whether something stands between it and us/,
    ],
    [
      'half of the health',
      () => elasticsearch.become('half'),
      health,
      /gave an answer that could not be understood: [^]*initializing_shards/,
    ],
    [
      'half of a count',
      () => elasticsearch.become('half'),
      responses,
      /gave an answer that could not be understood: [^]*_shards|aggregations/,
    ],
    [
      'what is no Elasticsearch',
      () => elasticsearch.become('no Elasticsearch'),
      health,
      /is something else: see whether ELASTICSEARCH_URL names the cluster itself/,
    ],
    [
      'a node that does not say how full it is',
      () => elasticsearch.addNode('data-2', { silent: true }),
      disks,
      /1 of 2 nodes did not say how they are: see whether they are overloaded/,
    ],
    [
      'a disk of unknown size',
      () => elasticsearch.addNode('data-2', { totalBytes: -1, availableBytes: -1 }),
      disks,
      /Node data-2 does not know how large its disk is/,
    ],
    [
      'a limit that is no number',
      () => (elasticsearch.cluster.persistent['cluster.max_shards_per_node'] = 'many'),
      shards,
      /could not be understood/,
    ],
  ]

  test.each(refusals)('%s', async (_what, arrange, question, words) => {
    arrange()
    const error = await failureOf(question)
    expect(error).toBeInstanceOf(Unanswerable)
    expect(error.message).toMatch(words)
  })

  test('a status field that no document has is not "no failures"', async () => {
    elasticsearch.index('http_logs_a', [{ '@timestamp': at.getTime() - 100_000, path: '/login' }])
    expect((await failureOf({ ...responses, statusField: 'status' })).message).toBe(
      'Not one document in http_logs_a has the field status (documents seen: 1): set statusField to the one that holds the status.',
    )
  })
})

describe('versions', () => {
  test.each([8, 9] as const)('a server of version %d understands the client', async (major) => {
    const server = await fakeElasticsearch({ major })
    server.addNode('data-1')
    const reader = connect({ urls: [server.url] })
    expect(await reader.ask([health], at)).toMatchObject([{ colour: 'green' }])
    server.addIndex('http_logs_a', { '@timestamp': 'date', responseCode: 'long' })
    expect(await reader.ask([responses], at)).toMatchObject([{ settled: { count: 0, failed: 0 } }])
    await server.close()
  })
})

describe('one look at the cluster for all that ask in a tick', () => {
  test('however many they are, and again for the next', async () => {
    const reader = connect()
    await Promise.all([reader.ask([health, disks, shards], at), reader.ask([shards, health], at)])
    expect(elasticsearch.asked.map(({ path }) => path).sort()).toEqual([
      '/_cluster/health',
      '/_cluster/settings',
      '/_nodes/stats/fs,indices/shard_stats',
    ])
    await reader.ask([health], new Date(at.getTime() + 15_000))
    expect(elasticsearch.asked).toHaveLength(4)
  })

  test('nothing is fetched that nobody asks about', async () => {
    await connect().ask([health], at)
    expect(elasticsearch.asked).toHaveLength(1)
  })
})
