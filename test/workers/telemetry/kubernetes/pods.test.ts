import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PodsAnswer, PodsQuestion } from '#engine/telemetry/telemetry.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type FakeKubernetes, fakeKubernetes } from '#test/harness/fake-kubernetes.ts'
import { aJob, aPod, everyPod, noon } from '#test/harness/kubernetes-objects.ts'
import { waits } from '#workers/demo/kubernetes/objects.ts'
import { clusterOf } from '#workers/telemetry/kubernetes/cluster-of.ts'
import { type KubernetesTelemetry, kubernetesTelemetry } from '#workers/telemetry/kubernetes/pods.ts'

let fake: FakeKubernetes
let telemetry: KubernetesTelemetry

const hasty = { relistMs: 60_000, retryMs: 10, longestRetryMs: 50, pageSize: 3 }

function telemetryWith(options: Partial<Parameters<typeof kubernetesTelemetry>[1]> = {}, parts = {}) {
  return kubernetesTelemetry(clusterOf(fake.config(parts)), { clock: () => noon, pace: hasty, ...options })
}

beforeEach(async () => {
  fake = await fakeKubernetes()
  telemetry = telemetryWith()
})

afterEach(async () => {
  telemetry.close()
  await fake.close()
})

async function ask(question: Partial<PodsQuestion> = {}): Promise<PodsAnswer> {
  const [answer] = await telemetry.ask([{ ...everyPod, ...question }], noon)
  if (answer?.about !== 'pods') throw new Error('that was not the question')
  return answer
}

async function podNames(question: Partial<PodsQuestion> = {}): Promise<string[]> {
  return (await ask(question)).pods.map(({ pod }) => pod.name).sort()
}

const eventuallyNames = (...names: string[]) =>
  eventually(`the pods ${names.join(', ')}`, async () => (await podNames()).join() === names.join())

const eventuallyRefused = (problem: RegExp) =>
  eventually(`an answer such as ${problem}`, () =>
    ask().then(
      () => false,
      (error: unknown) => problem.test(String(error)),
    ),
  )

const named = (name: string, parts = {}) => aPod({ name, ...parts })

describe('pods as they are now', () => {
  test('nobody is asked before somebody asks, and pages are one list', async () => {
    fake.put(...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => named(name)))
    expect(fake.asked.lists).toBe(0)
    expect(await podNames()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    // One of pods and one of jobs, the pods on three pages.
    expect(fake.asked).toMatchObject({ lists: 2, pages: 2 })
  })

  test('what changes is known without another list', async () => {
    fake.put(named('a'), named('b'))
    await eventuallyNames('a', 'b')
    fake.put(named('c'))
    fake.remove(named('a'))
    fake.put(named('b', { container: { state: waits('CrashLoopBackOff') } }))
    await eventuallyNames('b', 'c')
    const looping = (await ask()).pods.find(({ pod }) => pod.name === 'b')
    expect(looping?.pod.containers[0]?.waiting?.reason).toBe('CrashLoopBackOff')
    expect(fake.asked.lists).toBe(2)
  })

  test('questions are answered from one look, by namespace and labels', async () => {
    fake.put(named('a'), named('b', { namespace: 'test' }), named('c', { labels: { app: 'carts' } }))
    fake.putJob(aJob({ namespace: 'test' }))
    expect(await podNames({ namespaces: ['shop'] })).toEqual(['a', 'c'])
    expect(await podNames({ namespaces: ['shop', 'test'] })).toEqual(['a', 'b', 'c'])
    expect(await podNames({ selector: [{ key: 'app', test: 'in', values: ['carts'] }] })).toEqual(['c'])
    expect((await ask({ namespaces: ['test'] })).jobs).toHaveLength(1)
    expect((await ask({ selector: [{ key: 'app', test: 'in', values: ['backup'] }] })).jobs).toHaveLength(1)
    expect((await ask({ namespaces: ['shop'] })).jobs).toEqual([])
    expect(fake.asked.lists).toBe(2)
  })

  test('restarts are counted from what was seen', async () => {
    const container = (restartCount: number) => ({ container: { restartCount } })
    fake.put(named('a', container(7)))
    await eventuallyNames('a')
    for (const count of [8, 9, 10]) fake.put(named('a', container(count)))
    const history = await eventually('three restarts', async () => {
      const found = (await ask()).pods[0]?.histories.get('app')
      return found?.crashedAt.length === 3 && found
    })
    expect(history).toMatchObject({ since: noon, crashedAt: [noon, noon, noon] })
  })

  test('how they were nobody knows', async () => {
    await expect(telemetry.trace(everyPod, { from: noon, stepSeconds: 1, count: 1 })).rejects.toThrow(
      'Kubernetes says how pods are now, and not how they were.',
    )
  })
})

