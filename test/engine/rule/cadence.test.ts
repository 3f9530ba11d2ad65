import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cadenceOf,
  isDue,
  lastEvaluated,
  neverEvaluated,
  type Progress,
  slotMs,
  wasBlind,
} from '#engine/rule/cadence.ts'

const id = 'a1b2c3d4-0000-4000-8000-000000000000'
const anId = fc.uuid()
const anInterval = fc.integer({ min: 5, max: 86_400 })
const begin = Date.UTC(2026, 10, 21)

function progress(evaluatedTo: number, parts: Partial<Progress> = {}): Progress {
  return { evaluatedTo, revision: 1, gap: undefined, ...parts }
}

/** The slots at which a rule is evaluated when a ticker looks at these and all of them are committed. */
function evaluatedAt(interval: number, slots: readonly number[], rule = id): number[] {
  const cadence = cadenceOf(rule, interval)
  let known = progress(begin)
  return slots.filter((slot) => {
    const due = isDue(cadence, 1, known, slot)
    known = progress(slot)
    return due
  })
}

const slotsOf = (count: number) => Array.from({ length: count }, (_, index) => begin + (index + 1) * slotMs)

describe('cadence', () => {
  test('over any stretch a rule is evaluated as often as its interval fits into it', () => {
    fc.assert(
      fc.property(anId, anInterval, (rule, interval) => {
        const ticks = slotsOf(2000)
        const times = evaluatedAt(interval, ticks, rule).length
        const fits = (ticks.length * slotMs) / (interval * 1000)
        expect(Math.abs(times - fits)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('ticks that are lost cost a rule of longer intervals nothing', () => {
    fc.assert(
      fc.property(anId, fc.integer({ min: 60, max: 3600 }), (rule, interval) => {
        const every = evaluatedAt(interval, slotsOf(2000), rule).length
        const everyOther = evaluatedAt(
          interval,
          slotsOf(2000).filter((_, index) => index % 2 === 1),
          rule,
        ).length
        expect(everyOther).toBe(every)
      }),
    )
  })

  test('up to a minute rules share their turns; above, each has its own, on a whole slot', () => {
    expect(cadenceOf(id, 60).phaseMs).toBe(0)
    fc.assert(
      fc.property(anId, anInterval, (rule, interval) => {
        const { phaseMs, intervalMs } = cadenceOf(rule, interval)
        expect(phaseMs % slotMs).toBe(0)
        expect(phaseMs).toBeLessThan(intervalMs)
      }),
    )
  })

  test('what was never evaluated, or was changed since, is due at once', () => {
    const cadence = cadenceOf(id, 86_400)
    expect(isDue(cadence, 1, neverEvaluated, begin)).toBe(true)
    expect(isDue(cadence, 2, progress(begin), begin + slotMs)).toBe(true)
  })
})

describe('when it was evaluated last', () => {
  test('is never after its shard, and never longer ago than its interval and a slot', () => {
    fc.assert(
      fc.property(anId, anInterval, fc.integer({ min: 1, max: 100_000 }), (rule, interval, ticks) => {
        const evaluatedTo = begin + ticks * slotMs
        const last = lastEvaluated(cadenceOf(rule, interval), progress(evaluatedTo)) ?? 0
        expect(last).toBeLessThanOrEqual(evaluatedTo)
        expect(evaluatedTo - last).toBeLessThanOrEqual(interval * 1000 + slotMs)
      }),
    )
  })
})

describe('blindness', () => {
  test.each([
    [5, 15, false],
    [5, 20, true],
    [10, 20, false],
    [10, 25, true],
    [60, 120, false],
    [60, 125, true],
  ])('a rule of every %i s that was not looked at for %i s: %s', (interval, seconds, expected) => {
    const cadence = { ...cadenceOf(id, interval), phaseMs: 0 }
    expect(wasBlind(cadence, progress(begin), begin + seconds * 1000)).toBe(expected)
  })

  test('what was not evaluated before has missed nothing', () => {
    expect(wasBlind(cadenceOf(id, 5), neverEvaluated, begin)).toBe(false)
  })
})
