import { describe, expect, test } from 'vitest'
import {
  type BatchResult,
  breakerAfter,
  breakerState,
  closedBreaker,
  defaultBreakerSettings,
  isOpen,
} from '#engine/rule/circuit-breaker.ts'

/** Whether the breaker is open after each of these, given as second and result. */
function story(...steps: readonly (readonly [seconds: number, result: BatchResult])[]): boolean[] {
  let breaker = closedBreaker
  return steps.map(([seconds, result]) => {
    breaker = breakerAfter(breaker, result, seconds * 1000, defaultBreakerSettings)
    return isOpen(breaker, seconds * 1000)
  })
}

const failed = (...seconds: readonly number[]) => seconds.map((second) => [second, 'failed'] as const)

describe('a circuit breaker', () => {
  test('opens at the fifth failure in 30 s', () => {
    expect(story(...failed(0, 5, 10, 15, 20))).toEqual([false, false, false, false, true])
  })

  test('stays closed where failures are rare', () => {
    expect(story(...failed(0, 10, 20, 30, 40, 50, 60))).not.toContain(true)
  })

  test('forgets failures with the first answer', () => {
    expect(story(...failed(0, 5, 10, 15), [16, 'answered'], ...failed(20, 25))).not.toContain(true)
  })

  test('lets a batch through after a minute: one more failure opens it again, an answer closes it', () => {
    const opened = failed(0, 5, 10, 15, 20)
    expect(story(...opened, [40, 'skipped'], [79, 'skipped']).slice(-2)).toEqual([true, true])
    expect(story(...opened, [80, 'failed'], [100, 'skipped']).slice(-2)).toEqual([true, true])
    expect(story(...opened, [80, 'answered'], ...failed(85)).slice(-2)).toEqual([false, false])
  })

  test('is closed, open for a minute, and then half open until a batch was tried', () => {
    const opened = [0, 5, 10, 15, 20].reduce(
      (breaker, second) => breakerAfter(breaker, 'failed', second * 1000, defaultBreakerSettings),
      closedBreaker,
    )
    expect(breakerState(closedBreaker, 0)).toBe('closed')
    expect([20, 79, 80].map((second) => breakerState(opened, second * 1000))).toEqual([
      'open',
      'open',
      'half_open',
    ])
  })

  test('counts nothing from ahead of a clock that was set back', () => {
    expect(story(...failed(4000, 4005, 4010, 4015, 5))).not.toContain(true)
  })
})
