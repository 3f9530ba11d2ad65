import { expect, test } from 'vitest'
import { readClauses } from '#engine/command/clauses.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { printMatchers } from '#engine/matcher-text.ts'
import { readSilenceWords } from '#engine/suppress/silence-words.ts'

const place = { now: new Date('2026-11-20T12:30:00Z'), zone: 'Europe/Berlin' }

test('a long command is read part by part, as it was typed', () => {
  expect(
    readClauses(
      'team="a for b" app=x for 2h starting tomorrow 22:00 every 0 22 * * 6 in Europe/Berlin because For all in it',
    ),
  ).toEqual({
    what: 'team="a for b" app=x',
    for: '2h',
    starting: 'tomorrow 22:00',
    every: '0 22 * * 6',
    in: 'Europe/Berlin',
    because: 'For all in it',
  })
  expect(readClauses('team=“Ops EU” until 22:00')).toEqual({ what: 'team="Ops EU"', until: '22:00' })
})

test.each([
  'silence Team=A for 2h',
  '/alert silence where Team=A for 2h',
  '@Tocsin alert silence where Team=A FOR 2h',
  'SILENCE WHERE Team=A for 2h',
])('“%s” keeps the case of labels', (line) => {
  expect(parseCommand(line)).toEqual({ name: 'silence-where', clauses: { what: 'Team=A', for: '2h' } })
})

test.each([
  ['silence where', { name: 'silence-where' }],
  ['silence expire 3F2A', { name: 'silence-expire', id: '3f2a' }],
  ['silence extend 3f2a for 2h', { name: 'silence-extend', id: '3f2a', seconds: 7200 }],
  ['silences', { name: 'silence-list' }],
  [
    'maintenance /^DB-/ for 2h because Of Disks',
    { name: 'maintenance', clauses: { what: '/^DB-/', for: '2h', because: 'Of Disks' } },
  ],
  [
    '/alert maintenance db-1:HTTP Port 80 for 2h',
    { name: 'maintenance', clauses: { what: 'db-1:HTTP Port 80', for: '2h' } },
  ],
  ['maintenance end 3f2a', { name: 'maintenance-end', id: '3f2a' }],
  ['contact Ada', { name: 'contact', id: 'Ada' }],
  ['who db-1:HTTP Port 80', { name: 'who', subject: 'db-1:HTTP Port 80' }],
  ['test db-1', { name: 'test', subject: 'db-1' }],
])('“%s” is understood', (line, command) => {
  expect(parseCommand(line)).toEqual(command)
})

test.each([
  'silence expire',
  'silence extend 3f2a',
  'silence extend',
  'maintenance',
  'maintenance db-1',
  'who',
  'test',
  'contact',
  'silence expire a b',
])('“%s” says what is missing, and how it is typed', (line) => {
  const parsed = parseCommand(line)
  expect(isComplaint(parsed) && parsed.complaint).toMatch(/Usage: \/alert /)
})

function read(line: string) {
  return readSilenceWords(readClauses(line), place)
}

test.each([
  [
    'team=a app=~"x|y" for 2h',
    '{team="a",app=~"x|y"}',
    '2026-11-20T12:30:00.000Z',
    '2026-11-20T14:30:00.000Z',
  ],
  [
    '{team="a, b", rack!=1} for 30m',
    '{team="a, b",rack!="1"}',
    '2026-11-20T12:30:00.000Z',
    '2026-11-20T13:00:00.000Z',
  ],
  [
    'severity=critical for 1h',
    '{tocsin_severity="CRITICAL"}',
    '2026-11-20T12:30:00.000Z',
    '2026-11-20T13:30:00.000Z',
  ],
  ['severity=page for 1h', '{severity="page"}', '2026-11-20T12:30:00.000Z', '2026-11-20T13:30:00.000Z'],
  ['appSlug=orders until tomorrow', '{app="orders"}', '2026-11-20T12:30:00.000Z', '2026-11-21T08:00:00.000Z'],
  ['a=b starting 22:00 until 23:00', '{a="b"}', '2026-11-20T21:00:00.000Z', '2026-11-20T22:00:00.000Z'],
])('“%s” is a silence of %s', (line, matchers, from, until) => {
  const silence = read(line)
  if ('problem' in silence) throw new Error(silence.problem)
  expect(printMatchers(silence.wish.matchers)).toBe(matchers)
  expect([silence.wish.startsAt.toISOString(), silence.wish.endsAt.toISOString()]).toEqual([from, until])
})

test('one that repeats lasts each time as long as it says, in the zone of the house unless it names one', () => {
  expect(read('a=b for 2h every 0 22 * * 6')).toMatchObject({
    wish: { recurrence: { cron: '0 22 * * 6', zone: 'Europe/Berlin', durationSeconds: 7200 } },
  })
  expect(read('a=b for 2h every 0 22 * * 6 in America/New_York until 2027-01-01')).toMatchObject({
    wish: { recurrence: { zone: 'America/New_York' }, endsAt: new Date('2027-01-01T08:00:00Z') },
  })
})

test.each([
  ['for 2h', 'what'],
  ['a=~".*" for 2h', 'what'],
  ['nonsense for 2h', 'what'],
  ['a=~"(" for 2h', 'what'],
  ['a=b', 'for'],
  ['a=b for ever', 'for'],
  ['a=b for 400d', 'for'],
  ['a=b for 2h starting soon', 'starting'],
  ['a=b until then', 'until'],
  ['a=b starting 2026-11-22 until 2026-11-21', 'until'],
  ['a=b for 2h every day', 'every'],
  ['a=b for 2h every 0 22 * * 6 in Mars', 'in'],
  ['a=b until tomorrow every 0 22 * * 6', 'for'],
])('“%s” is refused for its %s', (line, about) => {
  expect(read(line)).toEqual({ problem: expect.stringMatching(/.{10,}/), about })
})
