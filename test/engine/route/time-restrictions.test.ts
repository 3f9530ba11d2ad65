import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTimeRestriction } from '#engine/route/read-time-restriction.ts'
import { compileTimeRestriction, type IsOpen } from '#engine/route/time-restrictions.ts'
import { openZone, parseInstant, toInstants, toWall, type Zone } from '#engine/route/wall-clock.ts'

type Hash = Readonly<Record<string, unknown>>

function zoneOf(name: string): Zone {
  const zone = openZone(name)
  if (!zone) throw new Error(`No zone ${name}`)
  return zone
}

function opening(hash: Hash, zone = 'UTC'): IsOpen {
  const reading = readTimeRestriction({ rrules: [], ...hash })
  if (reading.kind === 'refused') throw new Error(reading.problems.join('; '))
  return compileTimeRestriction(reading.restriction, zoneOf(zone))
}

function at(text: string, zone = 'UTC'): number {
  const instant = parseInstant(text, zoneOf(zone))
  if (instant === undefined) throw new Error(`No time ${text}`)
  return instant
}

const office = { start_time: '2014-01-13 08:00:00', end_time: '2014-01-13 18:00:00' }
const recurring = (rule: Hash) => ({ ...office, rrules: [rule] })

describe('each frequency', () => {
  test.each<[string, Hash, string, boolean]>([
    ['Yearly', {}, '2017-01-13 09:00', true],
    ['Yearly', {}, '2017-02-13 09:00', false],
    ['Yearly', { interval: 2 }, '2017-01-13 09:00', false],
    ['Yearly', { validations: { day_of_year: [-1] } }, '2016-12-31 09:00', true],
    ['Yearly', { validations: { month_of_year: [3], day: [1] } }, '2016-03-14 09:00', true],
    ['Monthly', {}, '2014-05-13 09:00', true],
    ['Monthly', { interval: 3 }, '2014-05-13 09:00', false],
    ['Monthly', { validations: { day_of_month: [-1, 15] } }, '2016-02-29 09:00', true],
    ['Monthly', { validations: { day_of_week: { 1: [-1], tuesday: [2] } } }, '2014-05-26 09:00', true],
    ['Monthly', { validations: { day_of_week: { 1: [-1], tuesday: [2] } } }, '2014-05-13 09:00', true],
    ['Monthly', { validations: { day_of_week: { 1: [-1], tuesday: [2] } } }, '2014-05-20 09:00', false],
    ['Weekly', {}, '2014-01-20 09:00', true],
    ['Weekly', { validations: { day: [0] }, interval: 2, week_start: 0 }, '2014-01-26 09:00', true],
    ['Weekly', { validations: { day: [0] }, interval: 2, week_start: 1 }, '2014-01-19 09:00', true],
    ['Daily', { interval: 3 }, '2014-01-16 09:00', true],
    ['Daily', { interval: 3 }, '2014-01-17 09:00', false],
    ['Daily', { validations: { hour_of_day: [20], minute_of_hour: 30 } }, '2014-01-18 06:29:59', true],
    ['Daily', { validations: { hour_of_day: [20], minute_of_hour: 30 } }, '2014-01-18 06:30', false],
    ['Daily', { until: '2014-01-15 08:00:00' }, '2014-01-15 17:00', true],
    ['Daily', { until: '2014-01-15 07:59:59' }, '2014-01-15 17:00', false],
    ['Daily', { count: 3 }, '2014-01-15 17:00', true],
    ['Daily', { count: 3 }, '2014-01-16 17:00', false],
    ['Daily', { count: 0 }, '2014-01-13 09:00', false],
  ])('%s %j at %s: %s', (frequency, parts, time, expected) => {
    expect(opening(recurring({ rule_type: frequency, ...parts }))(at(time))).toBe(expected)
  })

  test.each<[string, Hash, string, boolean]>([
    ['Hourly', { interval: 5 }, '2014-01-13 13:09:59', true],
    ['Hourly', { interval: 5 }, '2014-01-13 13:10:00', false],
    ['Hourly', { validations: { day: [2] } }, '2014-01-14 23:01:00', true],
    ['Hourly', { validations: { day: [2] } }, '2014-01-15 00:01:00', false],
    ['Minutely', { interval: 25 }, '2014-01-13 08:34:00', true],
    ['Minutely', { interval: 25 }, '2014-01-13 08:35:00', false],
    ['Minutely', { validations: { hour_of_day: [9] }, count: 2 }, '2014-01-13 09:10:59', true],
    ['Minutely', { validations: { hour_of_day: [9] }, count: 2 }, '2014-01-13 09:11:00', false],
    ['Secondly', { interval: 1000 }, '2014-01-13 08:26:39', true],
    ['Secondly', { interval: 1000 }, '2014-01-13 08:26:40', false],
  ])('%s %j for ten minutes at %s: %s', (frequency, parts, time, expected) => {
    const tenMinutes = {
      ...office,
      end_time: '2014-01-13 08:10:00',
      rrules: [{ rule_type: frequency, ...parts }],
    }
    expect(opening(tenMinutes)(at(time))).toBe(expected)
  })

  test('the 31st of a shorter month is its last day', () => {
    const isOpen = opening({
      start_time: '2014-01-31 08:00:00',
      end_time: '2014-01-31 09:00:00',
      rrules: [{ rule_type: 'Monthly' }],
    })
    expect([
      isOpen(at('2014-02-28 08:30')),
      isOpen(at('2014-02-27 08:30')),
      isOpen(at('2014-03-31 08:30')),
    ]).toEqual([true, false, true])
  })

  test('a day that never comes never comes, quickly', () => {
    const never = recurring({
      rule_type: 'Minutely',
      validations: { day_of_month: [31], month_of_year: [2] },
    })
    expect(opening({ ...never, end_time: '2018-01-13 18:00:00' })(at('2018-01-01 00:00'))).toBe(false)
  })
})

