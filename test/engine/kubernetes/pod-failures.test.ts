import { describe, expect, test } from 'vitest'
import { aPod, before, noon, type PodParts } from '#test/harness/kubernetes-objects.ts'
import { ended, runs, waits } from '#workers/demo/kubernetes/objects.ts'
import { judgePods, podRule } from '#test/harness/pod-readings.ts'

const everything = podRule()

/** What is said of one pod, and nothing where it is well. */
function said(parts: PodParts, rule = everything): string | undefined {
  const [reading, ...others] = judgePods(rule, [aPod(parts)])
  expect(others).toEqual([])
  return reading?.verdict === 'breach' ? reading.summary : undefined
}

const crashed = ended(before(noon, 1), { message: 'no such table: orders' })
const oom = (minutes: number) => ended(before(noon, minutes), { reason: 'OOMKilled', exitCode: 137 })

describe('a pod that fails says why, in words of its own', () => {
  test.each<[string, PodParts, string]>([
    [
      'a crash loop, while the pod is Running',
      {
        phase: 'Running',
        container: { restartCount: 6, state: waits('CrashLoopBackOff'), lastState: crashed },
      },
      'orders-6d5f-x2x, container app: in a crash loop after 6 restarts, last with exit code 1: no such table: orders.',
    ],
    [
      'a crash loop of an init container',
      {
        phase: 'Pending',
        container: null,
        init: { restartCount: 1, state: waits('CrashLoopBackOff'), lastState: crashed },
      },
      'orders-6d5f-x2x, container init: in a crash loop after 1 restart, last with exit code 1: no such table: orders.',
    ],
    [
      'an image that cannot be had for two minutes',
      {
        phase: 'Pending',
        createdAt: before(noon, 2),
        container: { state: waits('ImagePullBackOff', 'Back-off pulling image "orders:2"') },
      },
      'orders-6d5f-x2x, container app: cannot get its image (ImagePullBackOff): Back-off pulling image "orders:2".',
    ],
    [
      'an image name that is none',
      { phase: 'Pending', createdAt: before(noon, 3), container: { state: waits('InvalidImageName') } },
      'orders-6d5f-x2x, container app: cannot get its image (InvalidImageName).',
    ],
    [
      'a config map that is missing',
      {
        phase: 'Pending',
        createdAt: before(noon, 0),
        container: { state: waits('CreateContainerConfigError', 'configmap "orders" not found') },
      },
      'orders-6d5f-x2x, container app: cannot be started (CreateContainerConfigError): configmap "orders" not found.',
    ],
    [
      'no memory left, a moment ago, though it runs again',
      { container: { restartCount: 1, state: runs(before(noon, 4)), lastState: oom(5) } },
      'orders-6d5f-x2x, container app: ran out of memory and was killed (OOMKilled, exit code 137).',
    ],
    [
      'a failed pod',
      {
        phase: 'Failed',
        ready: false,
        container: { state: ended(before(noon, 1), { exitCode: 3, message: 'disk full' }) },
      },
      'orders-6d5f-x2x, container app: failed (Error, exit code 3): disk full.',
    ],
    [
      'an evicted pod',
      {
        phase: 'Failed',
        ready: false,
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
        container: null,
      },
      'orders-6d5f-x2x: was taken off its node (Evicted): The node was low on resource: memory.',
    ],
    [
      'one that no node has room for',
      {
        phase: 'Pending',
        createdAt: before(noon, 10),
        container: null,
        scheduled: {
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available: 3 Insufficient cpu.',
        },
      },
      'orders-6d5f-x2x: pending for more than 10 min (Unschedulable): 0/3 nodes are available: 3 Insufficient cpu.',
    ],
    [
      'one whose volume never comes',
      { phase: 'Pending', createdAt: before(noon, 11), container: { state: waits('ContainerCreating') } },
      'orders-6d5f-x2x, container app: pending for more than 10 min (ContainerCreating).',
    ],
  ])('%s', (_, parts, summary) => {
    expect(said(parts)).toBe(summary)
  })
})

