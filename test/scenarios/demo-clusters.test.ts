import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainMessage } from '#engine/message/plain.ts'
import { podsToBeKnown } from '#test/harness/known-pods.ts'
import { messageAbout } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import { findClusterPlace } from '#workers/demo/cluster-place.ts'
import { clusterRules } from '#workers/demo/cluster-rules.ts'
import { type ClusterTelemetry, clusterTelemetry } from '#workers/demo/cluster-telemetry.ts'
import { type Clusters, openClusters } from '#workers/demo/clusters.ts'
import { podsAt } from '#workers/demo/pods.ts'
import { buildWorld, type World } from '#workers/demo/world.ts'

const stores = ['elasticsearch', 'kubernetes'] as const
const seed = 7

let folder: string
let world: World
let clusters: Clusters
let house: House
let asked: Record<(typeof stores)[number], ClusterTelemetry>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-clusters-'))
  const start = new Date()
  world = buildWorld(start.getTime())
  clusters = await openClusters({ world, seed, stores, folder })
  let clock = () => start
  const reaching = { findPlace: () => findClusterPlace(folder), clock: () => clock() }
  asked = {
    elasticsearch: clusterTelemetry('elasticsearch', reaching),
    kubernetes: clusterTelemetry('kubernetes', reaching),
  }
  house = await startHouse({ start, stores: asked })
  clock = house.clock.now
  for (const rule of stores.flatMap((store) => clusterRules[store])) await house.rule({ ...rule })
}, 60_000)

afterAll(async () => {
  await house.close()
  for (const telemetry of Object.values(asked)) await telemetry.close()
  await clusters.close()
  await rm(folder, { recursive: true, force: true })
})

/** What is told of an alert the first time it is seen firing, and how it stands in the end. */
const told = new Map<number, string>()

async function lookAfter(duration: string): Promise<void> {
  house.clock.forward(duration)
  const now = house.clock.now()
  await clusters.follow(now)
  await podsToBeKnown(podsAt(world, now.getTime(), seed), { kubernetes: asked.kubernetes, at: now })
  await house.look()
  const { length: count } = await house.localMessages()
  for (let number = told.size + 1; number <= count; number += 1) {
    const found = await messageAbout(house, number)
    if (found) told.set(number, plainMessage(found.message))
  }
}

test('in twenty minutes each of the six kinds tells of its trouble, and that it is over', async () => {
  for (let look = 0; look < 40; look += 1) await lookAfter('30s')
  expect([...told.values()].map((text) => text.split('\n')[0])).toEqual([
    expect.stringContaining('Customers see errors'),
    expect.stringContaining('Somebody looks for a way in'),
    expect.stringContaining('Disks of the log cluster'),
    expect.stringContaining('The log cluster is not well'),
    expect.stringContaining('Pods of the shop fail'),
    expect.stringContaining('Shards are running out'),
    expect.stringContaining('Pods of the shop fail'),
  ])
  const texts = [...told.values()].join('\n')
  expect(texts).toContain('203.0.113.77 (')
  expect(texts).toContain('Node demo-data-2 has used 5')
  expect(texts).toContain('demo-logs (2 nodes) is yellow')
  expect(texts).toContain('ran out of memory and was killed')
  expect(texts).toContain('in a crash loop after')
  for (const number of told.keys())
    expect((await messageAbout(house, number))?.message.tone, told.get(number)).toBe('resolved')
}, 180_000)