describe('single times', () => {
  test('without recurrences the first occurrence is the only one, but for the extra times', () => {
    const isOpen = opening({
      ...office,
      rtimes: ['2014-02-01 20:00:00', { time: '2014-02-03 06:00:00 UTC', zone: 'UTC' }],
    })
    expect(
      [at('2014-01-13 08:00'), at('2014-01-14 08:00'), at('2014-02-02 05:59'), at('2014-02-03 15:59')].map(
        isOpen,
      ),
    ).toEqual([true, false, true, true])
  })

  test('an excepted time takes out the window that begins then', () => {
    const isOpen = opening({
      ...recurring({ rule_type: 'Daily' }),
      extimes: ['2014-01-15 08:00:00', '2014-01-16 12:00:00'],
    })
    expect(isOpen(at('2014-01-15 09:00'))).toBe(false)
    expect(isOpen(at('2014-01-16 11:59:59'))).toBe(true)
    expect(isOpen(at('2014-01-16 12:00:00'))).toBe(false)
  })

  test('times with an offset are that instant, whatever the zone', () => {
    const isOpen = opening(
      { start_time: '2014-01-13T08:00:00Z', end_time: '2014-01-13 11:00:00 +0200' },
      'America/New_York',
    )
    expect([isOpen(at('2014-01-13 08:30')), isOpen(at('2014-01-13 09:00'))]).toEqual([true, false])
  })

  test('a window that ends before it begins is open in the very second', () => {
    const isOpen = opening({ start_time: office.end_time, end_time: office.start_time })
    expect([isOpen(at(office.end_time)), isOpen(at(office.end_time) + 1)]).toEqual([true, false])
  })
})

