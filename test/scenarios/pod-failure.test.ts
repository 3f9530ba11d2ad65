import type { V1Pod } from '@kubernetes/client-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { aJob, aPod, type PodParts } from '#test/harness/kubernetes-objects.ts'
import { ended, runs, waits } from '#workers/demo/kubernetes/objects.ts'
import { repliesTo } from '#test/harness/local-chat.ts'
import { PodHouse } from '#test/harness/pod-house.ts'

let at: PodHouse

beforeEach(async () => {
  at = await PodHouse.open()
})

afterEach(() => at.close())

const young = (parts: PodParts) => aPod({ createdAt: at.ago(1), ready: false, phase: 'Pending', ...parts })
const crash = (minutes = 0.5) => ended(at.ago(minutes), { exitCode: 2, message: 'panic: no database' })

interface Story {
  readonly sick: () => V1Pod
  readonly said: RegExp
  /** How it gets well, and how long that takes to be believed. */
  readonly well: () => V1Pod
  readonly after: string
}

const stories: Record<string, Story> = {
  'a crash loop, over ten minutes after its last start': {
    sick: () =>
      aPod({ container: { restartCount: 4, state: waits('CrashLoopBackOff'), lastState: crash() } }),
    said: /orders-6d5f-x2x, container app: in a crash loop after 4 restarts, last with exit code 2: panic: no database/,
    well: () => aPod({ container: { restartCount: 5, state: runs(at.ago(10)), lastState: crash(10) } }),
    after: '11m',
  },
  'an image nobody has': {
    sick: () => young({ createdAt: at.ago(3), container: { state: waits('ImagePullBackOff', 'not found') } }),
    said: /container app: cannot get its image \(ImagePullBackOff\): not found/,
    well: () => aPod({ createdAt: at.ago(4), container: { state: runs(at.ago(0)) } }),
    after: '1m',
  },
  'a secret that is missing': {
    sick: () => young({ container: { state: waits('CreateContainerConfigError', 'secret "db" not found') } }),
    said: /container app: cannot be started \(CreateContainerConfigError\): secret "db" not found/,
    well: () => aPod({ container: { state: runs(at.ago(0)) } }),
    after: '1m',
  },
  'a kill for memory, over when it lies before the window': {
    sick: () =>
      aPod({
        container: {
          restartCount: 1,
          state: runs(at.ago(0)),
          lastState: ended(at.ago(0), { reason: 'OOMKilled', exitCode: 137 }),
        },
      }),
    said: /container app: ran out of memory and was killed \(OOMKilled, exit code 137\)/,
    well: () =>
      aPod({
        container: {
          restartCount: 1,
          state: runs(at.ago(16)),
          lastState: ended(at.ago(16), { reason: 'OOMKilled', exitCode: 137 }),
        },
      }),
    after: '16m',
  },
  'an eviction, over when another pod does the work': {
    sick: () =>
      aPod({
        phase: 'Failed',
        reason: 'Evicted',
        message: 'node was low on disk',
        ready: false,
        readyChangedAt: at.ago(1),
      }),
    said: /orders-6d5f-x2x: was taken off its node \(Evicted\): node was low on disk/,
    well: () => aPod({ name: 'orders-6d5f-new', createdAt: at.ago(1) }),
    after: '2m',
  },
  'a pod that ended': {
    sick: () =>
      aPod({ phase: 'Failed', ready: false, readyChangedAt: at.ago(1), container: { state: crash() } }),
    said: /container app: failed \(Error, exit code 2\): panic: no database/,
    well: () => aPod({ name: 'orders-6d5f-new', createdAt: at.ago(1) }),
    after: '2m',
  },
  'a pod no node has room for': {
    sick: () =>
      young({
        createdAt: at.ago(11),
        container: null,
        scheduled: { status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
      }),
    said: /orders-6d5f-x2x: pending for more than 10 min \(Unschedulable\): 0\/3 nodes are available/,
    well: () => aPod({ createdAt: at.ago(12), scheduled: { lastTransitionTime: at.ago(0) } }),
    after: '1m',
  },
}

describe('from a pod that fails to a message, and from one that is well to its end', () => {
  test.each(Object.entries(stories))('%s', async (_, { sick, said, well, after }) => {
    await at.rule()
    await at.lookAfter('5s', aPod({ name: 'carts-77-aaa', owner: 'ReplicaSet/carts-77' }))
    expect(await at.house.localMessages()).toEqual([])
    await at.lookAfter('1m', sick())
    expect(await at.text(1)).toMatch(said)
    expect(await at.text(1)).toMatch(/Where: shop\/orders in prod/)
    await at.lookAfter('30s', sick())
    expect(await at.tone(1)).toBe('critical')

    at.house.clock.forward(after)
    await at.lookAfter('5s', well())
    expect(await at.tone(1)).toBe('resolved')
    expect(await repliesTo(at.house, 1)).toEqual([
      expect.stringMatching(/[Cc]leared|[Rr]ecovered|is over|again/),
    ])
    expect(await at.house.localMessages()).toHaveLength(1)
  })

  test('restarts within a window, none of which anybody saw waiting', async () => {
    await at.rule({}, { failures: ['RESTARTS'] })
    const restarted = (restartCount: number) =>
      aPod({
        container: { restartCount, state: runs(at.ago(0)), ...(restartCount > 7 && { lastState: crash(0) }) },
      })
    await at.lookAfter('5s', restarted(7))
    await at.lookAfter('1m', restarted(8))
    await at.lookAfter('1m', restarted(9))
    expect(await at.house.localMessages()).toEqual([])
    await at.lookAfter('1m', restarted(10))
    expect(await at.text(1)).toMatch(
      /container app: 3 restarts after crashes within 15 min, last with exit code 2/,
    )
    const last = restarted(10)
    await at.lookAfter('9m', last)
    expect(await at.tone(1)).toBe('critical')
    at.house.clock.forward('11m')
    await at.lookAfter('5s', last)
    expect(await at.tone(1)).toBe('resolved')
  })

  test('a job that gives up, over when the next one of its CronJob did its work', async () => {
    await at.rule()
    at.fake.putJob(
      aJob({
        name: 'backup-1',
        cronJob: 'backup',
        createdAt: at.ago(30),
        failed: { reason: 'BackoffLimitExceeded' },
      }),
    )
    await at.lookAfter('5s', aPod())
    expect(await at.text(1)).toMatch(/backup-1: failed \(BackoffLimitExceeded\)/)
    at.fake.putJob(
      aJob({ name: 'backup-2', cronJob: 'backup', createdAt: at.ago(1), completedAt: at.ago(0) }),
    )
    await eventually('the end of the alert', async () => {
      await at.lookAfter('10s', aPod())
      return (await at.tone(1)) === 'resolved'
    })
  })
})

describe('what the original got wrong', () => {
  test('a crash loop is a reason of a container, while the phase of its pod says Running', async () => {
    await at.rule()
    const { sick } = stories['a crash loop, over ten minutes after its last start']!
    expect(sick().status?.phase).toBe('Running')
    await at.lookAfter('5s', sick(), aPod({ name: 'odd', owner: null, phase: 'CrashLoopBackOff' }))
    expect((await at.house.localMessages()).map(({ message }) => message.headline)).toEqual(['#1 Pods fail'])
    expect(await at.text(1)).toMatch(/shop\/orders/)
  })

  test('two whose names begin with the same fifteen characters are both told', async () => {
    await at.rule()
    const pods = ['payment-service-eu', 'payment-service-us'].map((name) =>
      aPod({
        name: `${name}-6d5f-aaa`,
        owner: `ReplicaSet/${name}-6d5f`,
        container: { restartCount: 4, state: waits('CrashLoopBackOff'), lastState: crash() },
      }),
    )
    await at.lookAfter('5s', ...pods)
    const said = (await Promise.all([at.text(1), at.text(2)])).join('\n')
    expect(said).toMatch(/shop\/payment-service-eu/)
    expect(said).toMatch(/shop\/payment-service-us/)
  })

  test('a restart of ours forgets nothing that was told, and tells nothing twice', async () => {
    await at.rule()
    const { sick, well } = stories['a crash loop, over ten minutes after its last start']!
    await at.lookAfter('5s', sick())
    await at.restart()
    const startedAgain = aPod({ container: { restartCount: 5, state: runs(at.ago(0)), lastState: crash() } })
    await at.lookAfter('1m', startedAgain)
    expect(await at.tone(1)).toBe('critical')
    at.house.clock.forward('11m')
    await at.lookAfter('5s', well())
    expect(await at.tone(1)).toBe('resolved')
    expect(await at.house.localMessages()).toHaveLength(1)
  })
})

test('one message for a workload, however many of its pods fail, and its end when it is deleted', async () => {
  await at.rule()
  const pods = ['a', 'b', 'c'].map((name) =>
    young({ name, container: { state: waits('CreateContainerError') } }),
  )
  await at.lookAfter('5s', ...pods, aPod({ name: 'z', owner: null }))
  expect(await at.house.localMessages()).toHaveLength(1)
  expect(await at.text(1)).toMatch(/2 more of its pods fail, too/)
  for (const pod of pods) at.fake.remove(pod)
  await eventually('the end of the alert', async () => {
    await at.lookAfter('10s')
    return (await at.tone(1)) === 'resolved'
  })
  expect((await repliesTo(at.house, 1)).join()).toMatch(/shop\/orders is not there any more|leared/)
})

test('each failure may be as bad as the rule says', async () => {
  await at.rule({}, { severities: { CONFIG_ERROR: 'INFO' } })
  await at.lookAfter('5s', young({ container: { state: waits('CreateContainerError') } }))
  expect(await at.tone(1)).toBe('info')
})
