import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reading } from '#engine/rule/condition.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import type { Telemetry } from '#engine/telemetry/telemetry.ts'
import { podsToBeKnown } from '#test/harness/known-pods.ts'
import { findClusterPlace } from '#workers/demo/cluster-place.ts'
import { clusterRules, type ClusterStore } from '#workers/demo/cluster-rules.ts'
import { type ClusterTelemetry, clusterTelemetry } from '#workers/demo/cluster-telemetry.ts'
import { type Clusters, openClusters } from '#workers/demo/clusters.ts'
import { podsAt } from '#workers/demo/pods.ts'
import type { StarterRule } from '#workers/demo/starter-rules.ts'
import { buildWorld } from '#workers/demo/world.ts'

const start = Date.parse('2026-11-21T10:00:00Z')
const seed = 7
const stepSeconds = 15

const rules = Object.values(clusterRules).flat()

test.each(rules.map((rule) => [rule.name, rule] as const))(
  '"%s" is a rule the engine accepts as it is',
  (_, rule) => {
    expect(parseRuleDraft(rule)).toEqual({ draft: expect.objectContaining(rule) })
  },
)

interface Look {
  readonly second: number
  readonly readings: readonly Reading[]
}

const world = buildWorld(start)
let folder: string
let clusters: Clusters
const asked = new Map<ClusterStore, ClusterTelemetry>()
const looks = new Map<StarterRule, Look[]>()
let now = start

/** One round of the script, and a little of the next, as the real clients see it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-clusters-'))
  const stores = ['elasticsearch', 'kubernetes'] as const
  clusters = await openClusters({ world, seed, stores, folder })
  for (const store of stores)
    asked.set(
      store,
      clusterTelemetry(store, { findPlace: () => findClusterPlace(folder), clock: () => new Date(now) }),
    )
  for (let second = -60; second <= 1205; second += stepSeconds) {
    now = start + second * 1000
    await clusters.follow(new Date(now))
    await podsToBeKnown(podsAt(world, now, seed), {
      kubernetes: telemetryOf('kubernetes'),
      at: new Date(now),
    })
    for (const store of stores)
      for (const rule of clusterRules[store]) await lookAt(rule, telemetryOf(store), second)
  }
}, 120_000)

afterAll(async () => {
  for (const telemetry of asked.values()) await telemetry.close()
  await clusters.close()
  await rm(folder, { recursive: true, force: true })
})

function telemetryOf(store: ClusterStore): Telemetry {
  const telemetry = asked.get(store)
  if (!telemetry) throw new Error(`${store} is not open`)
  return telemetry
}

async function lookAt(rule: StarterRule, telemetry: Telemetry, second: number): Promise<void> {
  const definition = definitionOf(rule.condition)
  const [answer] = await telemetry.ask([definition.question(rule.condition, 'prod')], new Date(now))
  if (!answer) throw new Error(`"${rule.name}" was not answered`)
  const before = looks.get(rule) ?? []
  const isFailing = (subject?: string) =>
    before.at(-1)?.readings.some((one) => one.verdict === 'breach' && one.subject === subject) ?? false
  const readings = definition.judge(rule.condition, answer, { isFailing })
  looks.set(rule, [...before, { second, readings }])
}

/** When a rule breached, in seconds of the script, and what it said. */
function breachesOf(name: string, subject?: string) {
  const rule = rules.find((one) => one.name === name)
  const all = (rule && looks.get(rule)) ?? []
  expect(all.length).toBeGreaterThan(80)
  return all.flatMap(({ second, readings }) =>
    readings
      .filter((one) => one.verdict === 'breach' && (subject === undefined || one.subject === subject))
      .map((reading) => ({ second, reading })),
  )
}

