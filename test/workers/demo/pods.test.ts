import type { V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { crashLoop } from '#workers/demo/crash-loop.ts'
import { podsAt } from '#workers/demo/pods.ts'
import { buildWorld } from '#workers/demo/world.ts'

const start = Date.parse('2026-11-21T10:00:00.250Z')
const seed = 7

/** Seconds after the first start of a container that never stays up. */
test.each([
  [-1, undefined],
  [0, { restarts: 0, runsSince: 0, last: undefined }],
  [5.9, { restarts: 0, runsSince: 0, last: undefined }],
  [6, { restarts: 0, runsSince: undefined, last: { from: 0, to: 6 } }],
  [7, { restarts: 1, runsSince: 7, last: { from: 0, to: 6 } }],
  [13, { restarts: 1, runsSince: undefined, last: { from: 7, to: 13 } }],
  [23, { restarts: 2, runsSince: 23, last: { from: 7, to: 13 } }],
  [48, { restarts: 2, runsSince: undefined, last: { from: 23, to: 29 } }],
  [49, { restarts: 3, runsSince: 49, last: { from: 23, to: 29 } }],
  [94, { restarts: 3, runsSince: undefined, last: { from: 49, to: 55 } }],
] as const)('after %d s it stands as the kubelet would have it', (seconds, tries) => {
  expect(crashLoop(seconds)).toEqual(tries)
})

const podsOf = (at: number, app: string, world = buildWorld(start)) =>
  podsAt(world, at, seed).filter(({ metadata }) => metadata?.labels?.['app'] === app)

const nameOf = ({ metadata }: V1Pod) => metadata?.name
const containerOf = (pod: V1Pod) => pod.status?.containerStatuses?.[0]
const restartsOf = (pods: readonly V1Pod[]) =>
  pods.map((pod) => containerOf(pod)?.restartCount ?? 0).toSorted((one, other) => one - other)

test('each round of the script kills the same container once more, until the next release', () => {
  // Shipping is released at 24 minutes past each hour.
  const world = buildWorld(Date.parse('2026-11-21T10:13:00Z'))
  const look = (time: string) => podsOf(Date.parse(`2026-11-21T${time}Z`), 'shipping-service', world)
  expect(restartsOf(look('10:24:59'))).toEqual([0, 0])
  expect(restartsOf(look('10:25:00'))).toEqual([0, 1])
  expect(restartsOf(look('10:45:00'))).toEqual([0, 2])
  expect(restartsOf(look('11:23:59'))).toEqual([0, 3])
  expect(restartsOf(look('11:24:30'))).toEqual([0, 0])
  const last = look('10:45:00').map((pod) => containerOf(pod)?.lastState?.terminated)
  expect(last).toContainEqual(
    expect.objectContaining({ reason: 'OOMKilled', finishedAt: new Date('2026-11-21T10:45:00Z') }),
  )
})

test('a release that does not start has one pod more, the same one at every instant, and none afterwards', () => {
  const standing = podsOf(start + 1_054_000, 'orders-service').map(nameOf)
  const extra = Array.from({ length: 890 }, (_, tenth) => start + 1_055_000 + tenth * 100 + 37).map((at) =>
    podsOf(at, 'orders-service')
      .map(nameOf)
      .filter((name) => !standing.includes(name)),
  )
  expect(new Set(extra.map((names) => names.join()))).toEqual(new Set(extra[0]))
  expect(podsOf(start + 1_145_000, 'orders-service').map(nameOf)).toEqual(standing)
})

test('a release puts a new pod in the place of each, which is ready a little later', () => {
  const world = buildWorld(start, [])
  const readiness = (at: number) =>
    podsOf(at, 'orders-service', world).map(
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    )
  const released = Date.parse('2026-11-21T11:00:00Z')
  const before = podsOf(released - 1, 'orders-service', world)
  const after = podsOf(released, 'orders-service', world)
  expect(after).toHaveLength(before.length)
  expect(after.map(nameOf)).not.toEqual(expect.arrayContaining(before.map(nameOf)))
  expect(readiness(released + 10_000)).toEqual(['False', 'False', 'False'])
  expect(readiness(released + 20_000)).toEqual(['True', 'True', 'True'])
})
