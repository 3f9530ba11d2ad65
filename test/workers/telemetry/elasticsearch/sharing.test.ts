import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ElasticsearchQuestion } from '#engine/telemetry/elasticsearch.ts'
import { type FakeElasticsearch, fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'
import {
  connectElasticsearch,
  type ElasticsearchConnection,
} from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'

let elasticsearch: FakeElasticsearch
let connection: ElasticsearchConnection

const at = new Date('2026-01-31T12:00:00Z')
const appCount = 60

beforeEach(async () => {
  elasticsearch = await fakeElasticsearch()
  elasticsearch.addNode('data-1')
  connection = connectElasticsearch({ urls: [elasticsearch.url] })
  const fields = {
    '@timestamp': 'date',
    status: 'long',
    app: 'keyword',
    client: 'ip',
    words: 'text',
  } as const
  elasticsearch.addIndex('http-a', fields, { shards: 2 })
  elasticsearch.index(
    'http-a',
    Array.from({ length: 3000 }, (_, index) => ({
      '@timestamp': new Date(at.getTime() - (index % 1200) * 1000).toISOString(),
      status: [200, 404, 503, 200, 429][index % 5] ?? 200,
      app: `app-${(index * 7) % appCount}`,
      client: `192.0.2.${(index * index) % 40}`,
    })),
  )
})

afterEach(async () => {
  await connection.close()
  await elasticsearch.close()
})

const log = {
  environment: 'prod',
  index: 'http-a',
  timeField: '@timestamp',
  statusField: 'status',
  ingestDelaySeconds: 60,
}

/** One in ten about everybody, the others about an app each; of both kinds, through windows of 15 and 30 minutes. */
function questions(count: number): ElasticsearchQuestion[] {
  return Array.from({ length: count }, (_, index): ElasticsearchQuestion => {
    const only = { field: 'app', value: `app-${(index * 11) % appCount}` }
    const shared = { ...log, windowSeconds: index % 4 < 2 ? 900 : 1800, ...(index % 10 > 0 && { only }) }
    if (index % 2 === 0) return { ...shared, about: 'http-responses' }
    const around = (index * 13) % 300
    return { ...shared, about: 'http-clients', clientField: 'client', trustedHops: 0, around }
  })
}

const cluster = (['cluster-health', 'node-disks', 'shard-capacity'] as const).map((about) => ({
  about,
  environment: 'prod',
  windowSeconds: 0 as const,
}))

async function requestsFor(some: readonly ElasticsearchQuestion[]): Promise<number> {
  const before = elasticsearch.asked.length
  await elasticsearchTelemetry(connection).ask(some, at)
  return elasticsearch.asked.length - before
}

test('ten times the rules about the same documents make not one request more', async () => {
  const some = await requestsFor(questions(240))
  expect(some).toBeLessThanOrEqual(16)
  expect(await requestsFor(questions(2400))).toBe(some)
})

test('ten times the rules about a cluster make not one request more', async () => {
  const rules = (count: number) => Array.from({ length: count }, () => cluster).flat()
  expect(await requestsFor(rules(10))).toBe(3)
  expect(await requestsFor(rules(100))).toBe(3)
})

test('shared searches answer as one for each rule does', async () => {
  const all = questions(240)
  const together = await elasticsearchTelemetry(connection).ask(all, at)
  for (const [index, question] of all.entries())
    expect([question, together[index]]).toEqual([
      question,
      (await elasticsearchTelemetry(connection).ask([question], at))[0],
    ])
})

test('what jobs of one slot ask apart is counted once', async () => {
  const reader = elasticsearchTelemetry(connection)
  const [first, ...more] = questions(120).filter(({ about }) => about === 'http-responses')
  await reader.ask(first ? [first] : [], at)
  await Promise.all(more.map((question) => reader.ask([question], at)))
  await Promise.all(more.map((question) => reader.ask([question], at)))
  // Everybody's and by app, through two windows.
  expect(elasticsearch.asked.length).toBeLessThanOrEqual(5)
})

describe('a question that cannot be answered', () => {
  const byApp = (value: string) => ({
    ...log,
    about: 'http-responses' as const,
    windowSeconds: 900,
    only: { field: 'app', value },
  })

  test('is found without asking again', async () => {
    elasticsearch.index('http-a', [{ '@timestamp': at.toISOString(), app: 'mute' }])
    const reader = elasticsearchTelemetry(connection)
    const good = [byApp('app-1'), byApp('app-2'), byApp('app-3')]
    await expect(reader.ask([...good, byApp('mute')], at)).rejects.toThrow(
      'Not one document in http-a has the field status (documents seen: 1)',
    )
    expect(await reader.ask(good, at)).toHaveLength(3)
    await expect(reader.ask([byApp('mute')], at)).rejects.toThrow('has the field status')
    expect(elasticsearch.asked).toHaveLength(1)
  })

  test('a thousand rules about an index that is gone ask for it once', async () => {
    const reader = elasticsearchTelemetry(connection)
    const rules = Array.from({ length: 1000 }, (_, index) => ({ ...byApp(`app-${index}`), index: 'gone' }))
    await expect(reader.ask(rules, at)).rejects.toThrow('Elasticsearch has no index gone')
    const alone = await Promise.allSettled(rules.map((rule) => reader.ask([rule], at)))
    expect(new Set(alone.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(elasticsearch.asked).toHaveLength(1)
  })

  test('spoils nothing of those who look at other fields', async () => {
    const reader = elasticsearchTelemetry(connection)
    const wrong = {
      ...byApp('app-1'),
      about: 'http-clients' as const,
      clientField: 'words',
      trustedHops: 0,
      around: 5,
    }
    await expect(reader.ask([wrong], at)).rejects.toThrow('Fielddata is disabled on [words]')
    const right = { ...wrong, clientField: 'client' }
    expect(await reader.ask([right, byApp('app-1')], at)).toHaveLength(2)
  })
})
