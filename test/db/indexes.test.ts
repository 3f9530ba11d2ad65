import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { testMemory } from '#test/harness/database.ts'

test('no index is in an order that nobody asks for', async () => {
  const memory = await testMemory()
  const indexes = await memory.db.execute<{ said: string }>(
    sql`select indexdef as said from pg_indexes where schemaname = 'public'`,
  )
  await memory.close()

  expect(indexes.length).toBeGreaterThan(50)
  // `order by … desc` has nulls first, and so the server would sort all rows there are for every page of them.
  expect(indexes.filter(({ said }) => said.includes('DESC NULLS LAST'))).toEqual([])
})
