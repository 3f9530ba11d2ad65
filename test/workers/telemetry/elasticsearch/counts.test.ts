import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HttpClientsQuestion, HttpResponsesQuestion } from '#engine/telemetry/elasticsearch.ts'
import { slotInstant, type Telemetry } from '#engine/telemetry/telemetry.ts'
import { type FakeElasticsearch, fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'
import {
  connectElasticsearch,
  type ElasticsearchConnection,
} from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'

let elasticsearch: FakeElasticsearch
let connection: ElasticsearchConnection
let reader: Telemetry

beforeEach(async () => {
  elasticsearch = await fakeElasticsearch()
  connection = connectElasticsearch({ urls: [elasticsearch.url] })
  reader = elasticsearchTelemetry(connection)
})

afterEach(async () => {
  await connection.close()
  await elasticsearch.close()
})

const at = new Date('2026-01-31T12:00:00Z')

const responses: HttpResponsesQuestion = {
  about: 'http-responses',
  environment: 'prod',
  index: 'http_logs_*',
  timeField: '@timestamp',
  statusField: 'responseCode',
  windowSeconds: 900,
  ingestDelaySeconds: 60,
}

const clients: HttpClientsQuestion = {
  ...responses,
  about: 'http-clients',
  clientField: 'clientIp',
  trustedHops: 0,
  around: 500,
}

const fields = { '@timestamp': 'date', responseCode: 'long', app: 'keyword', clientIp: 'ip' } as const

function ago(seconds: number): string {
  return new Date(at.getTime() - seconds * 1000).toISOString()
}

const aDocument = fc.record({
  '@timestamp': fc.integer({ min: -5, max: 1000 }).map(ago),
  responseCode: fc.constantFrom(200, 399, 400, 404, 499, 500, 503, 599),
  app: fc.constantFrom('orders', 'payments'),
  clientIp: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1'),
})

type Doc = typeof aDocument extends fc.Arbitrary<infer D> ? D : never

/** What Elasticsearch must count, said in a plain loop: from < t ≤ to. */
function within(documents: readonly Doc[], end: number, app?: string): Doc[] {
  return documents.filter((document) => {
    const t = new Date(document['@timestamp']).getTime()
    return t > end - 900_000 && t <= end && (app === undefined || document.app === app)
  })
}

function countResponses(documents: readonly Doc[], end: number, app?: string) {
  const found = within(documents, end, app)
  return { count: found.length, failed: found.filter(({ responseCode }) => responseCode >= 500).length }
}

function countClients(documents: readonly Doc[], end: number) {
  const rejected = within(documents, end).filter(({ responseCode: code }) => code >= 400 && code <= 499)
  const counts = [...Map.groupBy(rejected, ({ clientIp }) => clientIp)].map(([client, some]) => ({
    client,
    rejected: some.length,
  }))
  return counts.sort((one, other) => other.rejected - one.rejected || (one.client < other.client ? -1 : 1))
}

describe('what is counted is what a plain loop over the documents finds', () => {
  const someDocuments = fc.array(aDocument, { minLength: 1, maxLength: 80 })

  test('for an instant, early and settled, of all services and of one', async () => {
    await fc.assert(
      fc.asyncProperty(someDocuments, fc.integer({ min: 1, max: 4 }), async (documents, shards) => {
        elasticsearch.addIndex('http_logs_a', fields, { shards })
        elasticsearch.index('http_logs_a', documents)
        const only = { field: 'app', value: 'orders' }
        // What was counted for an instant is not counted again.
        const fresh = elasticsearchTelemetry(connection)
        const [all, one, by] = await fresh.ask([responses, { ...responses, only }, clients], at)
        const [now, settled] = [at.getTime(), at.getTime() - 60_000]
        expect(all).toMatchObject({
          early: countResponses(documents, now),
          settled: countResponses(documents, settled),
        })
        expect(one).toMatchObject({
          early: countResponses(documents, now, 'orders'),
          settled: countResponses(documents, settled, 'orders'),
        })
        expect(by).toMatchObject({
          early: { clients: countClients(documents, now), others: 0 },
          settled: { clients: countClients(documents, settled), others: 0 },
        })
      }),
      { numRuns: 60 },
    )
  })

  test('for many instants at once', async () => {
    await fc.assert(
      fc.asyncProperty(someDocuments, async (documents) => {
        elasticsearch.addIndex('http_logs_a', fields, { shards: 2 })
        elasticsearch.index('http_logs_a', documents)
        const slots = { from: new Date(at.getTime() - 119 * 7000), stepSeconds: 7, count: 120 }
        const traced = await reader.trace(responses, slots)
        expect(traced).toEqual(
          Array.from({ length: 120 }, (_, slot) => {
            const end = slotInstant(slots, slot).getTime()
            return {
              about: 'http-responses',
              early: countResponses(documents, end),
              settled: countResponses(documents, end - 60_000),
            }
          }),
        )
        const who = await reader.trace({ ...clients, ingestDelaySeconds: 0 }, slots)
        expect(who.at(-1)).toMatchObject({ early: { clients: countClients(documents, at.getTime()) } })
      }),
      { numRuns: 20 },
    )
  })
})

function times<T>(count: number, one: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => one(index))
}

