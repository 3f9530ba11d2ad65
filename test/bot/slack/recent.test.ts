import { describe, expect, test } from 'vitest'
import { Recent } from '#bot/slack/recent.ts'

function recentAt(start: number) {
  const clock = { now: start }
  return { clock, recent: new Recent<string>({ forMs: 100, atMost: 3, now: () => clock.now }) }
}

describe('what was seen lately', () => {
  test('is known for its time and not longer', () => {
    const { clock, recent } = recentAt(0)
    recent.set('a', 'first')
    clock.now = 99
    expect(recent.get('a')).toBe('first')
    clock.now = 100
    expect(recent.get('a')).toBeUndefined()
  })

  test('is first only once', () => {
    const { clock, recent } = recentAt(0)
    expect([recent.isFirst('a', 'x'), recent.isFirst('a', 'x')]).toEqual([true, false])
    clock.now = 200
    expect(recent.isFirst('a', 'x')).toBe(true)
  })

  test('makes room for the newest by forgetting the oldest', () => {
    const { recent } = recentAt(0)
    for (const key of ['a', 'b', 'c', 'd']) recent.set(key, key)
    expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key))).toEqual([undefined, 'b', 'c', 'd'])
  })

  test('lives anew when it is set again', () => {
    const { clock, recent } = recentAt(0)
    recent.set('a', 'old')
    clock.now = 60
    recent.set('a', 'new')
    clock.now = 120
    expect(recent.get('a')).toBe('new')
  })
})