/** It begins and ends but once, within these bounds. */
function expectOneEpisode(
  breaches: readonly { second: number }[],
  { from, to }: { from: readonly [number, number]; to: readonly [number, number] },
) {
  const seconds = breaches.map(({ second }) => second)
  const [first = -1, last = -1] = [seconds[0], seconds.at(-1)]
  expect(first).toBeGreaterThanOrEqual(from[0])
  expect(first).toBeLessThanOrEqual(from[1])
  expect(last).toBeGreaterThanOrEqual(to[0])
  expect(last).toBeLessThanOrEqual(to[1])
  expect(seconds).toHaveLength((last - first) / stepSeconds + 1)
}

describe('the story of the made-up clusters, seen through the real clients', () => {
  test('the outage of the acquirer is seen at the gateway, within the first minute', () => {
    const breaches = breachesOf('Customers see errors')
    expectOneEpisode(breaches, { from: [15, 60], to: [83, 150] })
    expect(breaches[2]?.reading.summary).toMatch(
      /^\d+ of \d+ responses in demo-gateway-\* over 60 s were 5xx: 1\d(\.\d)? %|2\d(\.\d)? %/,
    )
  })

  test('one address that tries paths is named with its count, and nobody else is', () => {
    const breaches = breachesOf('Somebody looks for a way in')
    expectOneEpisode(breaches, { from: [170, 195], to: [240, 285] })
    expect(breaches.at(2)?.reading.summary).toMatch(
      /^203\.0\.113\.77 \(\d+\) got more than 500 responses of status 4xx over 2 min\.$/,
    )
  })

  test('a data node that leaves turns the cluster yellow for longer than five minutes', () => {
    const breaches = breachesOf('The log cluster is not well')
    expectOneEpisode(breaches, { from: [270, 270], to: [645, 660] })
    const { second = 0, reading } = breaches.at(-1) ?? {}
    expect(reading).toMatchObject({ severity: 'WARNING', forSeconds: 300 })
    expect(second - (breaches[0]?.second ?? 0)).toBeGreaterThan(300)
    expect(reading?.summary).toMatch(/^demo-logs \(2 nodes\) is yellow: replicas are missing/)
  })

  test('a disk fills from info to warning and is relieved; the others stay as they are', () => {
    const breaches = breachesOf('Disks of the log cluster')
    expectOneEpisode(breaches, { from: [345, 375], to: [525, 540] })
    expect(new Set(breaches.map(({ reading }) => reading.subject))).toEqual(new Set(['demo-data-2']))
    expect([...new Set(breaches.map(({ reading }) => reading.severity))]).toEqual(['INFO', 'WARNING'])
  })

  test('a flood of indices leaves few shards, until it is removed', () => {
    const breaches = breachesOf('Shards are running out')
    expectOneEpisode(breaches, { from: [740, 780], to: [875, 890] })
    expect(breaches.at(-1)?.reading.summary).toMatch(/^demo-logs has room for \d{3} more shards: /)
  })

  test('a pod is killed for its memory where the leak ends, and told for two minutes', () => {
    const breaches = breachesOf('Pods of the shop fail', 'demo-shop/shipping-service')
    expectOneEpisode(breaches, { from: [720, 735], to: [825, 840] })
    expect(breaches[0]?.reading).toMatchObject({
      severity: 'WARNING',
      summary: expect.stringContaining('ran out of memory and was killed (OOMKilled, exit code 137)'),
    })
  })

  test('the release of orders crashes again and again, until it is taken back', () => {
    const breaches = breachesOf('Pods of the shop fail', 'demo-shop/orders-service')
    expectOneEpisode(breaches, { from: [1070, 1090], to: [1130, 1145] })
    expect(breaches.at(-1)?.reading.summary).toMatch(
      /^orders-service-\w+-\w+, container app: in a crash loop after 3 restarts, last with exit code 1: BeanCreationException/,
    )
  })

  test('of pods nothing else is ever told', () => {
    const subjects = breachesOf('Pods of the shop fail').map(({ reading }) => reading.subject)
    expect(new Set(subjects)).toEqual(new Set(['demo-shop/shipping-service', 'demo-shop/orders-service']))
  })
})
