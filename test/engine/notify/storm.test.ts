import { expect, test } from 'vitest'
import { isRaging, mostCounted, type Storm, stormAfter } from '#engine/notify/storm.ts'
import { after, start } from '#test/harness/engine-things.ts'

const sky = (waiting: number, seconds = 0, everyMs = 1000) => ({ waiting, everyMs, now: after(seconds) })
const raging: Storm = { beganAt: start, calmSince: null }
const calming: Storm = { beganAt: start, calmSince: after(10) }

test('what can be said within a quarter of a minute is said one by one', () => {
  expect(stormAfter(undefined, sky(15))).toBeUndefined()
  expect(stormAfter(undefined, sky(16))).toEqual({ beganAt: start, calmSince: null })
  expect(stormAfter(undefined, sky(30, 0, 500))).toBeUndefined()
  expect(stormAfter(undefined, sky(31, 0, 500))).toMatchObject({ calmSince: null })
})

test('it calms when what comes can be said, and rages again with less than it began with', () => {
  expect(stormAfter(raging, sky(3, 5))).toBe(raging)
  expect(stormAfter(raging, sky(2, 5))).toEqual({ ...raging, calmSince: after(5) })
  expect(stormAfter(calming, sky(3, 12))).toEqual({ ...raging, calmSince: null })
})

test('after half a minute of calm it is over', () => {
  expect(stormAfter(calming, sky(0, 39))).toBe(calming)
  expect(stormAfter(calming, sky(1, 40))).toBeUndefined()
  expect([raging, calming].map(isRaging)).toEqual([true, false])
})

test('enough is counted to know that it begins', () => {
  for (const everyMs of [400, 500, 1000, 1200])
    expect(stormAfter(undefined, sky(mostCounted(everyMs), 0, everyMs))).toBeDefined()
})
