import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TelemetryUnavailable } from '#engine/telemetry/telemetry.ts'
import { eventually } from '#test/harness/eventually.ts'
import { everyPod } from '#test/harness/kubernetes-objects.ts'
import { findClusterPlace } from '#workers/demo/cluster-place.ts'
import { type ClusterTelemetry, clusterTelemetry } from '#workers/demo/cluster-telemetry.ts'
import { openClusters, startClusters } from '#workers/demo/clusters.ts'
import { buildWorld } from '#workers/demo/world.ts'

const stores = ['elasticsearch', 'kubernetes'] as const
const now = new Date('2026-11-21T10:00:00Z')
const seed = 7
const health = { about: 'cluster-health', environment: 'prod', windowSeconds: 0 } as const

let folder: string
const closing: { close(): Promise<void> }[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-clusters-'))
})

afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close()
  await rm(folder, { recursive: true, force: true })
})

function closed<Opened extends { close(): Promise<void> }>(opened: Opened): Opened {
  closing.push(opened)
  return opened
}

const options = () => ({ world: buildWorld(now.getTime()), seed, stores, folder })

const onError = (error: unknown) => expect.fail(String(error))

function reader(store: (typeof stores)[number]): ClusterTelemetry {
  return closed(clusterTelemetry(store, { findPlace: () => findClusterPlace(folder), clock: () => now }))
}

test('where nobody serves the demo, a rule says who would, and how to connect a real cluster', async () => {
  await expect(reader('elasticsearch').ask([health], now)).rejects.toThrow(
    /made-up Elasticsearch is not there: "npm start" or "npm run workers" serves it\..* set ELASTICSEARCH_URL/,
  )
  await expect(reader('kubernetes').ask([everyPod], now)).rejects.toThrow(TelemetryUnavailable)
})

test('it is served on loopback alone, to those who know a secret that only this user can read', async () => {
  const clusters = closed(await openClusters(options()))
  await clusters.follow(now)
  const { elasticsearch = '', kubernetes = '', token = '' } = (await findClusterPlace(folder)) ?? {}
  expect(new URL(elasticsearch).hostname).toBe('127.0.0.1')
  expect(new URL(kubernetes).hostname).toBe('127.0.0.1')
  expect((await stat(join(folder, 'clusters.json'))).mode & 0o077).toBe(0)
  const statusOf = async (url: string, authorization: string) =>
    (await fetch(url, { headers: { authorization } })).status
  for (const wrong of ['', 'ApiKey guessed', 'Bearer guessed']) {
    expect(await statusOf(`${elasticsearch}/_cluster/health`, wrong)).toBe(401)
    expect(await statusOf(`${kubernetes}/api/v1/pods`, wrong)).toBe(401)
  }
  expect(await statusOf(`${elasticsearch}/_cluster/health`, `ApiKey ${token}`)).toBe(200)
  expect(await statusOf(`${kubernetes}/api/v1/pods`, `Bearer ${token}`)).toBe(200)
})

test('a reader follows to wherever the next process serves it', async () => {
  const [elasticsearch, kubernetes] = [reader('elasticsearch'), reader('kubernetes')]
  const isThere = async () => {
    expect(await elasticsearch.ask([health], now)).toMatchObject([
      { cluster: 'demo-logs', colour: 'green', nodes: 3 },
    ])
    const [answer] = await kubernetes.ask([everyPod], now)
    expect(answer).toMatchObject({ pods: { length: 12 } })
  }
  const first = await startClusters({ ...options(), clock: () => now, onError })
  await isThere()
  const before = await findClusterPlace(folder)
  await first.close()
  await expect(elasticsearch.ask([health], now)).rejects.toThrow('is not there')
  closed(await startClusters({ ...options(), clock: () => now, onError }))
  expect(await findClusterPlace(folder)).not.toEqual(before)
  await isThere()
})

test('what goes wrong while they are kept up is told once, and ends nothing', async () => {
  const errors: unknown[] = []
  let looks = 0
  const clock = () => {
    looks += 1
    return looks === 2 || looks === 3 ? new Date(Number.NaN) : now
  }
  closed(await startClusters({ ...options(), clock, onError: (error) => errors.push(error) }))
  await eventually('a look after those that failed', () => looks > 4)
  expect(errors).toEqual([expect.objectContaining({ message: 'Invalid time value' })])
  expect(await reader('elasticsearch').ask([health], now)).toMatchObject([{ colour: 'green' }])
})

test('a cluster that is not made up is not served', async () => {
  const clusters = closed(await openClusters({ ...options(), stores: ['kubernetes'] }))
  await clusters.follow(now)
  expect(await findClusterPlace(folder)).not.toHaveProperty('elasticsearch')
})

test('nonsense ends its own request alone', async () => {
  const clusters = closed(await openClusters(options()))
  await clusters.follow(now)
  const { elasticsearch = '', token = '' } = (await findClusterPlace(folder)) ?? {}
  const search = (body: string) =>
    fetch(`${elasticsearch}/demo-gateway-*/_search`, {
      method: 'POST',
      headers: { authorization: `ApiKey ${token}`, 'content-type': 'application/json' },
      body,
    })
  expect((await search('{')).status).toBe(400)
  expect((await search('{"size":0,"query":7}')).status).toBeGreaterThanOrEqual(400)
  expect((await search('{"size":0}')).status).toBe(200)
})
