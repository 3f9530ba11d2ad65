import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCronDay, parseCron } from '#engine/suppress/cron.ts'
import { type Recurrence, recurrenceProblem, spanAfter, spanAt } from '#engine/suppress/recurrence.ts'

const hourly = { durationSeconds: 3600 }
const at = (recurrence: Recurrence, when: string) =>
  spanAt(recurrence, new Date(when))?.startsAt.toISOString()
const next = (recurrence: Recurrence, when: string) =>
  spanAfter(recurrence, new Date(when))?.startsAt.toISOString()

describe('a schedule', () => {
  test.each([
    ['*/20 0 1 1 0', 'minutes', [0, 20, 40]],
    ['5/20 0 1 1 0', 'minutes', [5, 25, 45]],
    ['1-9/4,30 0 1 1 0', 'minutes', [1, 5, 9, 30]],
    ['0 0 1 jan,DEC 0', 'months', [1, 12]],
    ['0 0 * * mon-wed', 'daysOfWeek', [1, 2, 3]],
    ['0 0 * * 5-7', 'daysOfWeek', [5, 6, 0]],
  ] as const)('%s: %s are %j', (text, field, expected) => {
    const parsed = parseCron(text)
    expect('cron' in parsed && [...parsed.cron[field]]).toEqual(expected)
  })

  test.each([
    ['', /five fields/],
    ['0 0 * *', /five fields/],
    ['0 0 * * * *', /five fields/],
    ['60 0 * * *', /"60" is no minute: use 0 to 59/],
    ['0 24 * * *', /no hour/],
    ['0 0 0 * *', /no day of month/],
    ['0 0 * 13 *', /no month/],
    ['0 0 * * 8', /no day of week/],
    ['0 0 * * fri-mon', /no day of week/],
    ['*/0 0 * * *', /no minute/],
    ['1,,2 0 * * *', /no minute/],
    ['-1 0 * * *', /no minute/],
    ['1e9 0 * * *', /no minute/],
    [`${'1,'.repeat(50_000)}x 0 * * *`, /"x" is no minute/],
  ])('%.30s is refused', (text, expected) => {
    const parsed = parseCron(text)
    expect('problem' in parsed ? parsed.problem : '').toMatch(expected)
  })

  test.each([
    ['0 0 13 * 5', { day: 13, month: 2, weekday: 1 }, true],
    ['0 0 13 * 5', { day: 6, month: 2, weekday: 5 }, true],
    ['0 0 13 * 5', { day: 7, month: 2, weekday: 6 }, false],
    ['0 0 13 * *', { day: 6, month: 2, weekday: 5 }, false],
    ['0 0 * * 5', { day: 13, month: 2, weekday: 1 }, false],
    ['0 0 * 3 *', { day: 13, month: 2, weekday: 1 }, false],
  ])('%s on %j: %s', (text, date, expected) => {
    const parsed = parseCron(text)
    expect('cron' in parsed && isCronDay(parsed.cron, date)).toBe(expected)
  })
})

