import { describe, expect, test } from 'vitest'
import { type Allowance, isFull, mustWaitSeconds, spend } from '#engine/intake/source-quota.ts'

const quota = { events: 60, windowSeconds: 60 }
const spent = (events: number, nowMs: number, before?: Allowance) => spend(before, events, { quota, nowMs })

describe('what a source may send', () => {
  test('is a whole window at once, and then as much as it fills', () => {
    expect(mustWaitSeconds(undefined, quota, 0)).toBeUndefined()
    const empty = spent(60, 0)
    expect(mustWaitSeconds(empty, quota, 0)).toBe(1)
    expect(mustWaitSeconds(empty, quota, 1000)).toBeUndefined()
    expect(mustWaitSeconds(spent(59, 0), quota, 0)).toBeUndefined()
  })

  test('is more than a window in one request, which is paid for afterwards, but never more than one window of debt', () => {
    expect(mustWaitSeconds(spent(90, 0), quota, 0)).toBe(31)
    const deep = spent(50_000, 0)
    expect(mustWaitSeconds(deep, quota, 0)).toBe(61)
    expect(mustWaitSeconds(deep, quota, 60_500)).toBeUndefined()
  })

  test('never adds up to more than a window, and is not taken away by a clock that is set back', () => {
    expect(spent(1, 0).left).toBe(59)
    expect(spent(1, 3_600_000, spent(60, 0)).left).toBe(59)
    expect(mustWaitSeconds(spent(30, 0), quota, -3_600_000)).toBeUndefined()
    expect(isFull(spent(30, 0), quota, 29_000)).toBe(false)
    expect(isFull(spent(30, 0), quota, 30_000)).toBe(true)
  })
})
