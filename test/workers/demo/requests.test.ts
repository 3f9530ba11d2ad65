import { describe, expect, test } from 'vitest'
import { ElasticsearchApi } from '#workers/demo/elasticsearch/api.ts'
import { Logging } from '#workers/demo/logging.ts'
import { observeRequests } from '#workers/demo/requests.ts'
import { buildWorld } from '#workers/demo/world.ts'

const start = Date.parse('2026-11-21T10:00:00.250Z')
const seed = 7
const second = 1000
const minute = 60 * second

const sorted = (documents: readonly object[]) => documents.map((one) => JSON.stringify(one)).sort()

describe('what the gateway writes down', () => {
  test.each([8, 120, 190])('is the same in one piece as in uneven pieces, around second %d', (turn) => {
    const world = buildWorld(start)
    const from = start + (turn - 8) * second
    const cuts = [0, 700, 1000, 1001, 9999, 10_000, 17_750, 17_751, 20_000].map((offset) => from + offset)
    const pieces = cuts
      .slice(1)
      .flatMap((to, index) => observeRequests(world, { from: cuts[index]!, to }, seed))
    expect(pieces.length).toBeGreaterThan(100)
    expect(sorted(pieces)).toEqual(sorted(observeRequests(world, { from, to: from + 20_000 }, seed)))
  })

  test('is quiet over a healthy hour: hardly an error, and no address that stands out', () => {
    const requests = observeRequests(buildWorld(start, []), { from: start - 60 * minute, to: start }, seed)
    const failed = requests.filter((one) => Number(one['http.response.status_code']) >= 500)
    expect(requests.length).toBeGreaterThan(25_000)
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length / requests.length).toBeLessThan(0.005)
    const rejected = requests.filter((one) => one['http.response.status_code'] === 409)
    const byClient = Map.groupBy(rejected, (one) => one['client.ip'])
    expect(Math.max(...[...byClient.values()].map(({ length }) => length))).toBeLessThan(20)
  })
})

test('the cluster holds the last hour, and after a long sleep no more than that', async () => {
  const api = new ElasticsearchApi({ name: 'demo-logs' })
  const logging = new Logging(api, buildWorld(start), seed)
  const held = () =>
    [...api.cluster.indices.values()]
      .filter(({ name }) => name.startsWith('demo-gateway-'))
      .flatMap(({ shards }) => shards.flat().map((one) => Number(one['@timestamp'])))
  const follow = (at: number) => logging.follow(at, () => Promise.resolve())
  await follow(start)
  const first = held()
  expect(Math.min(...first)).toBeLessThan(start - 59 * minute)
  expect(Math.max(...first)).toBeGreaterThan(start - 2 * second)

  await follow(start + 20 * minute)
  await follow(start + 20 * minute + second)
  const later = held()
  expect(new Set(later).size / new Set(first).size).toBeLessThan(1.3)
  expect(Math.min(...later)).toBeGreaterThan(start + 20 * minute - 71 * minute)

  const tomorrow = start + 24 * 60 * minute
  await follow(tomorrow)
  expect(Math.min(...held())).toBeGreaterThan(tomorrow - 61 * minute)
})
