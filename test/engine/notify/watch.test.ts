import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginWatch, decideWatch, type Watch, type WatchPlan } from '#engine/notify/watch.ts'
import { after, start } from '#test/harness/engine-things.ts'

const minutes = (count: number) => count * 60_000

const plan: WatchPlan = {
  steps: [
    { afterMs: minutes(15), receiver: 'lead', chats: ['#lead'], connections: [] },
    { afterMs: minutes(60), receiver: 'managers', chats: 'all', connections: [] },
  ],
  ackTimeoutMs: minutes(240),
  unackAfterMs: minutes(15),
}

const firing = { view: 'FIRING', acknowledgedAt: null } as const
const resolved = { view: 'RESOLVED', acknowledgedAt: null } as const
const acknowledged = (minute: number) => ({ view: 'ACKNOWLEDGED', acknowledgedAt: at(minute) }) as const
const at = (minute: number) => after(minute * 60)

/** What every look does, in words, and when the next one is due. */
function story(looks: readonly (readonly [minute: number, standing: Parameters<typeof decideWatch>[1]])[]) {
  let { watch, dueAt } = beginWatch(plan, start)
  const told: string[] = []
  for (const [minute, standing] of looks) {
    const watched = decideWatch(watch, standing, at(minute))
    watch = watched.watch
    dueAt = watched.dueAt
    for (const action of watched.actions)
      told.push(`${minute}: ${action.kind}${action.kind === 'escalate' ? ` ${action.step.receiver}` : ''}`)
  }
  return { told, due: dueAt && (dueAt.getTime() - start.getTime()) / 60_000 }
}

describe('until somebody acts', () => {
  test.each<[string, Parameters<typeof story>[0], string[], number | null]>([
    ['it waits for the first step', [[14, firing]], [], 15],
    [
      'then takes it, once',
      [
        [15, firing],
        [16, firing],
      ],
      ['15: escalate lead'],
      60,
    ],
    [
      'a late look takes what it missed',
      [[70, firing]],
      ['70: escalate lead', '70: escalate managers'],
      null,
    ],
    [
      'an acknowledgement holds it',
      [
        [10, acknowledged(10)],
        [70, acknowledged(10)],
      ],
      [],
      250,
    ],
    [
      'and the time somebody had it in hand does not count',
      [
        [10, acknowledged(10)],
        [100, firing],
        [104, firing],
        [105, firing],
      ],
      ['105: escalate lead'],
      150,
    ],
    [
      'what has ended is left alone',
      [
        [10, resolved],
        [500, resolved],
      ],
      [],
      null,
    ],
    [
      'and goes on from there when it is open again',
      [
        [10, resolved],
        [100, firing],
      ],
      [],
      105,
    ],
  ])('%s', (_what, looks, told, due) => {
    expect(story(looks)).toEqual({ told, due })
  })
})

describe('an acknowledgement that nobody follows up', () => {
  test.each<[string, Parameters<typeof story>[0], string[], number | null]>([
    [
      'is asked about',
      [
        [5, acknowledged(5)],
        [245, acknowledged(5)],
      ],
      ['245: ask'],
      260,
    ],
    [
      'ends if nobody answers',
      [
        [5, acknowledged(5)],
        [245, acknowledged(5)],
        [260, acknowledged(5)],
      ],
      ['245: ask', '260: unacknowledge'],
      270,
    ],
    [
      'holds on when it is given anew',
      [
        [5, acknowledged(5)],
        [245, acknowledged(5)],
        [250, acknowledged(250)],
      ],
      ['245: ask'],
      490,
    ],
  ])('%s', (_what, looks, told, due) => {
    expect(story(looks)).toEqual({ told, due })
  })

  test('of a house that does not want that it holds for good', () => {
    const { watch } = beginWatch({ ...plan, ackTimeoutMs: null }, start)
    expect(decideWatch(watch, acknowledged(5), at(5000))).toMatchObject({ actions: [], dueAt: null })
  })
})

test('whenever one looks, each step is taken once and in order', () => {
  const standing = fc.constantFrom('FIRING', 'ACKNOWLEDGED', 'RESOLVED')
  const looks = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 90 }), view: standing }), {
    maxLength: 20,
  })
  fc.assert(
    fc.property(looks, (many) => {
      let watch: Watch = beginWatch(plan, start).watch
      let minute = 0
      const steps: string[] = []
      for (const { wait, view } of many) {
        minute += wait
        const acknowledgedAt = view === 'ACKNOWLEDGED' ? at(minute) : null
        const watched = decideWatch(watch, { view, acknowledgedAt }, at(minute))
        watch = watched.watch
        expect(watched.dueAt === null || watched.dueAt > at(minute)).toBe(true)
        for (const action of watched.actions) if (action.kind === 'escalate') steps.push(action.step.receiver)
        const again = decideWatch(watch, { view, acknowledgedAt }, at(minute))
        expect(again.actions).toEqual([])
      }
      expect(['lead', 'managers'].slice(0, steps.length)).toEqual(steps)
    }),
  )
})