describe('what looks like a failure and is none', () => {
  test.each<[string, PodParts]>([
    ['a pod that runs', {}],
    ['a phase called CrashLoopBackOff, which no pod has', { phase: 'CrashLoopBackOff' }],
    [
      'one that is being deleted, however it ends',
      { isDeleting: true, phase: 'Failed', container: { state: crashed } },
    ],
    [
      'one of a rollout that crashes while it is taken away',
      {
        isDeleting: true,
        container: { restartCount: 9, state: waits('CrashLoopBackOff'), lastState: crashed },
      },
    ],
    [
      'one that does its work and is started again, because it always is',
      {
        container: {
          restartCount: 9,
          state: waits('CrashLoopBackOff'),
          lastState: ended(before(noon, 1), { exitCode: 0 }),
        },
      },
    ],
    [
      'an image in its first two minutes',
      { phase: 'Pending', createdAt: before(noon, 1.9), container: { state: waits('ErrImagePull') } },
    ],
    [
      'an image of a container that was started again a minute ago',
      { container: { restartCount: 1, state: waits('ErrImagePull'), lastState: crashed } },
    ],
    ['the image of a debug container', { ephemeral: { state: waits('ImagePullBackOff') } }],
    [
      'one that waits for its node in its first ten minutes',
      { phase: 'Pending', createdAt: before(noon, 9.9), container: null },
    ],
    [
      'one that got its node a minute ago, after half an hour',
      {
        phase: 'Pending',
        createdAt: before(noon, 30),
        scheduled: { lastTransitionTime: before(noon, 1) },
        container: { state: waits('ContainerCreating') },
      },
    ],
    [
      'one whose init container has been at work for half an hour',
      {
        phase: 'Pending',
        createdAt: before(noon, 31),
        container: null,
        init: { state: runs(before(noon, 30)) },
      },
    ],
    [
      'one whose init container came to its end a minute ago',
      {
        phase: 'Pending',
        createdAt: before(noon, 31),
        container: { state: waits('PodInitializing') },
        init: { state: ended(before(noon, 1), { exitCode: 0 }) },
      },
    ],
    [
      'one that is held back on purpose',
      {
        phase: 'Pending',
        createdAt: before(noon, 90),
        container: null,
        scheduled: { status: 'False', reason: 'SchedulingGated' },
      },
    ],
    ['a kill for memory that is long ago', { container: { restartCount: 1, lastState: oom(16) } }],
    [
      'many restarts in a long life, seen for the first time',
      { container: { restartCount: 40, lastState: ended(before(noon, 20)) } },
    ],
    [
      'the latest of many restarts, after a day of work, seen for the first time',
      {
        container: { restartCount: 40, lastState: ended(before(noon, 5), { startedAt: before(noon, 1440) }) },
      },
    ],
    [
      "a job's try that failed: the job tries again",
      { owner: 'Job/backup-1', restartPolicy: 'Never', phase: 'Failed', container: { state: crashed } },
    ],
    [
      "a job's container that is tried again",
      {
        owner: 'Job/backup-1',
        restartPolicy: 'OnFailure',
        container: { restartCount: 4, state: waits('CrashLoopBackOff'), lastState: crashed },
      },
    ],
    [
      'a job that is done',
      { owner: 'Job/backup-1', phase: 'Succeeded', container: { state: ended(noon, { exitCode: 0 }) } },
    ],
  ])('%s', (_, parts) => {
    expect(said(parts)).toBeUndefined()
  })

  test('a sidecar that runs beside is no init container at work', () => {
    const sidecar = { init: { state: runs(before(noon, 30)) }, initRestartPolicy: 'Always' }
    const stuck = {
      phase: 'Pending',
      createdAt: before(noon, 31),
      container: { state: waits('ContainerCreating') },
    }
    expect(said({ ...stuck, ...sidecar })).toMatch(/pending for more than 10 min/)
  })
})

describe('every limit is the rule’s own', () => {
  const young = { phase: 'Pending', createdAt: before(noon, 1), container: { state: waits('ErrImagePull') } }

  test.each<[string, Record<string, unknown>, PodParts, RegExp]>([
    ['images', { imagePullSeconds: 30 }, young, /cannot get its image/],
    ['pending', { pendingSeconds: 60 }, { ...young, container: null }, /pending for more than 1 min/],
    [
      'memory',
      { windowSeconds: 3600 },
      { container: { restartCount: 1, lastState: oom(50) } },
      /ran out of memory/,
    ],
    [
      'restarts',
      { restarts: 1 },
      {
        createdAt: before(noon, 5),
        container: { restartCount: 1, state: runs(before(noon, 3)), lastState: ended(before(noon, 3)) },
      },
      /1 restart after crashes within 15 min/,
    ],
  ])('%s', (_, parts, pod, expected) => {
    expect(said(pod)).toBeUndefined()
    expect(said(pod, podRule(parts))).toMatch(expected)
  })

  test('a rule that watches for some failures is not told of others', () => {
    const evicted = { phase: 'Failed', reason: 'Evicted', ready: false }
    expect(said(evicted, podRule({ failures: ['EVICTED'] }))).toMatch(/Evicted/)
    expect(said(evicted, podRule({ failures: ['FAILED', 'CRASH_LOOP'] }))).toBeUndefined()
  })
})
