import { describe, expect, test } from 'vitest'
import { mutedBy, quietGroups } from '#engine/dispatch/muted.ts'
import { readRouting } from '#engine/dispatch/read-routing.ts'
import type { RoutingTree } from '#engine/dispatch/routing-tree.ts'
import { isWithin } from '#engine/dispatch/time-interval.ts'

function treeOf(parts: object): RoutingTree {
  const read = readRouting({
    route: { receiver: 'ops' },
    receivers: [{ name: 'ops' }, { name: 'dba' }],
    ...parts,
  })
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return read.tree
}

function isIn(interval: object, instant: string): boolean {
  const tree = treeOf({ time_intervals: [{ name: 't', time_intervals: [interval] }] })
  return tree.timeIntervals.get('t')?.some((one) => isWithin(one, new Date(instant))) ?? false
}

const times = (from: string, to: string) => ({ times: [{ start_time: from, end_time: to }] })

describe('an instant is in a time interval', () => {
  test.each<[string, object, string, boolean]>([
    ['from its very beginning', times('09:00', '17:00'), '2026-03-04T09:00:00Z', true],
    ['until just before its end', times('09:00', '17:00'), '2026-03-04T16:59:59.999Z', true],
    ['no longer at its end', times('09:00', '17:00'), '2026-03-04T17:00:00Z', false],
    ['up to midnight', times('22:00', '24:00'), '2026-03-04T23:59:59Z', true],
    [
      'when one of several times fits',
      { times: [...times('00:00', '01:00').times, ...times('12:00', '13:00').times] },
      '2026-03-04T12:30:00Z',
      true,
    ],
    ['always when it says nothing', {}, '2026-03-04T12:30:00Z', true],
    ['on a weekday, whatever its case', { weekdays: ['Wednesday'] }, '2026-03-04T12:00:00Z', true],
    ['on weekdays, the last too', { weekdays: ['monday:friday'] }, '2026-03-06T23:59:59Z', true],
    ['not on other days', { weekdays: ['monday:friday'] }, '2026-03-07T00:00:00Z', false],
    ['on a Sunday, which begins the week', { weekdays: ['sunday:tuesday'] }, '2026-03-08T12:00:00Z', true],
    ['on a day of the month', { days_of_month: ['4'] }, '2026-03-04T12:00:00Z', true],
    ['on a day of the month that is a number', { days_of_month: [4] }, '2026-03-04T12:00:00Z', true],
    ['on the last day of a short month', { days_of_month: ['-1'] }, '2026-02-28T12:00:00Z', true],
    ['not on the last but one', { days_of_month: ['-1'] }, '2026-02-27T12:00:00Z', false],
    ['on the last day of a leap year’s February', { days_of_month: ['-1'] }, '2028-02-29T12:00:00Z', true],
    ['counted from both ends', { days_of_month: ['28:-1'] }, '2026-02-28T12:00:00Z', true],
    [
      'in a month that ends before the range does',
      { days_of_month: ['28:31'] },
      '2026-02-28T12:00:00Z',
      true,
    ],
    [
      'not in a month that ends before the range begins',
      { days_of_month: ['29:31'] },
      '2026-02-28T12:00:00Z',
      false,
    ],
    ['in a month by number', { months: ['3'] }, '2026-03-04T12:00:00Z', true],
    ['in a month by name', { months: ['february:march'] }, '2026-03-31T23:59:59Z', true],
    ['not in another month', { months: ['april:december'] }, '2026-03-31T23:59:59Z', false],
    ['in a year', { years: ['2025:2026'] }, '2026-12-31T23:59:59Z', true],
    ['not in another year', { years: ['2027'] }, '2026-12-31T23:59:59Z', false],
    ['only when all of it fits', { years: ['2026'], weekdays: ['monday'] }, '2026-03-04T12:00:00Z', false],
    [
      'where it is, not where we are',
      { location: 'Asia/Tokyo', weekdays: ['thursday'] },
      '2026-03-04T15:00:00Z',
      true,
    ],
    [
      'by the summer time of the place',
      { location: 'Europe/Berlin', ...times('12:00', '12:01') },
      '2026-07-01T10:00:00Z',
      true,
    ],
    [
      'by the winter time of the place',
      { location: 'Europe/Berlin', ...times('12:00', '12:01') },
      '2026-01-01T11:00:00Z',
      true,
    ],
  ])('%s', (_what, interval, instant, expected) => {
    expect(isIn(interval, instant)).toBe(expected)
  })
})

describe('a route is kept quiet', () => {
  const tree = treeOf({
    route: {
      receiver: 'ops',
      routes: [
        { matchers: ['a="1"'], mute_time_intervals: ['noon', 'always'] },
        { matchers: ['a="2"'], active_time_intervals: ['noon', 'never'] },
        { matchers: ['a="3"'], mute_time_intervals: ['noon'], active_time_intervals: ['always'] },
        { matchers: ['a="4"'], receiver: 'dba', mute_time_intervals: ['always'], continue: true },
        { matchers: ['a="4"'], receiver: 'dba' },
        { matchers: ['a="4"'], mute_time_intervals: ['always'] },
      ],
    },
    time_intervals: [
      { name: 'noon', time_intervals: [times('12:00', '13:00')] },
      { name: 'always', time_intervals: [{}] },
      { name: 'never' },
    ],
  })
  const noon = new Date('2026-03-04T12:30:00Z')
  const night = new Date('2026-03-04T00:30:00Z')
  const quiet = quietGroups(tree)
  const group = (key: string, receiver = 'ops') => ({
    key: `{}/{${key}}:{a="1"}`,
    labels: { a: '1' },
    receiver,
  })

  test.each<[string, number, Date, string[]]>([
    ['by every mute interval it is in', 0, noon, ['noon', 'always']],
    ['by no mute interval it is not in', 0, night, ['always']],
    ['not while one active interval holds', 1, noon, []],
    ['by all its active intervals while none holds', 1, night, ['noon', 'never']],
    ['by a mute interval, though an active one holds', 2, noon, ['noon']],
    ['by nothing, when none speaks against it', 2, night, []],
  ])('%s', (_what, index, now, names) => {
    const route = tree.root.routes[index]
    expect(route && mutedBy(route, tree, now)).toEqual(names)
  })

  test('and its groups with it, found by the name of the route', () => {
    expect(quiet(group('a="1"'), night)).toBe(true)
    expect(quiet(group('a="2"'), noon)).toBe(false)
    expect(quiet(group('a="2"'), night)).toBe(true)
    expect(quiet(group('a="4"'), night)).toBe(true)
  })

  test('but not where another route of that name and receiver speaks', () => {
    expect(quiet(group('a="4"', 'dba'), night)).toBe(false)
  })

  test('and not by a route that is gone', () => {
    expect(quiet(group('a="9"'), night)).toBe(false)
    expect(quiet(group('a="1"', 'dba'), night)).toBe(false)
  })
})
