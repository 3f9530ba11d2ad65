import { describe, expect, test } from 'vitest'
import { aJob, aPod, before, noon, type PodParts } from '#test/harness/kubernetes-objects.ts'
import { ended } from '#workers/demo/kubernetes/objects.ts'
import { judgePods, podRule } from '#test/harness/pod-readings.ts'

const everything = podRule()
const crashed = ended(before(noon, 1), { message: 'no such table: orders' })

describe('a failed pod is history', () => {
  const evicted = aPod({
    name: 'orders-6d5f-old',
    phase: 'Failed',
    reason: 'Evicted',
    ready: false,
    readyChangedAt: before(noon, 5),
  })

  test.each<[string, PodParts, boolean]>([
    ['once another, made after its end, is ready', { createdAt: before(noon, 4) }, true],
    [
      'also where that is of a newer ReplicaSet',
      { createdAt: before(noon, 4), owner: 'ReplicaSet/orders-77', labels: { 'pod-template-hash': '77' } },
      true,
    ],
    ['not while the other is not ready', { createdAt: before(noon, 4), ready: false }, false],
    ['not by one that was there all along', { createdAt: before(noon, 50) }, false],
    ['not by one of another workload', { createdAt: before(noon, 4), owner: 'StatefulSet/carts' }, false],
  ])('%s', (_, other, isOver) => {
    const [reading] = judgePods(everything, [evicted, aPod(other)], { failing: ['shop/orders'] })
    expect(reading?.verdict).toBe(isOver ? 'clear' : 'breach')
  })

  test('without an owner nothing replaces it: it fails until it is deleted', () => {
    const alone = aPod({
      name: 'migrate',
      owner: null,
      phase: 'Failed',
      ready: false,
      container: { state: crashed },
    })
    const [reading] = judgePods(everything, [alone, aPod({ name: 'other', owner: null })])
    expect(reading).toMatchObject({ verdict: 'breach', subject: 'shop/migrate' })
  })
})

describe('a job fails when it says so', () => {
  const failed = { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }

  test('and is told by its name', () => {
    expect(judgePods(everything, [], { jobs: [aJob({ failed })] })).toMatchObject([
      {
        verdict: 'breach',
        subject: 'shop/backup-1',
        summary: 'backup-1: failed (BackoffLimitExceeded): Job has reached the specified backoff limit.',
        labels: { namespace: 'shop', workload: 'backup-1', pod: 'backup-1', reason: 'BackoffLimitExceeded' },
      },
    ])
  })

  test('of a CronJob it is over when a later one did its work, and not when an earlier one did', () => {
    const old = aJob({ name: 'backup-1', cronJob: 'backup', failed, createdAt: before(noon, 60) })
    const verdict = (createdAt: Date) =>
      judgePods(everything, [], {
        jobs: [old, aJob({ name: 'backup-2', cronJob: 'backup', createdAt, completedAt: noon })],
        failing: ['shop/backup'],
      })[0]?.verdict
    expect(verdict(before(noon, 30))).toBe('clear')
    expect(verdict(before(noon, 90))).toBe('breach')
  })

  test('its pods belong to its CronJob, by reference and not by name', () => {
    const pod = aPod({
      name: 'backup-1-abc',
      owner: 'Job/backup-1',
      phase: 'Pending',
      createdAt: before(noon, 11),
      container: null,
    })
    const [reading] = judgePods(everything, [pod], { jobs: [aJob({ name: 'backup-1', cronJob: 'nightly' })] })
    expect(reading).toMatchObject({ subject: 'shop/nightly', labels: { pod: 'backup-1-abc' } })
  })
})
