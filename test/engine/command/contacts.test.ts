import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { complete } from '#engine/command/complete.ts'
import type { Command } from '#engine/command/command.ts'
import { opensForm } from '#engine/command/opens-form.ts'
import { isComplaint, parseCommand } from '#engine/command/parse.ts'
import { quoted, unquoted } from '#engine/command/quoting.ts'

test.each<[string, Command]>([
  ['contact add ada', { name: 'contact-add', id: 'ada' }],
  [
    'contact add ada name Ada Lovelace zone Europe/London',
    { name: 'contact-add', id: 'ada', person: 'Ada Lovelace', zone: 'Europe/London' },
  ],
  ['/alert CONTACT ADD "Ada L"', { name: 'contact-add', id: 'Ada L' }],
  ['contact remove ada', { name: 'contact-remove', id: 'ada', isSure: false }],
  ['contact remove ada SURE', { name: 'contact-remove', id: 'ada', isSure: true }],
  [
    'contact ada media email Ada@example.com',
    { name: 'contact-media', id: 'ada', type: 'email', medium: { address: 'Ada@example.com' } },
  ],
  [
    '@Tocsin alert contact Ada media SLACK @ada every 5 min summary from 3',
    {
      name: 'contact-media',
      id: 'Ada',
      type: 'slack',
      medium: { address: '@ada', every: '5 min', summary: 'from 3' },
    },
  ],
  ['contact ada media sms off', { name: 'contact-media', id: 'ada', type: 'sms' }],
  ['contact “Ada L” hears db-1', { name: 'contact-hears', id: 'Ada L', subject: 'db-1' }],
  ['contact ada hears db-1:HTTP Port 80', { name: 'contact-hears', id: 'ada', subject: 'db-1:HTTP Port 80' }],
  ['contact ada no longer hears db-1', { name: 'contact-hears-no-more', id: 'ada', subject: 'db-1' }],
  ['contact ada rule', { name: 'contact-rule', id: 'ada' }],
  [
    'contact ada rule for db-1,/^web-/ tags shop critical:email,sms warning: email hours mon-fri 8-18; sat 10-14',
    {
      name: 'contact-rule',
      id: 'ada',
      rule: {
        for: 'db-1,/^web-/',
        tags: 'shop',
        critical: 'email,sms',
        warning: 'email',
        hours: 'mon-fri 8-18; sat 10-14',
      },
    },
  ],
  ['contact ada rule remove 3f2a', { name: 'contact-rule-remove', id: 'ada', rule: '3f2a' }],
  ['contact media', { name: 'contact', id: 'media' }],
  ['contact "Ada \\"the\\" L"', { name: 'contact', id: 'Ada "the" L' }],
  ['contact Ada Lovelace', { name: 'contact', id: 'Ada Lovelace' }],
  ['contact add media', { name: 'contact-add', id: 'media' }],
  ['entity DB-1', { name: 'entity', entity: 'DB-1' }],
])('“%s” is understood', (line, command) => {
  expect(parseCommand(line)).toEqual(command)
})

test.each([
  ['contact add', 'Which contact?'],
  ['contact add ada lovelace', '"lovelace" is not understood'],
  ['contact remove ada please', 'One at a time'],
  ['contact ada media', 'Which medium?'],
  ['contact ada media email', 'To which address? Or say off.'],
  ['contact ada media email a@b c@d', '"c@d" is not understood'],
  ['contact ada hears', 'What?'],
  ['contact ada no longer hears', 'What?'],
  ['contact ada rule db-1', '"db-1" is not understood'],
  ['contact ada rule remove', 'Which rule?'],
  ['entity', 'Which entity?'],
])('“%s” says what is missing, and how it is typed', (line, problem) => {
  const parsed = parseCommand(line)
  expect(isComplaint(parsed) && parsed.complaint).toContain(problem)
  expect(isComplaint(parsed) && parsed.complaint).toContain('Usage: /alert ')
})

test('a rule without words is asked for by form, with words it is not', () => {
  expect(opensForm('contact ada rule')).toBe(true)
  expect(opensForm('contact ada rule critical email')).toBe(false)
  expect(opensForm('contact ada rule remove x')).toBe(false)
})

test('whatever an id looks like, its buttons lead back to it', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[^\s]([^\n]*[^\s])?$/u), (id) => {
      expect(unquoted(quoted(id))).toBe(id)
    }),
  )
  expect(parseCommand(`contact remove ${quoted('Ada "the" L')} sure`)).toEqual({
    name: 'contact-remove',
    id: 'Ada "the" L',
    isSure: true,
  })
})

const lines = (text: string) => complete(text, { openIncidents: [] }).map(({ line }) => line)

test.each([
  ['contact ', ['contact add ', 'contact remove ']],
  [
    'contact ada ',
    [
      'contact ada media ',
      'contact ada hears ',
      'contact ada no longer hears ',
      'contact ada rule',
      'contact ada rule remove ',
    ],
  ],
  ['contact ada no', ['contact ada no longer hears ']],
  ['contact ada rule ', ['contact ada rule remove ']],
  ['contact add ada ', []],
])('“%s” offers %j', (text, expected) => {
  expect(lines(text)).toEqual(expected)
})

test.each([
  'contact \0 media \ud800 \0',
  'contact "',
  `contact ${'"\\'.repeat(20_000)} media x y`,
  'contact a rule __proto__ x',
])('hostile words are answered like anything else', (line) => {
  const parsed = parseCommand(line)
  expect(isComplaint(parsed) ? parsed.complaint.length : parsed.name.length).toBeGreaterThan(0)
})
