import { describe, expect, test } from 'vitest'
import { flappingAfter, hasStoppedFlapping, mostChanges, noteChange } from '#engine/advance/flapping.ts'
import type { Check } from '#engine/check.ts'
import { aCheck, aMemory, after, anAlert } from '#test/harness/engine-things.ts'

const settings = { changes: 4, windowSeconds: 100 }
const at = (second: number) => after(second).getTime() / 1000

/** Turns at these seconds, one after the other. */
function turning(...seconds: readonly number[]): Check {
  let check = aCheck({ memory: aMemory('ok', after(-1)) })
  for (const [index, second] of seconds.entries()) {
    const { changes } = check.memory
    const memory = {
      ...aMemory(index % 2 === 0 ? 'critical' : 'ok', after(second)),
      ...(changes && { changes }),
    }
    check = noteChange(check, { ...check, memory }, settings)
  }
  return check
}

describe('changes of state', () => {
  test.each<[string, readonly number[], readonly number[] | undefined]>([
    ['none', [], undefined],
    ['each with its second', [0, 10, 20], [0, 10, 20]],
    ['those older than the window are forgotten', [0, 99, 100, 150], [99, 100, 150]],
    ['a clock set back: what lies ahead never was', [0, 90, 10], [0, 10]],
  ])('%s', (_what, seconds, kept) => {
    expect(turning(...seconds).memory.changes).toEqual(kept?.map(at))
  })

  test('at most twenty, however many there are', () => {
    const seconds = Array.from({ length: 60 }, (_, index) => index)
    expect(turning(...seconds).memory.changes).toHaveLength(mostChanges)
  })

  test('the first that is ever seen of a check is none, and neither is what stays as it was', () => {
    const seen = aCheck({ memory: aMemory('critical') })
    expect(noteChange(aCheck(), seen, settings)).toBe(seen)
    expect(noteChange(seen, seen, settings)).toBe(seen)
  })
})

describe('flapping', () => {
  test('begins with so many changes, of an alert that was told', () => {
    expect(flappingAfter(turning(0, 10, 20), anAlert(), settings)).toBeNull()
    expect(flappingAfter(turning(0, 10, 20, 30), anAlert(), settings)).toEqual({
      alertId: 'alert-1',
      changes: 4,
      windowSeconds: 100,
      until: at(110),
    })
    expect(flappingAfter(turning(0, 10, 20, 30), anAlert({ state: 'PENDING' }), settings)).toBeNull()
    expect(flappingAfter(turning(0, 10, 20, 30), undefined, settings)).toBeNull()
  })

  test('goes on with the same alert until half of the changes have left the window', () => {
    const check = turning(0, 10, 20, 30)
    const flapping = flappingAfter(check, anAlert(), settings)
    expect(hasStoppedFlapping({ ...check, flapping }, at(109))).toBe(false)
    expect(hasStoppedFlapping({ ...check, flapping }, at(110))).toBe(true)
    const again = { ...turning(0, 10, 20, 30, 105), flapping }
    expect(flappingAfter(again, anAlert({ id: 'another' }), settings)).toMatchObject({
      alertId: 'alert-1',
      changes: 4,
      until: at(120),
    })
  })

  test('does not wait for a clock that was set back', () => {
    const check = turning(7200, 7210, 7220, 7230)
    const flapping = flappingAfter(check, anAlert(), settings)
    expect(hasStoppedFlapping({ ...check, flapping }, at(3600))).toBe(true)
    expect(hasStoppedFlapping(check, at(3600))).toBe(false)
  })
})
