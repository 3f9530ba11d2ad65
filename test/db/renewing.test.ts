import { expect, test } from 'vitest'
import { isWriteToLostConnection } from '#db/renewing.ts'

const message = "Cannot read properties of null (reading 'write')"
const thrownAt = (...lines: readonly string[]) => {
  const error = new TypeError(message)
  error.stack = [`TypeError: ${message}`, ...lines.map((line) => `    at ${line}`)].join('\n')
  return error
}
const nextWrite = 'Immediate.nextWrite (file:///srv/node_modules/postgres/src/connection.js:255:22)'
const immediate = 'process.processImmediate (node:internal/timers:504:21)'

test.each([
  ['the driver, writing to a connection that is gone', thrownAt(nextWrite, immediate), true],
  ['the same from its CommonJS half', thrownAt(nextWrite.replace('/src', '/cjs/src'), immediate), true],
  [
    'somebody else with the same words',
    thrownAt('Socket.nextWrite (file:///srv/node_modules/other/src/connection.js:255:22)'),
    false,
  ],
  ['another place of the driver', thrownAt(nextWrite.replace('nextWrite', 'connect'), immediate), false],
  ['what the driver only called', thrownAt('write (file:///srv/bot/chat.ts:1:1)', nextWrite), false],
  ['other words from the same place', Object.assign(thrownAt(nextWrite), { message: 'x' }), false],
  ['no error at all', message, false],
])('a lost connection or a mistake of ours: %s', (_what, error, expected) => {
  expect(isWriteToLostConnection(error)).toBe(expected)
})