describe('daylight saving', () => {
  const night = {
    start_time: '2014-01-01 02:30:00',
    end_time: '2014-01-01 03:30:00',
    rrules: [{ rule_type: 'Daily' }],
  }

  test('the wall clock survives it', () => {
    const isOpen = opening(recurring({ rule_type: 'Daily' }), 'America/New_York')
    expect(
      ['2014-01-20 13:00', '2014-01-20 12:59:59', '2014-07-20 12:00', '2014-07-20 11:59:59'].map((time) =>
        isOpen(at(time)),
      ),
    ).toEqual([true, false, true, false])
  })

  test('what would begin in the hour that is skipped begins one hour later on the wall', () => {
    const isOpen = opening(night, 'Europe/Rome')
    expect(
      [
        at('2014-03-30 01:29:59'),
        at('2014-03-30 01:30'),
        at('2014-03-30 02:29:59'),
        at('2014-03-30 02:30'),
      ].map(isOpen),
    ).toEqual([false, true, true, false])
  })

  test('what begins in the hour that comes twice begins twice', () => {
    const isOpen = opening(night, 'Europe/Rome')
    expect(
      [at('2014-10-26 00:30'), at('2014-10-26 01:30'), at('2014-10-26 02:29:59'), at('2014-10-26 02:30')].map(
        isOpen,
      ),
    ).toEqual([true, true, true, false])
  })

  test('wall and instants agree in every zone', () => {
    const zones = [
      'UTC',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/Sao_Paulo',
      'Pacific/Apia',
    ].map(zoneOf)
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 2e9 }), (zone, instant) => {
        expect(toInstants(zone, toWall(zone, instant))).toContain(instant)
      }),
    )
  })
})

test('every window is half-open, whatever recurs', () => {
  const hours = fc.integer({ min: 1, max: 20 })
  const rule = fc.record({
    rule_type: fc.constantFrom('Daily', 'Weekly', 'Monthly', 'Yearly'),
    interval: fc.constantFrom(1, 2, 3),
  })
  fc.assert(
    fc.property(
      rule,
      hours,
      fc.constantFrom('UTC', 'Europe/Rome', 'Asia/Kolkata'),
      fc.integer({ min: 0, max: 1200 }),
      (recurrence, length, zone, daysLater) => {
        const start = at('2014-01-13 03:00:00', zone)
        const end = new Date((start + length * 3600) * 1000).toISOString()
        const isOpen = opening(
          { ...office, start_time: '2014-01-13 03:00:00', end_time: end, rrules: [recurrence] },
          zone,
        )
        const [begin = 0] = toInstants(zoneOf(zone), toWall(zoneOf(zone), start) + daysLater * 86_400)
        expect(isOpen(begin - 1)).toBe(false)
        expect(isOpen(begin + length * 3600)).toBe(false)
        expect(isOpen(begin + length * 3600 - 1)).toBe(isOpen(begin))
      },
    ),
  )
})

describe('what cannot be read is refused with its place', () => {
  test.each<[string, Hash, string]>([
    [
      'an unknown frequency',
      recurring({ rule_type: 'Fortnightly' }),
      'rrules.0.rule_type: must be one of Secondly',
    ],
    ['day 7', recurring({ rule_type: 'Weekly', validations: { day: [7] } }), 'rrules.0.validations.day'],
    [
      'a weekday in words',
      recurring({ rule_type: 'Weekly', validations: { day: ['monday'] } }),
      'rrules.0.validations.day',
    ],
    [
      'day 0 of the month',
      recurring({ rule_type: 'Monthly', validations: { day_of_month: [0] } }),
      'count from 1',
    ],
    [
      'an unknown validation',
      recurring({ rule_type: 'Daily', validations: { phase_of_moon: 1 } }),
      'phase_of_moon',
    ],
    [
      'a day of the month, weekly',
      recurring({ rule_type: 'Weekly', validations: { day_of_month: [1] } }),
      'does not go with Weekly',
    ],
    ['no interval at all', recurring({ rule_type: 'Daily', interval: 0 }), 'rrules.0.interval'],
    ['no end', { start_time: office.start_time, rrules: [] }, 'start_time and end_time are both needed'],
    [
      'no such day',
      { ...office, start_time: '2014-02-30 08:00:00', rrules: [] },
      'start_time: must be a time such as',
    ],
    ['no rrules', office, 'rrules: must be a list'],
    ['a count beyond reason', recurring({ rule_type: 'Daily', count: 1e9 }), 'rrules.0.count'],
  ])('%s', (_what, hash, problem) => {
    const reading = readTimeRestriction(hash)
    expect(reading.kind === 'refused' ? reading.problems.join('; ') : 'read').toContain(problem)
  })

  test('exrules and old names are as Flapjack has them', () => {
    const isOpen = opening({
      start_date: office.start_time,
      end_date: { time: office.end_time },
      exrules: ['anything'],
    })
    expect(isOpen(at('2014-01-13 09:00'))).toBe(true)
  })
})
