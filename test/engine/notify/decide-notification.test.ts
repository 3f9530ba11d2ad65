import { describe, expect, test } from 'vitest'
import { neverSeen } from '#engine/suppress/check-memory.ts'
import { endScheduledMaintenance, scheduleMaintenance } from '#engine/suppress/maintenance.ts'
import { acknowledgement, CheckStory, service, tryOut } from '#test/harness/check-story.ts'

const noon = 1_400_000_000

function failingSince(at: number): CheckStory {
  const story = new CheckStory()
  story.hear(at - 60, service('ok'))
  story.hear(at, service('critical'))
  story.hear(at + 30, service('critical'))
  return story
}

describe('every block says why and until when', () => {
  test('a new check that is ok', () => {
    expect(new CheckStory().hear(noon, service('ok')).blocked).toEqual({ by: 'NewCheckOk' })
  })

  test('ok, three ways', () => {
    const story = new CheckStory()
    story.hear(noon, service('critical'))
    expect(story.outcome(noon + 1, service('ok'))).toBe('Ok: never-notified')
    expect(story.outcome(noon + 2, service('ok'))).toBe('Ok: was-ok')
    story.hear(noon + 3, service('critical'))
    expect(story.outcome(noon + 33, service('critical'))).toBe('problem critical')
    expect(story.outcome(noon + 34, service('ok'))).toBe('recovery critical')
    story.hear(noon + 35, service('critical'))
    expect(story.outcome(noon + 36, service('ok'))).toBe('Ok: already-recovered')
  })

  test('the initial and the repeat delay', () => {
    const story = new CheckStory()
    expect(story.hear(noon, service('critical')).blocked).toEqual({
      by: 'Delays',
      because: 'initial',
      until: noon + 30,
    })
    expect(story.outcome(noon + 30, service('critical'))).toBe('problem critical')
    expect(story.hear(noon + 89, service('critical')).blocked).toEqual({
      by: 'Delays',
      because: 'repeat',
      until: noon + 90,
    })
    expect(story.outcome(noon + 90, service('critical'))).toBe('problem critical')
  })

  test('never again means until it recovers or changes its state', () => {
    const once = { initialFailureDelaySeconds: 0, repeatFailureDelaySeconds: 'never' } as const
    const story = new CheckStory()
    expect(story.outcome(noon, service('warning', once))).toBe('problem warning')
    expect(story.hear(noon + 1e6, service('warning', once)).blocked).toEqual({
      by: 'Delays',
      because: 'repeat',
      until: 'recovery',
    })
    expect(story.outcome(noon + 1e6, service('critical', once))).toBe('problem critical')
  })

  test('a maintenance and an acknowledgement name their ends', () => {
    const story = failingSince(noon)
    story.hear(noon + 40, acknowledgement(100))
    expect(story.hear(noon + 50, service('critical')).blocked).toEqual({
      by: 'UnscheduledMaintenance',
      until: noon + 140,
    })
    expect(story.outcome(noon + 50, tryOut)).toBe('UnscheduledMaintenance')
    const change = scheduleMaintenance(
      story.memory,
      { startsAt: noon + 60, endsAt: noon + 99, summary: null },
      noon + 60,
    )
    if (change.kind === 'changed') story.memory = change.memory
    expect(story.hear(noon + 60, acknowledgement()).blocked).toEqual({
      by: 'ScheduledMaintenance',
      until: noon + 99,
    })
    expect(story.outcome(noon + 99, acknowledgement())).toBe('acknowledgement critical')
  })
})

describe('info fails below unknown', () => {
  test('and a worse state takes its place until the recovery', () => {
    const story = new CheckStory({ initialFailureDelaySeconds: 0 })
    expect(
      ['info', 'unknown', 'warning', 'info', 'ok'].map((state, second) =>
        story.outcome(noon + second, service(state as 'info')),
      ),
    ).toEqual(['problem info', 'problem unknown', 'problem warning', 'problem warning', 'recovery warning'])
  })

  test('it can be acknowledged', () => {
    const story = new CheckStory({ initialFailureDelaySeconds: 0 })
    story.hear(noon, service('info'))
    expect(story.outcome(noon, acknowledgement())).toBe('acknowledgement info')
  })
})

describe('when things come in the same second', () => {
  test('a recovery and the next problem both count, in the order in which they were processed', () => {
    const story = new CheckStory({ initialFailureDelaySeconds: 0 })
    const outcomes = ['critical', 'ok', 'critical', 'ok'].map((state) =>
      story.outcome(noon, service(state as 'ok')),
    )
    expect(outcomes).toEqual([
      'problem critical',
      'recovery critical',
      'problem critical',
      'recovery critical',
    ])
  })

  test('history keeps the last change of a second', () => {
    const story = new CheckStory()
    story.hear(noon, service('ok'))
    story.hear(noon + 9, service('warning', { summary: 'slow' }))
    story.hear(noon + 9, service('critical'))
    expect(story.memory.changeBefore).toMatchObject({ state: 'ok' })
    expect(story.memory.lastChange).toEqual({ state: 'critical', at: noon + 9, summary: 'slow' })
  })
})