test('totals above 10,000 are counted to the end: 3,000 failures of 50,000 are 6 %, not 30 %', async () => {
  elasticsearch.addIndex('http_logs_a', fields, { shards: 5 })
  elasticsearch.index(
    'http_logs_a',
    times(50_000, (index) => ({ '@timestamp': ago(100), responseCode: index < 3000 ? 500 : 200 })),
  )
  const [answer] = await reader.ask([responses], at)
  expect(answer).toMatchObject({ settled: { count: 50_000, failed: 3000 } })
})

test('documents of yesterday’s index and of today’s are counted alike, whatever zone this machine is in', async () => {
  for (const day of ['2026.01.30', '2026.01.31']) {
    elasticsearch.addIndex(`http_logs_view-${day}`, fields)
    elasticsearch.index(`http_logs_view-${day}`, [{ '@timestamp': ago(100), responseCode: 500 }])
  }
  expect(await reader.ask([responses], at)).toMatchObject([{ settled: { count: 2, failed: 2 } }])
})

describe('clients beyond those that are listed', () => {
  const crowd = (shard: number) => (index: number) => ({
    '@timestamp': ago(100),
    responseCode: 404,
    clientIp: `10.${shard}.${Math.floor(index / 250)}.${index % 250}`,
  })

  test('an address that no shard puts first is counted to its end', async () => {
    // On each of two shards 10,005 others have 3 each; our scanner has 2 and 600.
    const index = elasticsearch.addIndex('http_logs_a', fields, { shards: 2 })
    for (const [shard, documents] of index.shards.entries()) {
      for (const one of times(10_005, crowd(shard))) documents.push(one, one, one)
    }
    const scanner = { '@timestamp': ago(100), responseCode: 404, clientIp: '203.0.113.7' }
    index.shards[0]?.push(...times(600, () => scanner))
    index.shards[1]?.push(scanner, scanner)
    const [answer] = await reader.ask([{ ...clients, ingestDelaySeconds: 0 }], at)
    expect(answer).toMatchObject({ settled: { clients: [{ client: '203.0.113.7', rejected: 602 }] } })
    expect(elasticsearch.asked).toHaveLength(2)
  })

  test('where the error alone is above the limit nobody is called innocent', async () => {
    const index = elasticsearch.addIndex('http_logs_a', fields, { shards: 2 })
    for (const [shard, documents] of index.shards.entries())
      for (const one of times(10_005, crowd(shard))) documents.push(one, one, one)
    await expect(reader.ask([{ ...clients, around: 5 }], at)).rejects.toThrow(
      'There are too many clients in http_logs_* to count each of them: name fewer indices, shorten the window or raise the threshold.',
    )
  })
})

describe('X-Forwarded-For', () => {
  const behindOne = { ...clients, clientField: 'forwarded', trustedHops: 1, ingestDelaySeconds: 0 }
  const seen = (...forwarded: string[]) => {
    elasticsearch.addIndex('http_logs_a', { ...fields, forwarded: 'keyword' })
    elasticsearch.index(
      'http_logs_a',
      forwarded.map((header) => ({ '@timestamp': ago(100), responseCode: 404, forwarded: header })),
    )
  }
  const found = async (question: HttpClientsQuestion) => {
    const [answer] = await reader.ask([question], at)
    return answer?.about === 'http-clients' ? answer.settled.clients : []
  }

  test('an address a client wrote itself neither frames nor hides anybody', async () => {
    seen(...times(600, (index) => `198.51.100.${index % 200}, 203.0.113.7`))
    expect(await found(behindOne)).toEqual([{ client: '203.0.113.7', rejected: 600 }])
  })

  test.each<[string, number, string, string]>([
    ['the last of one proxy', 1, '192.0.2.1, 203.0.113.7', '203.0.113.7'],
    ['the last but one of two', 2, '192.0.2.1, 203.0.113.7, 10.0.0.1', '203.0.113.7'],
    ['the first where there are fewer', 3, '203.0.113.7, 10.0.0.1', '203.0.113.7'],
    ['without a port', 1, '192.0.2.1, 203.0.113.7:52044', '203.0.113.7'],
    ['without brackets', 1, '[2001:db8::1]:52044', '2001:db8::1'],
    ['IPv6 as it is', 1, '192.0.2.1,2001:db8::1', '2001:db8::1'],
  ])('%s', async (_what, trustedHops, header, client) => {
    seen(header)
    expect(await found({ ...behindOne, trustedHops })).toEqual([{ client, rejected: 1 }])
  })

  test('without trusted hops the field is taken as it stands', async () => {
    seen('203.0.113.7')
    expect(await found({ ...behindOne, trustedHops: 0 })).toEqual([{ client: '203.0.113.7', rejected: 1 }])
  })
})
