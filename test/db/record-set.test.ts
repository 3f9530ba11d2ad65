import { sql } from 'drizzle-orm'
import { jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { recordSet, textArray, textRecords } from '#db/record-set.ts'
import { testMemory } from '#test/harness/database.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())

const hostile = [
  '',
  'NULL',
  'null',
  ' ',
  '{}',
  '{a,b}',
  'a,b',
  'a"b',
  'a\\b',
  '\\"',
  '\\\\"",',
  "it's",
  'line\nbreak\r\ttab\u0001\u007f',
  '\u2028\u2029',
  '😀 é ü 漢',
  '$1 %s :x',
]

test('any text comes back as it was sent', async () => {
  const rows = await memory.db.execute<{ text: string }>(
    sql`select text from unnest(${textArray(hostile)}) with ordinality as sent (text, position) order by position`,
  )
  expect(rows.map((row) => row.text)).toEqual(hostile)
})

test('nothing is nothing, and not the word for it', async () => {
  const rows = await memory.db.execute<{ text: string | null }>(
    sql`select unnest(${textArray([null, 'NULL', ''])}) as text`,
  )
  expect(rows.map((row) => row.text)).toEqual([null, 'NULL', ''])
})

test('records of any text, in any column', async () => {
  const sent = hostile.map((value, index) => ({ value, index: String(index) }))
  const rows = await memory.db.execute<{ value: string; index: string }>(
    sql`select sent.value, sent.index from ${textRecords('sent', ['value', 'index'], sent)} order by index::int`,
  )
  expect(rows.map(({ value, index }) => ({ value, index }))).toEqual(sent)
})

test('rows with JSON, instants and gaps are stored as they are', async () => {
  const kept = pgTable('kept', {
    name: text('name').notNull(),
    document: jsonb('document'),
    at: timestamp('at', { withTimezone: true }),
  })
  const at = new Date('2026-11-21T05:00:00.123Z')
  const rows = hostile.map((name, index) => ({
    name: `${index} ${name}`,
    document: index % 3 === 0 ? null : { [name]: [name, index, true, null, { deep: name }] },
    at: index % 2 === 0 ? at : null,
  }))
  await memory.db.execute(sql`create table kept (name text not null, document jsonb, at timestamptz)`)
  await memory.db.insert(kept).select(recordSet(kept, rows))
  const found = await memory.db.select().from(kept)
  expect(
    found.toSorted((one, other) => Number.parseInt(one.name, 10) - Number.parseInt(other.name, 10)),
  ).toEqual(rows)
})
