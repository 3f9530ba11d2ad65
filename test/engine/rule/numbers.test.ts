import { describe, expect, test } from 'vitest'
import type { Unit } from '#engine/message/message.ts'
import { breachesAbove, type Comparator, comparators, compares } from '#engine/rule/comparator.ts'
import { numberFromForm } from '#engine/rule/condition.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'

describe('numbers as people read them', () => {
  test.each<[number, Unit, string]>([
    [0, 'ratio', '0 %'],
    [0.431, 'ratio', '43.1 %'],
    [0.05, 'ratio', '5 %'],
    [0.0001, 'ratio', '0.01 %'],
    [1, 'ratio', '100 %'],
    [812, 'ms', '812 ms'],
    [9999, 'ms', '9,999 ms'],
    [12_400, 'ms', '12.4 s'],
    [0.4, 'perSecond', '0.4/s'],
    [1204, 'count', '1,204'],
    [1e15, 'count', '1,000,000,000,000,000'],
    [0.00001, 'none', '0'],
    [-12.5, 'none', '-12.5'],
  ])('%d as %s', (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text)
  })
})

describe('numbers as people type them', () => {
  test.each<[string | undefined, unknown]>([
    ['5%', 0.05],
    ['5 %', 0.05],
    ['0.1%', 0.001],
    ['0,5', 0.5],
    ['1,204', 1204],
    ['1,204,000.5', 1_204_000.5],
    [' 800 ', 800],
    ['1e3', 1000],
    ['-1', -1],
    ['five', 'five'],
    ['1,204,5', '1,204,5'],
    ['Infinity', 'Infinity'],
    ['NaN', 'NaN'],
    ['', ''],
    [undefined, undefined],
  ])('%j', (text, number) => {
    expect(numberFromForm(text)).toBe(number)
  })
})

describe('comparisons', () => {
  test.each<[Comparator, string]>([
    ['GT', 'clear clear breach'],
    ['GTE', 'clear breach breach'],
    ['LT', 'breach clear clear'],
    ['LTE', 'breach breach clear'],
    ['EQ', 'clear breach clear'],
  ])('%s: below, at and above the threshold', (comparator, expected) => {
    expect([4, 5, 6].map((value) => (compares(value, comparator, 5) ? 'breach' : 'clear')).join(' ')).toBe(
      expected,
    )
  })

  test('which side of the threshold is the bad one', () => {
    expect(comparators.filter(breachesAbove)).toEqual(['GT', 'GTE', 'EQ'])
  })
})
