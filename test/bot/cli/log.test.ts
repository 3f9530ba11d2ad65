import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { openLog } from '#bot/cli/log.ts'
import { testMemory } from '#test/harness/database.ts'

test('the log tells why a query failed, and not the whole statement with its values', async () => {
  const memory = await testMemory()
  const lines = new PassThrough()
  const log = openLog('warn', lines)
  await memory.db
    .execute(sql`select ${'what a person typed'}::integer`)
    .catch((error: unknown) => log.child({ surface: 'slack' }).error({ err: error }, 'a request failed'))
  await memory.close()
  log.error({ err: new TypeError('quite another error') }, 'and another')
  lines.end()
  const told = await text(lines)
  expect(told).toContain('The database refused a query: invalid input syntax for type integer')
  expect(told).toContain('"type":"TypeError","message":"quite another error"')
  expect(told).not.toMatch(/select \$1|params/)
})
