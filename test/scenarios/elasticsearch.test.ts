import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { plainMessage } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import { type FakeElasticsearch, fakeElasticsearch } from '#test/harness/fake-elasticsearch.ts'
import { messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import {
  connectElasticsearch,
  type ElasticsearchConnection,
} from '#workers/telemetry/elasticsearch/connection.ts'
import { elasticsearchTelemetry } from '#workers/telemetry/elasticsearch/reader.ts'

let elasticsearch: FakeElasticsearch
let connection: ElasticsearchConnection
let house: House
let ana: Person

beforeEach(async () => {
  elasticsearch = await fakeElasticsearch()
  for (const name of ['data-1', 'data-2', 'data-3']) elasticsearch.addNode(name)
  connection = connectElasticsearch({ urls: [elasticsearch.url], requestTimeoutMs: 500 })
  house = await startHouse({ stores: { elasticsearch: elasticsearchTelemetry(connection) } })
  ana = await house.person('Ana')
})

afterEach(async () => {
  await house.close()
  await connection.close()
  await elasticsearch.close()
})

async function watch(kind: string, condition: object = {}, parts: object = {}) {
  const fitting = { evaluationIntervalSeconds: undefined, severity: 'WARNING' }
  return house.rule({
    ...fitting,
    name: kind,
    conditionKind: kind,
    condition: { kind, ...condition },
    ...parts,
  })
}

/** Looked at all the while: what was not looked at for longer does not count as failing. */
async function lookThrough(minutes: number): Promise<void> {
  for (let look = 0; look < 4 * minutes; look += 1) await house.lookAfter('15s')
}

async function textOf(number: number): Promise<string> {
  const found = await messageAbout(house, number)
  return found ? plainMessage(found.message) : 'nothing'
}

async function toneOf(number: number): Promise<string | undefined> {
  return (await messageAbout(house, number))?.message.tone
}

async function said(line: string): Promise<string> {
  const answer = await house.front.say(line, ana)
  return answer.kind === 'message' ? plainMessage(answer.message) : answer.kind
}

describe('ELASTICSEARCH_HEALTH', () => {
  test('yellow is told after five minutes, that it got red after one, and green ends it', async () => {
    await watch('ELASTICSEARCH_HEALTH')
    const index = elasticsearch.addIndex('audit', { '@timestamp': 'date' }, { shards: 3, replicas: 2 })
    elasticsearch.cluster.nodes.delete('data-3')
    await house.lookAfter('15s')
    await lookThrough(4)
    expect(await house.localMessages()).toEqual([])
    await lookThrough(1)
    expect(await toneOf(1)).toBe('warning')
    expect(await textOf(1)).toContain(
      'logging (2 nodes) is yellow: replicas are missing (3 shards not assigned',
    )

    index.lost.add(0)
    await house.lookAfter('15s')
    expect(await toneOf(1)).toBe('warning')
    await lookThrough(1)
    expect(await toneOf(1)).toBe('critical')
    expect(await textOf(1)).toContain('logging (2 nodes) is red: a primary shard is missing')
    expect(await repliesTo(house, 1)).toEqual(['It got worse.'])

    index.lost.clear()
    elasticsearch.addNode('data-3')
    await house.lookAfter('15s')
    expect(await toneOf(1)).toBe('resolved')
    expect(await textOf(1)).toContain('logging (3 nodes) is green.')
    expect(await house.localMessages()).toHaveLength(1)
  })

  test('a cluster that is yellow for four minutes wakes nobody', async () => {
    await watch('ELASTICSEARCH_HEALTH')
    elasticsearch.addIndex('audit', { '@timestamp': 'date' }, { replicas: 3 })
    for (let quarter = 0; quarter < 16; quarter += 1) await house.lookAfter('15s')
    elasticsearch.addNode('data-4')
    await house.lookAfter('2m')
    expect(await house.localMessages()).toEqual([])
  })
})

describe('ELASTICSEARCH_STORAGE', () => {
  test('each node has an alert of its own, as bad as it is full; one that is well hides none', async () => {
    await watch('ELASTICSEARCH_STORAGE')
    const [first, second, third] = [...elasticsearch.cluster.nodes.values()]
    if (!first || !second || !third) throw new Error('there are three nodes')
    const fill = (node: typeof first, used: number) => (node.availableBytes = node.totalBytes * (1 - used))
    fill(first, 0.95)
    fill(second, 0.6)
    await house.lookAfter('60s')
    expect(await house.localMessages()).toHaveLength(2)
    const texts = [await textOf(1), await textOf(2)].sort()
    expect(texts[0]).toContain(
      'Node data-1 has used 95 % of its disk; 51.2 GB are left (critical above 90 %).',
    )
    expect(texts[1]).toContain('Node data-2 has used 60 % of its disk; 410 GB are left (info above 50 %).')
    const numberOf = (node: string) =>
      texts.some((text) => text.startsWith('#1') && text.includes(node)) ? 1 : 2
    expect(await toneOf(numberOf('data-1'))).toBe('critical')
    expect(await toneOf(numberOf('data-2'))).toBe('info')

    fill(second, 0.85)
    await house.lookAfter('60s')
    expect(await toneOf(numberOf('data-2'))).toBe('warning')

    fill(first, 0.2)
    elasticsearch.cluster.nodes.delete('data-2')
    await house.lookAfter('60s')
    expect(await toneOf(1)).toBe('resolved')
    expect(await toneOf(2)).toBe('resolved')
    expect(await textOf(numberOf('data-2'))).toContain('elasticsearch/data-2 is not there any more.')
  })
})

describe('ELASTICSEARCH_SHARDS', () => {
  test('it is told before the limit, with what to do, and when there is room again', async () => {
    await watch('ELASTICSEARCH_SHARDS')
    elasticsearch.addIndex('audit', { '@timestamp': 'date' }, { shards: 1250, replicas: 1 })
    await house.lookAfter('1s')
    expect(await house.localMessages()).toEqual([])

    elasticsearch.addIndex('more', { '@timestamp': 'date' }, { shards: 1 })
    await house.lookAfter('12h')
    // Nobody ran for so long: what is overdue comes within a minute.
    await lookThrough(1)
    expect(await textOf(1)).toContain(
      'logging has room for 499 more shards: 2,501 of 3,000 are used. Remove indices, give them fewer shards',
    )
    expect(await toneOf(1)).toBe('warning')

    elasticsearch.cluster.persistent['cluster.max_shards_per_node'] = '2000'
    // Not at its next turn, in half a day: while it fires it looks every half hour.
    await house.lookAfter('30m')
    expect(await toneOf(1)).toBe('resolved')
    expect(await textOf(1)).toContain('logging has room for 3,499 more shards')
  })
})

const logFields = { '@timestamp': 'date', responseCode: 'long', clientIp: 'ip' } as const

function log(count: number, responseCode: number, clientIp = '192.0.2.1'): void {
  const document = { '@timestamp': house.clock.now().getTime(), responseCode, clientIp }
  elasticsearch.index(
    'http_logs_view',
    Array.from({ length: count }, () => document),
  )
}

describe('HTTP_5XX', () => {
  test('more than the share fires, exactly the share is over', async () => {
    elasticsearch.addIndex('http_logs_view', logFields, { shards: 2 })
    await watch('HTTP_5XX', { index: 'http_logs_*', statusField: 'responseCode', threshold: 0.1 })
    log(90, 200)
    log(10, 500)
    await house.lookAfter('2m')
    expect(await house.localMessages()).toEqual([])

    log(1, 503)
    await house.lookAfter('5m')
    expect(await textOf(1)).toContain(
      '11 of 101 responses in http_logs_* over 15 min were 5xx: 10.9 % (it fires above 10 %).',
    )
    expect((await messageAbout(house, 1))?.message.picture).toMatchObject({ threshold: 0.1, unit: 'ratio' })

    log(9, 200)
    await house.lookAfter('5m')
    expect(await toneOf(1)).toBe('resolved')
  })

  test('no traffic is no news, and ends nothing', async () => {
    elasticsearch.addIndex('http_logs_view', logFields)
    await watch('HTTP_5XX', { index: 'http_logs_*', statusField: 'responseCode' })
    log(10, 500)
    await house.lookAfter('2m')
    expect(await toneOf(1)).toBe('warning')
    await house.lookAfter('1h')
    expect(await toneOf(1)).toBe('warning')
    log(10, 200)
    await house.lookAfter('5m')
    expect(await toneOf(1)).toBe('resolved')
  })
})

describe('GATEWAY_4XX', () => {
  const gateway = { index: 'http_logs_*', statusField: 'responseCode', clientField: 'clientIp' }

  test('the addresses are listed with their counts, friends and 5xx are left out, and it ends', async () => {
    elasticsearch.addIndex('http_logs_view', logFields, { shards: 3 })
    await watch('GATEWAY_4XX', { ...gateway, allow: ['10.0.0.0/8', '2001:db8:1::/48'] })
    log(500, 404, '192.0.2.1')
    log(900, 403, '10.1.2.3')
    log(900, 404, '2001:db8:1::7')
    log(900, 399, '192.0.2.2')
    log(900, 500, '192.0.2.2')
    await house.lookAfter('2m')
    expect(await house.localMessages()).toEqual([])

    log(1, 404, '192.0.2.1')
    log(1204, 404, '2001:db8:2::7')
    await house.lookAfter('15m')
    expect(await textOf(1)).toContain(
      '2001:db8:2::7 (1,204), 192.0.2.1 (501) got more than 500 responses of status 4xx each over 30 min.',
    )

    await house.lookAfter('45m')
    expect(await toneOf(1)).toBe('resolved')
    expect(await textOf(1)).toContain('No address got more than 500 responses of status 4xx over 30 min.')
  })
})

describe('Elasticsearch itself', () => {
  test.each(['failing', 'hanging'] as const)(
    'while it is %s one alert says so, alerts stay as they are, and it resumes by itself',
    async (ailment) => {
      await watch('ELASTICSEARCH_HEALTH')
      await watch('ELASTICSEARCH_STORAGE', {}, { evaluationIntervalSeconds: 5 })
      elasticsearch.addIndex('audit', { '@timestamp': 'date' }).lost.add(0)
      await house.lookAfter('5s')
      await lookThrough(1)
      expect(await toneOf(1)).toBe('critical')

      elasticsearch.become(ailment)
      await house.lookAfter('15s')
      await house.lookAfter('15s')
      expect(await textOf(2)).toContain('Elasticsearch cannot be asked')
      expect(await textOf(2)).toMatch(
        /Elasticsearch at 127\.0\.0\.1:\d+ (cannot be reached|did not answer in time)/,
      )
      expect(await house.localMessages()).toHaveLength(2)
      expect(await toneOf(1)).toBe('critical')
      expect(await said('rule list')).toContain('could not be checked: Elasticsearch at 127.0.0.1')

      elasticsearch.become('well')
      elasticsearch.cluster.indices.get('audit')?.lost.clear()
      await house.lookAfter('15s')
      expect(await toneOf(1)).toBe('resolved')
      // All who look at it have to agree that it is back.
      await house.lookAfter('5s')
      expect(await toneOf(2)).toBe('resolved')
      expect(await said('rule list')).not.toContain('could not be checked')
    },
  )

  test('what may not be looked at blinds its own rule alone, which may fire for that', async () => {
    elasticsearch.addIndex('http_logs_view', logFields)
    await watch('ELASTICSEARCH_HEALTH')
    await watch('HTTP_5XX', { index: 'nginx-*' }, { errorPolicy: 'FIRE' })
    await house.lookAfter('15s')
    expect(await house.localMessages()).toHaveLength(1)
    expect(await textOf(1)).toContain('Could not be checked: Elasticsearch has no index nginx-*')
    expect(await textOf(1)).toContain(': see its name, and whether the key may read it')
    expect(await said('rule list')).toMatch(/HTTP_5XX[^]*could not be checked: [^]*nginx-\*/)
  })
})

test('where no Elasticsearch is set up, a rule can be made and says which variable it lacks', async () => {
  const bare = await startHouse()
  try {
    await bare.rule({ conditionKind: 'ELASTICSEARCH_HEALTH', condition: { kind: 'ELASTICSEARCH_HEALTH' } })
    bare.clock.forward('1m')
    await bare.tick()
    await bare.settled()
    expect(await bare.localMessages()).toEqual([])
    const answer = await bare.front.say('rule list', await bare.person('Ana'))
    expect(answer.kind === 'message' && plainMessage(answer.message)).toContain(
      'could not be checked: Elasticsearch is not set up: set ELASTICSEARCH_URL.',
    )
  } finally {
    await bare.close()
  }
})