describe('a watch that breaks goes on where it broke', () => {
  beforeEach(async () => {
    fake.put(named('a'))
    await eventuallyNames('a')
    await eventually('both watches', () => fake.openWatches() === 2)
  })

  test.each(['cutWatches', 'endWatches'] as const)(
    'after %s nothing is missed, nor listed again',
    async (breakIt) => {
      fake[breakIt]()
      fake.put(named('b'))
      fake.remove(named('a'))
      await eventuallyNames('b')
      expect(fake.asked.lists).toBe(2)
    },
  )

  test('from the version a bookmark told', async () => {
    for (let index = 0; index < 5; index += 1) fake.putJob(aJob())
    fake.bookmark()
    fake.put(named('b'))
    await eventuallyNames('a', 'b')
    fake.endWatches()
    await eventually('both watches again', () => fake.openWatches() === 2 && fake.asked.watches === 4)
    expect(Math.min(...fake.asked.resumedAt.slice(2))).toBeGreaterThanOrEqual(1006)
  })

  test('from a list, where what came since is gone (410, in an answer that is 200)', async () => {
    fake.put(named('b'))
    await eventuallyNames('a', 'b')
    fake.remove(named('a'))
    fake.cutWatches()
    fake.compact()
    await eventuallyNames('b')
    expect(fake.asked.lists).toBeGreaterThan(2)
  })

  test('from a list, where more came since than the server remembers', async () => {
    fake.put(named('b'))
    await eventuallyNames('a', 'b')
    fake.cutWatches()
    fake.remove(named('a'))
    for (let index = 0; index < 1001; index += 1) fake.putJob(aJob())
    await eventuallyNames('b')
    expect(fake.asked.lists).toBeGreaterThan(2)
  })

  test('a line that is no event is no reason to believe nothing: everything is listed anew', async () => {
    fake.sayInWatches(JSON.stringify({ type: 'ADDED', object: { metadata: {} } }))
    await eventually('watches opened again', () => fake.asked.watches >= 4)
    fake.put(named('b'))
    await eventuallyNames('a', 'b')
  })
})

test('everything is listed anew now and then: what no watch told is then known', async () => {
  telemetry.close()
  telemetry = telemetryWith({ pace: { ...hasty, relistMs: 50 } })
  fake.put(named('a'))
  await eventuallyNames('a')
  await eventually('a third round of lists', () => fake.asked.lists >= 6)
  await eventuallyNames('a')
})

test('nobody asks any more: the cluster is left alone, until somebody does', async () => {
  telemetry.close()
  telemetry = telemetryWith({ idleMs: 20 })
  fake.put(named('a'))
  await eventuallyNames('a')
  await eventually('no watch', () => fake.openWatches() === 0)
  fake.put(named('b'))
  await eventuallyNames('a', 'b')
})

describe('what cannot be known is said in words, with the remedy', () => {
  test.each<[string, Parameters<FakeKubernetes['become']>[0], string, RegExp]>([
    [
      'forbidden',
      { status: 403, message: 'pods is forbidden: User "tocsin" cannot list resource "pods"' },
      'refused',
      /forbids us to watch (pods|jobs) \(403 pods is forbidden: User "tocsin" cannot list resource "pods"\): grant get, list and watch/,
    ],
    [
      'busy',
      { status: 429, message: 'too many requests', retryAfter: 1 },
      'overloaded',
      /could not answer about (pods|jobs) \(429 too many requests\)/,
    ],
    [
      'broken',
      { status: 500, message: 'etcdserver: leader changed' },
      'overloaded',
      /\(500 etcdserver: leader changed\)/,
    ],
    [
      'something else',
      'garbage',
      'unreachable',
      /answered something that is no (pods|jobs) \(a list without resourceVersion or items\): see whether TOCSIN_KUBERNETES names an API server/,
    ],
    ['silent', 'hanging', 'slow', /did not answer about (pods|jobs) in time/],
  ])('%s', async (_, ailment, because, problem) => {
    telemetry = telemetryWith(ailment === 'hanging' ? { patienceMs: 50 } : {})
    fake.become(ailment)
    const asking = ask()
    await expect(asking).rejects.toMatchObject({ name: 'TelemetryUnavailable', store: 'kubernetes', because })
    await expect(asking).rejects.toThrow(problem)
    fake.become('well')
    if (ailment !== 'hanging') await eventually('an answer', () => ask().then(Boolean, () => false))
  })

  test('credentials that are not accepted, and are not said', async () => {
    telemetry = telemetryWith({}, { token: 'a-wrong-token' })
    const error: unknown = await ask().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ because: 'refused' })
    expect(String(error)).toMatch(/does not accept our credentials \(401 Unauthorized\)/)
    expect(JSON.stringify(error) + String(error)).not.toContain('a-wrong-token')
  })

  test('nobody there', async () => {
    await fake.close()
    await expect(ask()).rejects.toThrow(/cannot be reached \(ECONNREFUSED\): see whether it runs/)
    fake = await fakeKubernetes()
  })

  test('an object that cannot be read', async () => {
    const nameless = aPod()
    delete nameless.metadata!.uid
    fake.put(nameless)
    await expect(ask()).rejects.toThrow(
      /answered something that is no pods \(an object without name, namespace or uid\)/,
    )
  })
})

describe('a watch that says nothing', () => {
  test('is not believed for long: what was known is then no answer', async () => {
    const troubles: string[] = []
    telemetry = telemetryWith({ staleMs: 300, onTrouble: ({ message }) => troubles.push(message) })
    fake.put(named('a'))
    await eventually('an answer', () => podNames().catch(() => false))
    fake.become({ status: 503, message: 'apiserver is shutting down' })
    fake.cutWatches()
    await eventually('trouble', () => troubles.length > 0)
    await eventuallyRefused(/could not answer about (pods|jobs) \(503 /)
    fake.become('well')
    await eventually('an answer', () => podNames().catch(() => false))
  })

  test('watching alone may be forbidden', async () => {
    telemetry = telemetryWith({ staleMs: 100 })
    fake.become({ status: 403, message: 'pods is forbidden', verb: 'watch' })
    await eventuallyRefused(/forbids us to watch (pods|jobs) \(403 Forbidden\)/)
  })
})
