import { afterEach, beforeEach, expect, test } from 'vitest'
import { aPod } from '#test/harness/kubernetes-objects.ts'
import { ended, waits } from '#workers/demo/kubernetes/objects.ts'
import { PodHouse } from '#test/harness/pod-house.ts'

let at: PodHouse

beforeEach(async () => {
  at = await PodHouse.open()
})

afterEach(() => at.close())

const looping = () =>
  aPod({ container: { restartCount: 4, state: waits('CrashLoopBackOff'), lastState: ended(at.ago(1)) } })

const forbidden = { status: 403, message: 'pods is forbidden: User "tocsin" cannot list resource "pods"' }

test('a cluster that cannot be watched is one alert that says why, and what was told stays as it was', async () => {
  await at.rule()
  await at.lookAfter('5s', looping())
  expect(await at.tone(1)).toBe('critical')
  at.kubernetes.close()
  at.fake.become(forbidden)
  for (const wait of ['5s', '15s']) {
    at.house.clock.forward(wait)
    await at.look()
  }
  expect(await at.text(2)).toMatch(
    /#2 Kubernetes cannot be watched[^]*forbids us to watch (pods|jobs) \(403 pods is forbidden: User "tocsin"[^]*grant get, list and watch/,
  )
  expect(await at.tone(1)).toBe('critical')
  expect(await at.house.localMessages()).toHaveLength(2)
  at.fake.become('well')
  await at.lookAfter('10s', looping())
  expect(await at.tone(2)).toBe('resolved')
  expect(await at.tone(1)).toBe('critical')
})

test.each([
  ['somebody else at its address', 'garbage', /answered something that is no (pods|jobs)/],
  ['an API server in trouble', { status: 500, message: 'etcdserver: request timed out' }, /500 etcdserver/],
] as const)('%s: a rule may say that not knowing is worth an alert', async (_, ailment, said) => {
  await at.rule({ errorPolicy: 'FIRE' })
  at.fake.become(ailment)
  at.house.clock.forward('5s')
  await at.look()
  expect(await at.text(1)).toMatch(said)
  at.fake.become('well')
  await at.lookAfter('10s', aPod())
  expect(await at.tone(1)).toBe('resolved')
  expect(await at.text(1)).toMatch(/Could not be checked|can be checked again/)
})

test('a selector that finds nothing is no data, for the rule to say what that means', async () => {
  await at.rule({ noDataPolicy: 'FIRE' }, { labelSelector: 'app=ordesr' })
  await at.lookAfter('5s', aPod())
  expect(await at.text(1)).toMatch(/No pods are found in shop \(app=ordesr\)/)
  await at.lookAfter('10s', aPod({ labels: { app: 'ordesr' } }))
  expect(await at.tone(1)).toBe('resolved')
})
