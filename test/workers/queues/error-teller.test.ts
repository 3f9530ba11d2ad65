import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addressOf, errorTeller } from '#workers/queues/error-teller.ts'

describe('what is told of an error', () => {
  const { describe: line } = errorTeller(
    () => undefined,
    ['redis://someone:p%40ss@cache:6380', 'postgres://db/x'],
  )

  test.each([
    ['is its message', new Error('connect ECONNREFUSED 10.0.0.1:6380'), 'connect ECONNREFUSED 10.0.0.1:6380'],
    ['is its name when it has no message', new TypeError(''), 'TypeError'],
    [
      'is every address that was tried',
      new AggregateError([new Error('no ::1'), new Error('no 127.0.0.1')]),
      'no ::1; no 127.0.0.1',
    ],
    ['is the thing itself when it is no error', 'gone', 'gone'],
    ['is never the password', new Error('AUTH p@ss or p%40ss'), 'AUTH *** or ***'],
    ['is never a whole URL with a password', new Error('bad redis://someone:p%40ss@cache:6380'), 'bad ***'],
  ])('%s', (_, error, expected) => {
    expect(line(error)).toBe(expected)
  })
})

describe('the same trouble', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 0 }))
  afterEach(() => void vi.useRealTimers())

  test('is told once in five seconds, whoever tells it, and as an error of our own', () => {
    const told: [string, Error][] = []
    const { report } = errorTeller((error, where) => told.push([where, error]), [])
    const original = Object.assign(new Error('connection lost'), { command: { args: ['credentials'] } })
    report(original, 'queue deliver')
    report(new Error('connection lost'), 'queue evaluate')
    report(new Error('something else'), 'queue evaluate')
    vi.setSystemTime(5000)
    report(original, 'queue sweep')
    expect(told.map(([where, error]) => `${where}: ${error.message}`)).toEqual([
      'queue deliver: connection lost',
      'queue evaluate: something else',
      'queue sweep: connection lost',
    ])
    expect(told[0]![1]).not.toHaveProperty('command')
  })
})

test.each([
  ['redis://:secret@cache.example:7000/2', 'cache.example:7000'],
  ['redis://cache.example', 'cache.example:6379'],
  ['redis:///1', 'localhost:6379'],
  ['nonsense', 'an address that cannot be read'],
])('the address of %s is %s', (url, address) => {
  expect(addressOf(url, 6379)).toBe(address)
})
