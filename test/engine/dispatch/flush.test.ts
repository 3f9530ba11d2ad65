import { assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isNews, nextTick, type GroupSituation } from '#engine/dispatch/flush.ts'
import { readSpan } from '#engine/dispatch/span.ts'

const hour = 3_600_000
const situation: GroupSituation = {
  firing: ['a', 'b'],
  resolved: [],
  told: { firing: ['a', 'b'], resolved: [], at: 0 },
  sendResolved: true,
  repeatIntervalMs: 4 * hour,
  now: hour,
}

describe('a group is news to a webhook', () => {
  test.each<[string, Partial<GroupSituation>, boolean]>([
    ['not when nothing changed', {}, false],
    ['not when the same alerts come in another order', { firing: ['b', 'a'] }, false],
    ['when it was never told and something fires', { told: undefined }, true],
    ['not when it was never told and nothing fires', { told: undefined, firing: [], resolved: ['a'] }, false],
    ['when something else fires', { firing: ['a', 'b', 'c'] }, true],
    ['when something else fires instead', { firing: ['a', 'c'] }, true],
    ['when one of several has resolved', { firing: ['a'], resolved: ['b'] }, true],
    [
      'not when it does not want to hear of that',
      { firing: ['a'], resolved: ['b'], sendResolved: false },
      false,
    ],
    ['when all have resolved', { firing: [], resolved: ['a', 'b'] }, true],
    [
      'when all have resolved, though it will be told nothing: that is written down',
      { firing: [], resolved: ['a', 'b'], sendResolved: false },
      true,
    ],
    [
      'not when it knows that all have resolved',
      { firing: [], resolved: ['a'], told: { firing: [], resolved: ['a'], at: 0 } },
      false,
    ],
    [
      'not long after all have resolved: nothing is repeated that is over',
      { firing: [], told: { firing: [], resolved: ['a'], at: 0 }, now: 2 * hour },
      false,
    ],
    ['not when one is only kept quiet', { firing: ['a'] }, false],
    ['when it was told long ago', { now: 4 * hour }, true],
    ['not a moment before', { now: 4 * hour - 1 }, false],
    [
      'when one fires that is known as resolved',
      { firing: ['a', 'b'], told: { firing: ['a'], resolved: ['b'], at: 0 } },
      true,
    ],
  ])('%s', (_when, parts, expected) => {
    expect(isNews({ ...situation, ...parts })).toBe(expected)
  })
})

describe('ticks', () => {
  test.each<[string, number, number]>([
    ['the first comes one interval after the first flush', 1000, 1300],
    ['what comes exactly at a tick waits for the next', 1300, 1600],
    ['what comes in between waits for the end of it', 1599, 1600],
    ['a clock that was set back waits for the first flush', 400, 1000],
  ])('%s', (_what, now, expected) => {
    expect(nextTick(1000, 300, now)).toBe(expected)
  })

  test('the next is always ahead, on the grid, and at most one interval away', () => {
    const instants = integer({ min: 0, max: 4e12 })
    assert(
      property(
        instants,
        integer({ min: 1, max: 1e9 }),
        integer({ min: 0, max: 1e12 }),
        (base, interval, since) => {
          const tick = nextTick(base, interval, base + since)
          expect(tick).toBeGreaterThan(base + since)
          expect(tick).toBeLessThanOrEqual(base + since + interval)
          expect((tick - base) % interval).toBe(0)
        },
      ),
    )
  })
})

describe('a length of time', () => {
  test.each<[string, number | undefined]>([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['0', 0],
    ['0s', 0],
    ['1w2d', 777_600_000],
    ['1y', 31_536_000_000],
    ['', undefined],
    ['30', undefined],
    ['5m1h', undefined],
    ['1.5h', undefined],
    ['-5m', undefined],
    [' 5m', undefined],
    ['5 m', undefined],
    ['5m\n', undefined],
    ['99999999999999999y', undefined],
  ])('%j is %j ms', (text, expected) => {
    expect(readSpan(text)).toBe(expected)
  })
})
