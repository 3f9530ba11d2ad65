import { describe, expect, test } from 'vitest'
import { snippetOf } from '#engine/notify/delivery-attempt.ts'
import { afterFailure, healthy, isGone, isPaused, isProbing } from '#engine/notify/lane-health.ts'
import { type DeliveryFailure, retryAt } from '#engine/notify/retry.ts'
import { after, start } from '#test/harness/engine-things.ts'

const passing: DeliveryFailure = { retry: 'later' }

function seconds(failure: Partial<DeliveryFailure>, parts: Partial<Parameters<typeof retryAt>[1]> = {}) {
  const wish = { now: start, attempts: 1, overSince: null, dice: 1, ...parts }
  const at = retryAt({ ...passing, ...failure }, wish)
  return at && (at.getTime() - start.getTime()) / 1000
}

describe('when a failed delivery is tried again', () => {
  test.each<[string, Partial<DeliveryFailure>, Parameters<typeof seconds>[1], number | undefined]>([
    ['soon at first', {}, {}, 2],
    ['doubling', {}, { attempts: 4 }, 16],
    ['up to five minutes', {}, { attempts: 200 }, 300],
    ['anywhere before that, by the dice', {}, { attempts: 4, dice: 0.25 }, 4],
    ['never at once', {}, { dice: 0 }, 0.25],
    ['not before the vendor says', { afterMs: 90_000 }, {}, 90],
    ['later than the vendor says, if it fails on', { afterMs: 1000 }, { attempts: 5 }, 32],
    ['never where it cannot help', { retry: 'never' }, {}, undefined],
    ['no more after a day of it', {}, { attempts: 300 }, undefined],
    ['while what is over was over lately', {}, { overSince: after(-3500) }, 2],
    ['no more when it is over for an hour', {}, { overSince: after(-3599) }, undefined],
  ])('%s', (_what, failure, parts, expected) => {
    expect(seconds(failure, parts)).toBe(expected)
  })
})

describe('how it goes with a destination', () => {
  const fail = (health = healthy, failure: DeliveryFailure = passing, parts = {}) =>
    afterFailure(health, failure, { now: start, error: 'busy', givenUp: 0, dice: 1, ...parts })
  const failing = (times: number, failure = passing) =>
    Array.from({ length: times }).reduce<typeof healthy>((health) => fail(health, failure), healthy)

  test('a few failures are bad luck; five in a row are not, and then one at a time finds out', () => {
    expect(failing(4)).toMatchObject({ failures: 4, resumeAt: null, troubledSince: start, lastError: 'busy' })
    expect(isProbing(failing(4))).toBe(false)
    expect(failing(5).resumeAt).toEqual(after(5))
    expect([isProbing(failing(5)), isPaused(failing(5), after(4)), isPaused(failing(5), after(5))]).toEqual([
      true,
      true,
      false,
    ])
    expect(failing(6).resumeAt).toEqual(after(10))
    expect(failing(60).resumeAt).toEqual(after(300))
  })

  test('the pause a vendor asks for is for the whole lane', () => {
    expect(fail(healthy, { ...passing, afterMs: 30_000 }).resumeAt).toEqual(after(30))
  })

  test('what is wrong with one message is counted, and pauses nothing', () => {
    const health = fail(healthy, { retry: 'never', fault: 'client' }, { givenUp: 3 })
    expect(health).toMatchObject({ failures: 0, undelivered: 3, resumeAt: null, gone: 0 })
  })

  test('three times gone is gone; anything else in between is not', () => {
    const gone: DeliveryFailure = { retry: 'never', fault: 'gone' }
    expect([isGone(failing(2, gone)), isGone(failing(3, gone))]).toEqual([false, true])
    expect(isGone(fail(fail(failing(2, gone)), gone))).toBe(false)
  })
})

test.each([
  ['a line\nand another\u2028one\u0000', 'a line and another one'],
  ['\u001b[31mred\u001b[0m', '[31mred [0m'],
  ['x'.repeat(500), `${'x'.repeat(199)}…`],
  ['😀'.repeat(300), `${'😀'.repeat(199)}…`],
  ['\ud800 alone', 'alone'],
])('what a stranger answers is one line without control characters, at most 200: %j', (text, expected) => {
  expect(snippetOf(text)).toBe(expected)
})
