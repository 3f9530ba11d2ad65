import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command } from '#engine/command/command.ts'
import { isComplaint, parseCommand, parseSilenceUntil } from '#engine/command/parse.ts'
import { commandNames, commands } from '#engine/command/registry.ts'

describe('what is understood', () => {
  test.each<[string, Command]>([
    ['', { name: 'help' }],
    ['   ', { name: 'help' }],
    ['help', { name: 'help' }],
    ['help rule create', { name: 'help', topic: 'rule create' }],
    ['list', { name: 'list', only: 'open' }],
    ['list open', { name: 'list', only: 'open' }],
    ['list firing', { name: 'list', only: 'firing' }],
    ['list acked', { name: 'list', only: 'acknowledged' }],
    ['list acknowledged', { name: 'list', only: 'acknowledged' }],
    ['list resolved', { name: 'list', only: 'resolved' }],
    ['show 42', { name: 'show', number: 42 }],
    ['show #42', { name: 'show', number: 42 }],
    ['ack 42', { name: 'acknowledge', numbers: [42] }],
    ['ack 42 #43 42 7', { name: 'acknowledge', numbers: [42, 43, 7] }],
    ['resolve 1 2', { name: 'resolve', numbers: [1, 2] }],
    ['silence 42', { name: 'silence', number: 42 }],
    ['silence 42 30m', { name: 'silence', number: 42, until: { kind: 'minutes', minutes: 30 } }],
    ['silence 42 for 1 h 30 min', { name: 'silence', number: 42, until: { kind: 'minutes', minutes: 90 } }],
    ['silence 42 45', { name: 'silence', number: 42, until: { kind: 'minutes', minutes: 45 } }],
    ['silence 42 until tomorrow', { name: 'silence', number: 42, until: { kind: 'tomorrow' } }],
    ['silence 42 tomorrow', { name: 'silence', number: 42, until: { kind: 'tomorrow' } }],
    ['rule list', { name: 'rule-list' }],
    ['rule create', { name: 'rule-create' }],
  ])('%s', (text, command) => {
    expect(parseCommand(text)).toEqual(command)
  })

  test.each([
    '/alert ack 42',
    'alert ack 42',
    '@Tocsin alert ack 42',
    '@Tocsin /alert  ACK\t42',
    'ＡＣＫ ４２',
    '\u00a0ack\u00a042\n',
  ])('whatever the platform left in front, and whatever keyboard it came from: %j', (text) => {
    expect(parseCommand(text)).toEqual({ name: 'acknowledge', numbers: [42] })
  })

  test('every example that help shows', () => {
    for (const name of commandNames) {
      for (const example of commands[name].examples) expect(parseCommand(example)).toMatchObject({ name })
    }
  })
})

describe('what is not, with what to type instead', () => {
  test.each([
    ['ack', 'Which alert? Usage: /alert ack <number>'],
    ['ack the second one', '"the" is not an alert number. Usage: /alert ack <number>'],
    ['ack 42 and 43', '"and" is not an alert number. Usage: /alert ack <number>'],
    ['ack 4.x', '"4.x" is not an alert number. Usage: /alert ack <number>'],
    ['ack -1', '"-1" is not an alert number. Usage: /alert ack <number>'],
    ['ack 99999999999999999999', '"99999999999999999999" is not an alert number. Usage: /alert ack <number>'],
    ['show 1 2', 'I can show one alert at a time. Usage: /alert show <number>'],
    [
      'list mine',
      '"mine" is not a list I know; try open, firing, acknowledged or resolved. Usage: /alert list [which]',
    ],
    [
      'list __proto__',
      '"__proto__" is not a list I know; try open, firing, acknowledged or resolved. Usage: /alert list [which]',
    ],
    [
      'list firing now',
      '"firing now" is not a list I know; try open, firing, acknowledged or resolved. Usage: /alert list [which]',
    ],
    ['silence', 'Which alert? Usage: /alert silence <number> [duration]'],
    [
      'silence 42 a while',
      '"a while" is not a length of time I know; try 30m, 4h, 2d or tomorrow. Usage: /alert silence <number> [duration]',
    ],
    [
      'silence 42 3 0',
      '"3 0" is not a length of time I know; try 30m, 4h, 2d or tomorrow. Usage: /alert silence <number> [duration]',
    ],
    ['rule', 'I do not know "rule". Try /alert help'],
    ['constructor', 'I do not know "constructor". Try /alert help'],
    ['<!channel> & <@U1>', 'I do not know "<!channel> & <@u1>". Try /alert help'],
  ])('%s', (text, complaint) => {
    expect(parseCommand(text)).toEqual({ complaint })
  })

  test('a flood of text is answered with a short line', () => {
    const parsed = parseCommand('x'.repeat(1_000_000))
    expect(isComplaint(parsed) && parsed.complaint.length).toBeLessThan(150)
  })

  test('nothing a keyboard can produce makes it throw or forget to answer', () => {
    const words = fc.constantFrom(
      'ack',
      'silence',
      'list',
      'rule',
      '/alert',
      '@x',
      '42',
      '#1',
      '1h',
      '\0',
      '\ud800',
      '🔥',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(words).map((some) => some.join(' ')),
        ),
        (text) => {
          const parsed = parseCommand(text)
          expect(isComplaint(parsed) ? parsed.complaint : parsed.name).toMatch(/\S/)
        },
      ),
    )
  })
})

describe('until when', () => {
  test.each([
    ['1m', 1],
    ['90s', 2],
    ['30d', 30 * 1440],
  ])('%s is %d minutes', (text, minutes) => {
    expect(parseSilenceUntil(text)).toEqual({ kind: 'minutes', minutes })
  })

  test.each(['0', '59s', '31d', '720h1m', '', 'forever', 'tomorrow morning'])('%j is refused', (text) => {
    expect(parseSilenceUntil(text)).toBeUndefined()
  })
})