describe('spans (abuse case 24)', () => {
  const nightly: Recurrence = { cron: '0 2 * * *', zone: 'Europe/Berlin', ...hourly }

  test.each([
    ['2026-01-31T00:59:59.999Z', undefined],
    ['2026-01-31T01:00:00.000Z', '2026-01-31T01:00:00.000Z'],
    ['2026-01-31T01:59:59.999Z', '2026-01-31T01:00:00.000Z'],
    ['2026-01-31T02:00:00.000Z', undefined],
  ])('are half-open: at %s it is %s', (when, expected) => {
    expect(at(nightly, when)).toBe(expected)
  })

  test('the next one begins after now, not at it', () => {
    expect(next(nightly, '2026-01-31T00:59:59.999Z')).toBe('2026-01-31T01:00:00.000Z')
    expect(next(nightly, '2026-01-31T01:00:00.000Z')).toBe('2026-02-01T01:00:00.000Z')
  })

  test('follow the wall clock over the year', () => {
    expect(next(nightly, '2026-07-01T12:00:00Z')).toBe('2026-07-02T00:00:00.000Z')
  })

  test('an hour the clocks jump over happens after the jump', () => {
    expect(next(nightly, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(next({ ...nightly, cron: '30 2 * * *' }, '2026-03-28T12:00:00Z')).toBe('2026-03-29T01:30:00.000Z')
  })

  test('of an hour the clocks repeat the first is meant, and only that', () => {
    expect(next(nightly, '2026-10-24T12:00:00Z')).toBe('2026-10-25T00:00:00.000Z')
    expect(next(nightly, '2026-10-25T00:00:00Z')).toBe('2026-10-26T01:00:00.000Z')
  })

  test('days are those of the zone', () => {
    const monday: Recurrence = { cron: '0 8 * * 1', zone: 'Pacific/Auckland', ...hourly }
    expect(at(monday, '2026-01-25T19:30:00Z')).toBe('2026-01-25T19:00:00.000Z')
    expect(at(monday, '2026-01-26T19:30:00Z')).toBeUndefined()
  })

  test('one that lasts for days covers the days after its start', () => {
    const weekend: Recurrence = { cron: '0 18 * * 5', zone: 'UTC', durationSeconds: 60 * 3600 }
    expect(at(weekend, '2026-02-01T23:00:00Z')).toBe('2026-01-30T18:00:00.000Z')
    expect(at(weekend, '2026-02-02T06:00:00Z')).toBeUndefined()
  })

  test('29 February comes, and 30 February never does', () => {
    expect(next({ cron: '0 0 29 2 *', zone: 'UTC', ...hourly }, '2026-03-01T00:00:00Z')).toBe(
      '2028-02-29T00:00:00.000Z',
    )
    expect(next({ cron: '0 0 30 2 *', zone: 'UTC', ...hourly }, '2026-03-01T00:00:00Z')).toBeUndefined()
  })

  test('whatever the schedule, what covers an instant began before it and ends after it', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
    )
    const cron = fc.constantFrom('0 2 * * *', '30 1,2,3 * * 0', '*/30 * * * *', '15 23 1 * *')
    const durationSeconds = fc.integer({ min: 60, max: 3 * 86_400 })
    const when = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(fc.record({ zone, cron, durationSeconds }), when, (recurrence, now) => {
        const covering = spanAt(recurrence, now)
        const coming = spanAfter(recurrence, now)
        if (covering) expect(covering.startsAt <= now && now < covering.endsAt).toBe(true)
        expect(coming && coming.startsAt > now).toBe(true)
        expect(coming && spanAt(recurrence, coming.startsAt)?.startsAt).toEqual(coming?.startsAt)
      }),
      { numRuns: 200 },
    )
  })
})

test.each([
  [{ cron: '0 2 * * *', zone: 'Europe/Berlin', durationSeconds: 3600 }, undefined],
  [{ cron: 'nightly', zone: 'Europe/Berlin', durationSeconds: 3600 }, /five fields/],
  [
    { cron: '0 2 * * *', zone: 'Mars/Olympus', durationSeconds: 3600 },
    /"Mars\/Olympus" is no time zone I know/,
  ],
  [{ cron: '0 2 * * *', zone: 'UTC', durationSeconds: 59 }, /from 1 minute to 31 days/],
  [{ cron: '0 2 * * *', zone: 'UTC', durationSeconds: 1e300 }, /from 1 minute to 31 days/],
  [{ cron: '0 2 * * *', zone: 'UTC', durationSeconds: Number.NaN }, /from 1 minute to 31 days/],
])('%j: problem %s', (recurrence, expected) => {
  const problem = recurrenceProblem(recurrence)
  if (expected === undefined) expect(problem).toBeUndefined()
  else expect(problem).toMatch(expected)
})
