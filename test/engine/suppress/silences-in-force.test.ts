import { describe, expect, test } from 'vitest'
import { silencesEndedWithin, silencesInForce } from '#engine/suppress/silences-in-force.ts'
import { at, make, zone } from '#test/harness/silence-things.ts'

describe('the silences in force', () => {
  const silences = [
    make({ endsAt: at(100) }),
    make({ startsAt: at(50), matchers: [zone] }),
    make({ endsAt: at(10) }),
  ]
  const both = { team: 'a', zone: 'z' }

  test.each([
    [0, ['0', '2'], 10],
    [10, ['0'], 50],
    [50, ['0', '1'], 100],
    [100, ['1'], 600],
    [600, [], undefined],
  ])('at %i s are %j, until %s s', (seconds, found, changes) => {
    const { index, changesAt } = silencesInForce(silences, at(seconds))
    expect(index.find(both).map((silence) => String(silences.indexOf(silence)))).toEqual(found)
    expect(changesAt).toEqual(changes === undefined ? undefined : at(changes))
  })

  test('those that ended since last time are named once', () => {
    const named = [
      [0, 9],
      [9, 10],
      [10, 100],
      [100, 600],
      [600, 700],
    ].map(([after = 0, upTo = 0]) =>
      silencesEndedWithin(silences, at(after), at(upTo)).map((silence) => silences.indexOf(silence)),
    )
    expect(named).toEqual([[], [2], [0], [1], []])
  })
})
