import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from '#engine/duration.ts'

describe('lengths of time as people type them', () => {
  test.each([
    ['45s', 45],
    ['5m', 300],
    ['1h', 3600],
    ['2d', 172_800],
    ['1h30m', 5400],
    ['1 h 30 min', 5400],
    ['2 days 3 hours', 183_600],
    ['90 Seconds', 90],
    [' 10 mins ', 600],
    ['3hrs', 10_800],
    ['30', 1800],
    ['0', 0],
    ['0s', 0],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each([
    '',
    ' ',
    'm',
    'soon',
    '5x',
    '5 lunches',
    '1h30',
    '3 0',
    '-5m',
    '1.5h',
    '5hinutes',
    '5mh',
    '1e3s',
    '9999999m',
    '１h',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('a very long line is read in an instant', () => {
    expect(parseDuration('1h '.repeat(100_000))).toBe(360_000_000)
    expect(parseDuration(`${'1h '.repeat(100_000)}!`)).toBeUndefined()
  })
})

describe('lengths of time as people read them', () => {
  test.each([
    [0, '0 s'],
    [-3, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [133, '2 min 13 s'],
    [300, '5 min'],
    [599, '9 min'],
    [3600, '1 h'],
    [7980, '2 h 13 min'],
    [86_400, '1 d'],
    [273_600, '3 d 4 h'],
  ])('%d seconds', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  test('what is printed can be typed again, and means the same to the precision shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 7 }), (seconds) => {
        const again = parseDuration(formatDuration(seconds))
        const shown = seconds < 300 ? 1 : seconds < 86_400 ? 60 : 3600
        expect(again).toBe(Math.floor(seconds / shown) * shown)
      }),
    )
  })
})
