import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database, Memory } from '#db/client.ts'
import { testMemory } from '#test/harness/database.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
  await memory.db.execute(sql`create table notes (note text not null)`)
})
beforeEach(() => memory.db.execute(sql`truncate notes`))
afterAll(() => memory.close())

const note = (db: Pick<Database, 'execute'>, text: string) =>
  db.execute(sql`insert into notes values (${text})`)
const notes = async () =>
  (await memory.db.execute<{ note: string }>(sql`select note from notes`)).map((row) => row.note)

test('what a failed transaction still wanted to say is refused, also when nobody waited for it', async () => {
  const { promise: straggler, resolve: straggle } = Promise.withResolvers<unknown>()
  const failed = memory.db.transaction(async (tx) => {
    // Behind the rollback, and before its answer: where the second statement of a chain may find itself.
    process.nextTick(() => straggle(note(tx, 'too late').catch((error: unknown) => error)))
    throw new Error('changed my mind')
  })
  await expect(failed).rejects.toThrow('changed my mind')
  expect(await straggler).toMatchObject({ cause: { message: expect.stringContaining('has ended') } })
  expect(await notes()).toEqual([])
})

test('so is what comes after a transaction was kept, or inside a savepoint that was undone', async () => {
  const kept = await memory.db.transaction(async (tx) => {
    await note(tx, 'in time')
    const undone = await tx
      .transaction(async (inner) => {
        await note(inner, 'undone')
        throw new Error('changed my mind')
      })
      .catch((error: unknown) => error)
    expect(undone).toEqual(new Error('changed my mind'))
    await note(tx, 'and after it')
    return tx
  })
  await expect(note(kept, 'too late')).rejects.toMatchObject({
    cause: { message: expect.stringContaining('has ended') },
  })
  await expect(kept.transaction((inner) => note(inner, 'too late'))).rejects.toThrow('has ended')
  expect(await notes()).toEqual(['in time', 'and after it'])
})
