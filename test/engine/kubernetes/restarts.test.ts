import { describe, expect, test } from 'vitest'
import { aPod, before, noon } from '#test/harness/kubernetes-objects.ts'
import { ended, runs, waits } from '#workers/demo/kubernetes/objects.ts'
import { judgePods, podRule, watched } from '#test/harness/pod-readings.ts'

const rule = podRule()
const old = before(noon, 24 * 60)

/** A container with so many restarts, the last of them so many minutes ago after a run of an hour. */
function restarted(restartCount: number, minutesAgo: number, parts = {}) {
  const at = before(noon, minutesAgo)
  return aPod({
    createdAt: old,
    container: {
      restartCount,
      state: runs(at),
      ...(restartCount > 0 && { lastState: ended(at, { startedAt: before(at, 60) }) }),
      ...parts,
    },
  })
}

const seen = (...looks: readonly (readonly [restartCount: number, minutesAgo: number])[]) =>
  watched(...looks.map(([count, ago]) => [restarted(count, ago), before(noon, ago)] as const))

describe('restarts within a window', () => {
  test.each<[string, ReturnType<typeof seen>, string]>([
    ['three of them are a burst', seen([5, 20], [6, 14], [7, 9], [8, 2]), 'breach'],
    ['two are not', seen([5, 20], [6, 14], [7, 2]), 'quiet'],
    ['one that lies before the window does not count', seen([5, 20], [6, 16], [7, 9], [8, 2]), 'quiet'],
    ['several between two looks all count', seen([5, 20], [8, 2]), 'breach'],
    ['a high count at first sight is none', seen([50, 2]), 'quiet'],
    ['nor with one more', seen([50, 14], [51, 2]), 'quiet'],
    ['a count that fell is a new beginning', seen([9, 14], [2, 9], [3, 2]), 'quiet'],
  ])('%s', (_, pod, expected) => {
    expect(judgePods(rule, [pod])[0]?.verdict ?? 'quiet').toBe(expected)
  })

  test('another pod of the same name is a new beginning', () => {
    const [earlier, later] = [restarted(2, 14), restarted(5, 2)]
    later.metadata!.uid = 'another'
    const pod = watched([earlier, before(noon, 14)], [later, before(noon, 2)])
    expect(judgePods(rule, [pod])).toEqual([])
  })

  test('at first sight a pod as young as the window has had all of its restarts in it', () => {
    const young = aPod({
      createdAt: before(noon, 10),
      container: { restartCount: 3, state: runs(before(noon, 1)), lastState: ended(before(noon, 1)) },
    })
    expect(judgePods(rule, [young])[0]?.summary).toMatch(/3 restarts after crashes within 15 min/)
  })

  test('at first sight a high count is a burst where even the run before began within the window', () => {
    const lastState = ended(before(noon, 3), { startedAt: before(noon, 6) })
    expect(judgePods(rule, [restarted(50, 2, { lastState })])[0]?.verdict).toBe('breach')
  })

  test('runs that came to a good end are no crashes', () => {
    const good = (count: number, ago: number) =>
      restarted(count, ago, { lastState: ended(before(noon, ago), { exitCode: 0 }) })
    const pod = watched([good(1, 14), before(noon, 14)], [good(9, 2), before(noon, 2)])
    expect(judgePods(rule, [pod])).toEqual([])
  })

  test('a kill for memory is remembered where a crash came after it', () => {
    const killed = restarted(1, 5, {
      lastState: ended(before(noon, 5), { reason: 'OOMKilled', exitCode: 137 }),
    })
    const pod = watched([killed, before(noon, 5)], [restarted(2, 2), before(noon, 2)])
    expect(judgePods(rule, [pod])[0]?.summary).toMatch(/ran out of memory/)
  })
})

describe('a crash loop is over when it has run for long enough', () => {
  const failing = ['shop/orders']
  const lastState = ended(before(noon, 30))
  const verdict = (state: object, parts: object = {}, hasProbe = false) =>
    judgePods(
      rule,
      [aPod({ createdAt: old, hasProbe, container: { restartCount: 6, state, lastState, ...parts } })],
      { failing },
    )[0]?.verdict

  test.each<[string, string | undefined, () => string | undefined]>([
    ['not a moment after its start', 'breach', () => verdict(runs(before(noon, 1)))],
    ['not just before ten minutes', 'breach', () => verdict(runs(before(noon, 9.9)))],
    ['after ten minutes', 'clear', () => verdict(runs(before(noon, 10)))],
    [
      'not while its probe says that it is not ready',
      'breach',
      () => verdict(runs(before(noon, 20)), { ready: false }, true),
    ],
    ['with a probe that says so', 'clear', () => verdict(runs(before(noon, 20)), { ready: true }, true)],
    ['not between a crash and the next start', 'breach', () => verdict(ended(before(noon, 0.1)))],
    ['not while it is made anew', 'breach', () => verdict(waits('ContainerCreating'))],
  ])('%s', (_, expected, judged) => {
    expect(judged()).toBe(expected)
  })

  test('nobody is told of the same pod who was not told of its crash loop', () => {
    const pod = aPod({
      createdAt: old,
      container: { restartCount: 6, state: runs(before(noon, 1)), lastState },
    })
    expect(judgePods(rule, [pod])).toEqual([])
  })

  test('the message says why it is not believed yet', () => {
    const pod = aPod({
      createdAt: old,
      container: { restartCount: 6, state: runs(before(noon, 1)), lastState },
    })
    expect(judgePods(rule, [pod], { failing })[0]?.summary).toBe(
      'orders-6d5f-x2x, container app: was started again after 6 restarts, but has not run for 10 min yet, last with exit code 1.',
    )
  })

  test('it is over as well when its pod is gone and another does the work', () => {
    expect(judgePods(rule, [aPod({ name: 'orders-6d5f-new' })], { failing })).toMatchObject([
      {
        verdict: 'clear',
        subject: 'shop/orders',
        summary: 'No pod of shop/orders is seen failing any more.',
      },
    ])
  })
})