describe('clocks and order', () => {
  test('a late event is taken as it comes: what the source says about its time decides nothing', () => {
    const story = failingSince(noon)
    expect(story.outcome(noon + 31, service('ok', { observedAt: noon - 1000 }))).toBe('recovery critical')
    expect(story.outcome(noon + 32, service('critical', { observedAt: noon - 2000 }))).toBe('Delays: initial')
  })

  test('a clock set back an hour: the delays start anew, and no longer than that', () => {
    const story = failingSince(noon)
    const back = noon - 3600
    expect(story.outcome(back, service('critical'))).toBe('Delays: initial')
    expect(story.outcome(back + 59, service('critical'))).toBe('Delays: repeat')
    expect(story.outcome(back + 60, service('critical'))).toBe('problem critical')
  })

  test('a clock set forward: the delays have passed', () => {
    const story = new CheckStory()
    story.hear(noon, service('critical'))
    expect(story.outcome(noon + 1e7, service('critical'))).toBe('problem critical')
  })
})

describe('nothing to store', () => {
  test('what says the same again leaves the very same memory', () => {
    const story = failingSince(noon)
    const before = story.memory
    expect(story.hear(noon + 31, service('critical')).memory).toBe(before)
    expect(story.hear(noon + 32, service('critical', { summary: 'still' })).memory).not.toBe(before)
  })

  test('an event whose acknowledgement is refused leaves nothing', () => {
    expect(new CheckStory().hear(noon, acknowledgement())).toEqual({
      memory: neverSeen,
      seen: neverSeen,
      blocked: { by: 'Acknowledgement', because: 'not-failing' },
      notification: null,
    })
  })
})

describe('scheduled maintenance', () => {
  test('a new check gets one when the house wants that, but for a tag that spares it', () => {
    const story = new CheckStory({ newCheckMaintenanceSeconds: 100 })
    expect(story.outcome(noon, service('critical'))).toBe('ScheduledMaintenance')
    expect(story.outcome(noon + 100, service('critical'))).toBe('problem critical')
    const spared = new CheckStory({ newCheckMaintenanceSeconds: 100 })
    expect(spared.outcome(noon, service('critical', { tags: ['bypass_ncsm'] }))).toBe('Delays: initial')
  })

  test('an action does not notice that a window has opened; a service event does', () => {
    const story = failingSince(noon)
    const change = scheduleMaintenance(
      story.memory,
      { startsAt: noon + 100, endsAt: noon + 200, summary: null },
      noon + 40,
    )
    if (change.kind === 'changed') story.memory = change.memory
    expect(story.outcome(noon + 100, tryOut)).toBe('test critical')
    expect(story.outcome(noon + 100, service('critical'))).toBe('ScheduledMaintenance')
    expect(story.outcome(noon + 101, tryOut)).toBe('ScheduledMaintenance')
  })

  test('of two open windows the one that ends later wins, as soon as something is seen', () => {
    const story = failingSince(noon)
    for (const [startsAt, endsAt] of [
      [noon + 31, noon + 900],
      [noon + 32, noon + 60],
    ] as const) {
      const change = scheduleMaintenance(story.memory, { startsAt, endsAt, summary: null }, startsAt)
      if (change.kind === 'changed') story.memory = change.memory
    }
    expect(story.outcome(noon + 60, service('critical'))).toBe('ScheduledMaintenance')
    expect(story.outcome(noon + 900, service('critical'))).toBe('problem critical')
    expect(story.memory.scheduled).toEqual([])
  })

  test('a running window is cut off, a future one forgotten, one that is over left alone', () => {
    const window = { startsAt: noon, endsAt: noon + 10, summary: null }
    const scheduled = scheduleMaintenance(neverSeen, window, noon - 5)
    if (scheduled.kind !== 'changed') throw new Error(scheduled.because)
    expect(endScheduledMaintenance(scheduled.memory, noon, noon - 1)).toMatchObject({
      memory: { scheduled: [] },
    })
    expect(endScheduledMaintenance(scheduled.memory, noon, noon + 9)).toMatchObject({
      memory: { scheduledMark: null },
    })
    expect(endScheduledMaintenance(scheduled.memory, noon, noon + 10)).toMatchObject({ kind: 'refused' })
    expect(scheduleMaintenance(neverSeen, { ...window, endsAt: noon }, noon)).toMatchObject({
      kind: 'refused',
    })
  })
})
