import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { queueContract } from '#test/contracts/queue.ts'
import { testDatabase } from '#test/harness/database.ts'
import { openQueues } from '#workers/queues/open-queues.ts'
import { defineQueue } from '#workers/queues/queue.ts'

queueContract(undefined, async () => {
  const database = await testDatabase()
  const url = new URL(database.url)
  // A server that asks for no password takes any.
  url.password ||= 'open-sesame'
  return {
    password: url.password,
    openHouse: (onError) => openQueues({ postgresUrl: url.href, onError }),
    cutConnections: async () => {
      await ask(
        database.url,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'tocsin queue'`,
      )
    },
    close: () => database.close(),
  }
})

describe('the schema of the queue', { timeout: 60_000 }, () => {
  test('is made once by processes that start together, and holds a handful of connections each', async () => {
    const database = await testDatabase()
    const prefix = 'queue_made_together'
    const houses = await Promise.all(
      [1, 2, 3, 4].map(() => openQueues({ postgresUrl: database.url, prefix, onError: () => undefined })),
    )
    const definition = defineQueue({ name: 'together', payload: z.object({ number: z.number() }) })
    const ran: number[] = []
    for (const house of houses) await house.work(definition, async ({ number }) => void ran.push(number))
    await houses[0]!.open(definition).addMany([1, 2, 3].map((number) => ({ payload: { number } })))
    await expect.poll(() => new Set(ran), { timeout: 20_000 }).toEqual(new Set([1, 2, 3]))
    const [row] = await ask(
      database.url,
      `select count(*)::int as connections from pg_stat_activity
       where datname = current_database() and application_name = 'tocsin queue'`,
    )
    expect(row?.['connections']).toBeLessThanOrEqual(4 * 5)
    await Promise.all(houses.map((house) => house.close()))
    await ask(database.url, `drop schema ${prefix} cascade`)
    await database.close()
  })

  test('cannot be opened where no server listens, which is told without the password', async () => {
    const postgresUrl = 'postgres://somebody:hidden@127.0.0.1:1/tocsin'
    const refusal = await openQueues({ postgresUrl, onError: () => undefined }).then(() => 'opened', String)
    expect(refusal).toContain(
      'The job queue cannot use PostgreSQL at 127.0.0.1:1, schema "queue": connect ECONNREFUSED',
    )
    expect(refusal).not.toContain('hidden')
  })
})

async function ask(connectionString: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(query)).rows
  } finally {
    await client.end()
  }
}
