import { describe, expect, test } from 'vitest'
import { complete, isComplete } from '#engine/command/complete.ts'

const openIncidents = [
  { number: 42, title: 'Card payments are failing', state: 'FIRING' },
  { number: 43, title: 'Orders are slow', state: 'ACKNOWLEDGED' },
  { number: 7, title: 'Timeouts in inventory', state: 'FIRING' },
]

const lines = (text: string) => complete(text, { openIncidents }).map((one) => one.line)

describe('a command line offers what may come next', () => {
  test.each([
    [
      'r',
      [
        'resolve ',
        'rule list',
        'rule create',
        'rule show ',
        'rule enable ',
        'rule disable ',
        'rule delete ',
        'routes',
      ],
      'commands that begin so',
    ],
    [
      'ru',
      ['rule list', 'rule create', 'rule show ', 'rule enable ', 'rule disable ', 'rule delete '],
      'commands of two words as one',
    ],
    [
      'rule ',
      ['rule list', 'rule create', 'rule show ', 'rule enable ', 'rule disable ', 'rule delete '],
      'the second word of a command',
    ],
    ['rule c', ['rule create'], 'the second word once begun'],
    ['/li', ['/alert list'], 'a slash before the wrong word'],
    [
      '/alert r',
      [
        '/alert resolve ',
        '/alert rule list',
        '/alert rule create',
        '/alert rule show ',
        '/alert rule enable ',
        '/alert rule disable ',
        '/alert rule delete ',
        '/alert routes',
      ],
      'what was typed in front is kept',
    ],
    ['alert sh', ['alert show '], 'the word without its slash'],
    ['SHO', ['show '], 'upper case'],
    ['ack ', ['ack 42', 'ack 7'], 'only what is not acknowledged yet'],
    ['resolve ', ['resolve 42', 'resolve 43', 'resolve 7'], 'every open alert'],
    ['show 4', ['show 42', 'show 43'], 'numbers that begin so'],
    ['show #4', ['show 42', 'show 43'], 'numbers with their mark'],
    ['show slow', ['show 43'], 'a word of the title'],
    ['resolve 42 ', ['resolve 42 43', 'resolve 42 7'], 'another alert, but not the same one'],
    ['silence ', ['silence 42', 'silence 43', 'silence 7'], 'no space where the rest is optional'],
    ['silence 42 ', ['silence 42 30m', 'silence 42 1h', 'silence 42 4h', 'silence 42 tomorrow'], 'durations'],
    ['silence 42 t', ['silence 42 tomorrow'], 'durations that begin so'],
    ['list ', ['list open', 'list firing', 'list acknowledged', 'list resolved'], 'filters'],
    ['help ac', ['help ack'], 'commands to be explained'],
    [
      'help rule',
      [
        'help rule list',
        'help rule create',
        'help rule show',
        'help rule enable',
        'help rule disable',
        'help rule delete',
      ],
      'commands of two words to be explained',
    ],
    ['silence 42 30m', [], 'nothing once the line is whole'],
    ['silence 42 30m ', [], 'nothing after the last argument'],
    ['rule create', [], 'nothing after a command without arguments'],
    ['show 99', [], 'nothing for a number nobody has'],
    ['dance', [], 'nothing for a word nobody knows'],
  ])('%j → %j: %s', (text, expected) => {
    expect(lines(text)).toEqual(expected)
  })

  test('every command after a bare slash, said the way the other platforms say it', () => {
    expect(lines('/')).toEqual([
      '/alert list',
      '/alert show ',
      '/alert ack ',
      '/alert silence ',
      '/alert resolve ',
      '/alert rule list',
      '/alert rule create',
      '/alert help',
    ])
    expect(lines('/al')).toEqual(lines('/'))
    expect(lines('/alert')).toEqual(lines('/'))
    expect(lines('/alert ')).toEqual(lines('/'))
  })

  test('an alert is offered by number, title and state', () => {
    expect(complete('ack 42', { openIncidents: [] })).toEqual([])
    expect(complete('ack car', { openIncidents })).toEqual([
      { line: 'ack 42', label: '#42', about: 'Card payments are failing · firing' },
    ])
  })

  test('never more than fits under a thumb', () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ number: at + 1, title: 'x', state: 'FIRING' }))
    expect(complete('show ', { openIncidents: many })).toHaveLength(8)
  })

  test('hostile text offers nothing and throws nothing', () => {
    for (const text of ['\u0000', '('.repeat(10_000), 'constructor ', '__proto__ ', 'show \ud800', '/ / /']) {
      expect(lines(text)).toEqual([])
    }
  })
})

test.each([
  ['list', true],
  ['/alert ack 42 43', true],
  ['ack', false],
  ['li', false],
  ['silence 42 soon', false],
  ['  ', false],
])('%j can be sent as it stands: %s', (text, expected) => {
  expect(isComplete(text)).toBe(expected)
})
