import { Client, type estypes } from '@elastic/elasticsearch'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeElasticsearch, fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'

/** The traps of the real one, as its documentation tells of them: what passes here shall not stumble there. */
let elasticsearch: FakeElasticsearch
let client: Client

beforeEach(async () => {
  elasticsearch = await fakeElasticsearch()
  client = new Client({ node: elasticsearch.url, maxRetries: 0 })
  elasticsearch.addIndex(
    'logs',
    { status: 'keyword', name: 'keyword', words: 'text', at: 'date' },
    { shards: 3 },
  )
})

afterEach(async () => {
  await client.close()
  await elasticsearch.close()
})

function index(count: number, one: (place: number) => Record<string, string | number>): void {
  elasticsearch.index(
    'logs',
    Array.from({ length: count }, (_, place) => one(place)),
  )
}

async function refusalOf(body: object, where = 'logs'): Promise<string> {
  try {
    await client.search({ index: where, size: 0, ...body })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'none'
}

test('the total of the hits ends at 10,000 unless it is asked to go on', async () => {
  index(10_001, () => ({ name: 'a' }))
  const total = async (body: object) => (await client.search({ index: 'logs', size: 0, ...body })).hits.total
  expect(await total({})).toEqual({ value: 10_000, relation: 'gte' })
  expect(await total({ track_total_hits: true })).toEqual({ value: 10_001, relation: 'eq' })
  expect(await total({ track_total_hits: false })).toBeUndefined()
})

test('terms are ten unless more are asked for, and shards that are asked for few count few', async () => {
  index(100, (place) => ({ name: `n${place % 20}` }))
  const terms = async (agg: estypes.AggregationsTermsAggregation) => {
    const answer = await client.search<unknown, { who: estypes.AggregationsStringTermsAggregate }>({
      index: 'logs',
      size: 0,
      aggs: { who: { terms: { field: 'name', ...agg } } },
    })
    return answer.aggregations?.who
  }
  expect((await terms({}))?.buckets).toHaveLength(10)
  expect(await terms({ size: 100 })).toMatchObject({ doc_count_error_upper_bound: 0, sum_other_doc_count: 0 })
  expect((await terms({ size: 1, shard_size: 1 }))?.doc_count_error_upper_bound).toBeGreaterThan(0)
})

test('a document with several dates is in every range that one of them meets, and in each once', async () => {
  elasticsearch.index('logs', [{ at: ['2026-01-01', '2026-01-02', '2026-02-01'] }, { name: 'without' }])
  const range = (key: string, from: string, to: string) => ({
    key,
    from: Date.parse(from),
    to: Date.parse(to),
  })
  const ranges = [
    range('january', '2026-01-01', '2026-02-01'),
    range('february', '2026-02-01', '2026-03-01'),
    range('march', '2026-03-01', '2026-04-01'),
  ]
  const aggs = { when: { date_range: { field: 'at', format: 'epoch_millis', keyed: true, ranges } } }
  const { aggregations } = await client.search({ index: 'logs', size: 0, aggs })
  expect(aggregations).toMatchObject({
    when: {
      buckets: { january: { doc_count: 1 }, february: { doc_count: 1 }, march: { doc_count: 0 } },
    },
  })
})

test('keywords are compared as text: 60 is after 500', async () => {
  index(1, () => ({ status: '60' }))
  const query = { range: { status: { gte: '500' } } }
  const found = await client.search({ index: 'logs', size: 0, query, track_total_hits: true })
  expect(found.hits.total).toMatchObject({ value: 1 })
})

test('a term meets the words of a text, and not the text', async () => {
  index(1, () => ({ words: 'Payment-Service' }))
  const count = async (term: string) =>
    (await client.search({ index: 'logs', size: 0, query: { term: { words: term } } })).hits.total
  expect(await count('Payment-Service')).toMatchObject({ value: 0 })
  expect(await count('payment')).toMatchObject({ value: 1 })
})

describe('what it does not know it refuses', () => {
  test.each<[string, object, string]>([
    ['a query', { query: { match_everything: {} } }, 'unknown query [match_everything]'],
    ['a word in a query', { query: { range: { at: { from: 1 } } } }, '[range] does not support [from]'],
    ['a word in a search', { aggregatoins: {} }, 'contains unrecognized parameter: [aggregatoins]'],
    [
      'a word in an aggregation',
      { aggs: { a: { terms: { feild: 'name' } } } },
      '[terms] does not support [feild]',
    ],
    [
      'to aggregate words',
      { aggs: { a: { terms: { field: 'words' } } } },
      'Fielddata is disabled on [words]',
    ],
    [
      'a script it does not know',
      { runtime_mappings: { x: { type: 'keyword', script: { source: "emit('1')" } } } },
      'script_exception',
    ],
    [
      'more buckets than fit',
      {
        aggs: {
          a: {
            date_range: {
              field: 'at',
              format: 'epoch_millis',
              ranges: Array.from({ length: 65_537 }, (_, from) => ({ from, to: from + 1 })),
            },
          },
        },
      },
      'Trying to create too many buckets',
    ],
  ])('%s', async (_what, body, words) => {
    expect(await refusalOf(body)).toContain(words)
  })

  test('an index by its name, but not by a pattern', async () => {
    expect(await refusalOf({}, 'logz')).toContain('no such index [logz]')
    expect(await refusalOf({}, 'logz*')).toBe('none')
    expect(await refusalOf({ allow_no_indices: false }, 'logz*')).toContain('no such index')
    expect((await client.search({ index: 'logz*', aggs: { a: { terms: {} } }, size: 0 })).aggregations).toBe(
      undefined,
    )
  })

  test('an index one may not read, by its name alone', async () => {
    elasticsearch.privileges.read = ['other']
    expect(await refusalOf({})).toContain('is unauthorized for this user on indices [logs]')
    expect(await refusalOf({}, 'log*')).toBe('none')
  })
})

describe('versions', () => {
  const mediaType = (version: number) => `application/vnd.elasticsearch+json; compatible-with=${version}`
  test.each([
    [8, 8, 200],
    [8, 9, 400],
    [9, 8, 200],
    [9, 9, 200],
  ] as const)(
    'a server of version %d answers a client of version %d with %d',
    async (major, version, status) => {
      const server = await fakeElasticsearch({ major })
      const response = await fetch(`${server.url}/_cluster/health`, {
        headers: { accept: mediaType(version) },
      })
      expect(response.status).toBe(status)
      expect(response.headers.get('x-elastic-product')).toBe('Elasticsearch')
      await server.close()
    },
  )
})
