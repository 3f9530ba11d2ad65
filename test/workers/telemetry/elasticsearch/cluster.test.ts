import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ElasticsearchQuestion } from '#engine/telemetry/elasticsearch.ts'
import { type FakeElasticsearch, fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'
import {
  connectElasticsearch,
  type ElasticsearchConnection,
} from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'

let elasticsearch: FakeElasticsearch
let connection: ElasticsearchConnection

beforeEach(async () => {
  elasticsearch = await fakeElasticsearch()
  connection = connectElasticsearch({ urls: [elasticsearch.url] })
})

afterEach(async () => {
  await connection.close()
  await elasticsearch.close()
})

async function answerTo(about: 'cluster-health' | 'node-disks' | 'shard-capacity') {
  const question: ElasticsearchQuestion = { about, environment: 'prod', windowSeconds: 0 }
  const [answer] = await elasticsearchTelemetry(connection).ask([question], new Date())
  return answer
}

const someField = { '@timestamp': 'date' } as const

test('a replica without a node makes it yellow, a lost primary red', async () => {
  elasticsearch.addNode('data-1')
  const index = elasticsearch.addIndex('a', someField, { shards: 3, replicas: 1 })
  expect(await answerTo('cluster-health')).toEqual({
    about: 'cluster-health',
    cluster: 'logging',
    colour: 'yellow',
    unassignedShards: 3,
    initializingShards: 0,
    nodes: 1,
  })
  elasticsearch.addNode('data-2')
  expect(await answerTo('cluster-health')).toMatchObject({ colour: 'green', unassignedShards: 0 })
  index.lost.add(0)
  expect(await answerTo('cluster-health')).toMatchObject({ colour: 'red', unassignedShards: 2 })
})

test('the disks of data nodes are looked at, whatever those are called', async () => {
  elasticsearch.addNode('tiger', { roles: ['data_hot'], totalBytes: 1000, availableBytes: 50 })
  elasticsearch.addNode('elasticsearch-data-0', { totalBytes: 1000, availableBytes: 500 })
  elasticsearch.addNode('elasticsearch-master-0', { roles: ['master'], totalBytes: 0, availableBytes: 0 })
  expect(await answerTo('node-disks')).toEqual({
    about: 'node-disks',
    nodes: [
      { name: 'tiger', used: 0.95, availableBytes: 50 },
      { name: 'elasticsearch-data-0', used: 0.5, availableBytes: 500 },
    ],
  })
})

test('every copy of a shard counts against the limit, assigned or not', async () => {
  elasticsearch.addNode('data-1')
  elasticsearch.addNode('master-1', { roles: ['master'] })
  elasticsearch.addIndex('a', someField, { shards: 3, replicas: 1 }).lost.add(0)
  expect(await answerTo('shard-capacity')).toEqual({
    about: 'shard-capacity',
    cluster: 'logging',
    used: 6,
    limit: 1000,
  })
})

test('the limit is the default, a lasting setting, or a passing one, which wins', async () => {
  elasticsearch.addNode('data-1')
  elasticsearch.addNode('data-2')
  expect(await answerTo('shard-capacity')).toMatchObject({ limit: 2000 })
  elasticsearch.cluster.persistent['cluster.max_shards_per_node'] = '1500'
  expect(await answerTo('shard-capacity')).toMatchObject({ limit: 3000 })
  elasticsearch.cluster.transient['cluster.max_shards_per_node'] = '700'
  expect(await answerTo('shard-capacity')).toMatchObject({ limit: 1400 })
})

test('the frozen tier has a limit of its own and is left out', async () => {
  elasticsearch.addNode('data-1')
  elasticsearch.addNode('frozen-1', { roles: ['data_frozen'], shards: 2 })
  elasticsearch.addIndex('a', someField, { shards: 5 })
  expect(await answerTo('shard-capacity')).toMatchObject({ used: 3, limit: 1000 })
})
