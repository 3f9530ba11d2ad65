import { describe, expect, test } from 'vitest'
import { aPod, before, noon, type PodParts } from '#test/harness/kubernetes-objects.ts'
import { ended, waits } from '#workers/demo/kubernetes/objects.ts'
import { judgePods, podRule } from '#test/harness/pod-readings.ts'

const looping = (parts: PodParts) =>
  aPod({
    ...parts,
    container: { restartCount: 4, state: waits('CrashLoopBackOff'), lastState: ended(before(noon, 1)) },
  })

describe('pods are told by what was deployed', () => {
  test.each<[string, PodParts, string]>([
    ['a Deployment, without the hash of its ReplicaSet', {}, 'shop/orders'],
    [
      'a ReplicaSet that somebody made by hand',
      { owner: 'ReplicaSet/orders-blue', labels: { 'pod-template-hash': '' } },
      'shop/orders-blue',
    ],
    ['a StatefulSet', { owner: 'StatefulSet/db', name: 'db-0' }, 'shop/db'],
    ['a DaemonSet', { owner: 'DaemonSet/agent', name: 'agent-k2k' }, 'shop/agent'],
    ['a pod alone', { owner: null, name: 'debug' }, 'shop/debug'],
    ['a kind nobody knows yet', { owner: 'Rollout/orders' }, 'shop/orders'],
  ])('%s', (_, parts, subject) => {
    expect(judgePods(podRule(), [looping(parts)])[0]?.subject).toBe(subject)
  })

  test('two whose names begin with the same fifteen characters are two', () => {
    const names = ['payment-service-eu', 'payment-service-us']
    const pods = names.map((name) => looping({ name: `${name}-6d5f-aaa`, owner: `ReplicaSet/${name}-6d5f` }))
    expect(new Set(names.map((name) => name.slice(0, 15))).size).toBe(1)
    expect(judgePods(podRule(), pods).map(({ subject }) => subject)).toEqual(
      names.map((name) => `shop/${name}`),
    )
  })

  test('the same name in two namespaces is two, in one it is one', () => {
    const pods = [looping({}), looping({ name: 'orders-6d5f-y3y' }), looping({ namespace: 'test' })]
    expect(judgePods(podRule(), pods)).toMatchObject([
      {
        subject: 'shop/orders',
        value: 2,
        summary: expect.stringMatching(/ 1 more of its pods fails, too\.$/),
      },
      { subject: 'test/orders', value: 1 },
    ])
  })

  test('labels say where, which pod and why', () => {
    expect(judgePods(podRule(), [looping({})])[0]?.labels).toEqual({
      namespace: 'shop',
      workload: 'orders',
      pod: 'orders-6d5f-x2x',
      reason: 'CrashLoopBackOff',
    })
  })
})

describe('of several failures the worst is told', () => {
  const pending = aPod({
    name: 'orders-6d5f-a',
    phase: 'Pending',
    createdAt: before(noon, 20),
    container: null,
  })

  test('by what says most', () => {
    expect(judgePods(podRule(), [pending, looping({})])[0]).toMatchObject({
      labels: { reason: 'CrashLoopBackOff' },
    })
  })

  test('or by the severities of the rule', () => {
    const rule = podRule({ severities: { CRASH_LOOP: 'WARNING', PENDING: 'CRITICAL' } })
    expect(judgePods(rule, [looping({}), pending])[0]).toMatchObject({
      severity: 'CRITICAL',
      labels: { reason: 'Pending' },
    })
    expect(judgePods(rule, [looping({})])[0]?.severity).toBe('WARNING')
  })

  test('without severities of its own a failure has its rule’s', () => {
    expect(judgePods(podRule(), [looping({})])[0]).not.toHaveProperty('severity')
  })

  test('a message of many lines is one, and not longer than a chat bears', () => {
    const lastState = ended(before(noon, 1), { message: `panic:\n\n  ${'x'.repeat(5000)}\0` })
    const pod = aPod({ container: { restartCount: 4, state: waits('CrashLoopBackOff'), lastState } })
    const summary = judgePods(podRule(), [pod])[0]?.summary ?? ''
    expect(summary).toMatch(/: panic: x+…$/)
    expect(summary.length).toBeLessThan(450)
  })
})

describe('nothing to watch', () => {
  const rule = podRule({ namespaces: ['shpo'], labelSelector: 'app=orders' })

  test('is no data, and says where nothing is: it may be a typing error', () => {
    expect(judgePods(rule, [])).toMatchObject([
      {
        verdict: 'no-data',
        subject: 'shpo (app=orders)',
        summary: 'No pods are found in shpo (app=orders).',
      },
    ])
  })

  test('is over when there is something', () => {
    expect(judgePods(rule, [aPod()], { failing: ['shpo (app=orders)'] })).toMatchObject([
      { verdict: 'clear', subject: 'shpo (app=orders)' },
    ])
  })
})
