import { expect, test } from 'vitest'
import { readWhen } from '#engine/when.ts'

/** 13:30 on a Friday in Berlin, the day before nothing special. */
const now = new Date('2026-11-20T12:30:00Z')
const zone = 'Europe/Berlin'

test.each([
  ['now', '2026-11-20T12:30:00.000Z'],
  ['in 2h', '2026-11-20T14:30:00.000Z'],
  ['22:00', '2026-11-20T21:00:00.000Z'],
  ['9:15', '2026-11-21T08:15:00.000Z'],
  ['13:30', '2026-11-21T12:30:00.000Z'],
  ['tomorrow', '2026-11-21T08:00:00.000Z'],
  ['Tomorrow 22:00', '2026-11-21T21:00:00.000Z'],
  ['today 22:00', '2026-11-20T21:00:00.000Z'],
  ['2027-07-01', '2027-07-01T07:00:00.000Z'],
  ['2027-07-01 02:00', '2027-07-01T00:00:00.000Z'],
  ['2027-07-01T02:00:00Z', '2027-07-01T02:00:00.000Z'],
  ['2027-07-01 02:00+02:00', '2027-07-01T00:00:00.000Z'],
])('“%s” is %s', (text, instant) => {
  expect(readWhen(text, { now, zone })?.toISOString()).toBe(instant)
})

test.each([
  '',
  'soon',
  '25:00',
  '12:60',
  '2027-13-01',
  '2027-02-30 10:00',
  'in',
  'in a while',
  'tomorrowx',
  '12',
])('“%s” is no time', (text) => {
  expect(readWhen(text, { now, zone })).toBeUndefined()
})
