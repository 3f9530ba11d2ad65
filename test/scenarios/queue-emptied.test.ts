import { sql } from 'drizzle-orm'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { notifications } from '#db/schema/notifications.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type RedisServer, startRedis } from '#test/harness/redis-server.ts'
import { requires } from '#test/harness/requires.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

const program = requires('redis-server')

/** Somebody throws everything away that waits in the queue. */
type Emptying = () => Promise<void>

let house: House
let closing: (() => Promise<void>)[]

beforeEach(() => {
  closing = []
})
afterEach(async () => {
  // What was under way when its job was taken away is reported, and nothing else.
  house.problems.length = 0
  await house.close()
  for (const close of closing.toReversed()) await close()
})

async function onRedis(): Promise<Emptying> {
  const server: RedisServer = await startRedis('path' in program ? program.path : '', 'open-sesame')
  const redis = new Redis(server.url)
  redis.on('error', () => undefined)
  closing.push(
    () => server.close(),
    async () => redis.disconnect(),
  )
  house = await startHouse({ redisUrl: server.url })
  return async () => void (await redis.flushall())
}

async function onPostgres(): Promise<Emptying> {
  house = await startHouse()
  return async () => {
    const { db } = house.memory
    const tables = await db.execute<{ name: string }>(sql`
      select table_name as name from information_schema.columns
      where table_schema = 'queue' and table_name like '%job%' group by table_name`)
    expect(tables.length).toBeGreaterThan(0)
    for (const { name } of tables) await db.execute(sql`delete from queue.${sql.identifier(name)}`)
  }
}

describe.each([
  ['Redis', onRedis],
  ['PostgreSQL', onPostgres],
] as const)('abuse 24: the queue on %s is emptied while rules are evaluated', (backend, open) => {
  beforeEach(({ skip }) => {
    if (backend === 'Redis' && 'missing' in program) skip(true, program.missing)
  })

  test('nothing is lost and nothing said twice: the next tick makes up for it', async () => {
    const empty = await open()
    for (let number = 1; number <= 5; number++) await house.rule({ name: `Rule ${number}` })
    await house.executions(70)
    await house.executions(30, { status: 'FAILED' })
    for (let round = 0; round < 4; round++) {
      await house.tick()
      await empty()
      house.clock.forward('5s')
    }
    await house.executions(10, { status: 'FAILED' })
    await eventually(
      'every rule to be told of',
      async () => {
        house.clock.forward('5s')
        await house.tick()
        await house.sweep()
        return (await house.localMessages()).length >= 5
      },
      30_000,
    )
    await house.settled()
    const told = (await house.localMessages()).map(({ message }) => message.headline.replace(/^#\d+ /, ''))
    expect(told.toSorted()).toEqual([1, 2, 3, 4, 5].map((number) => `Rule ${number}`))
    const rows = await house.memory.db.select().from(notifications)
    expect(rows.filter(({ state }) => state !== 'DELIVERED')).toEqual([])
    expect(rows.filter(({ reason }) => reason === 'first')).toHaveLength(5)
  }, 90_000)
})
