import { Redis } from 'ioredis'
import pino from 'pino'
import { expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { eventually } from '#test/harness/eventually.ts'
import { startRedis } from '#test/harness/redis-server.ts'
import { requires } from '#test/harness/requires.ts'
import { startHouse } from '#test/harness/start-house.ts'
import { startTaking } from '#workers/flapjack/taking.ts'

const program = requires('redis-server')

test('what a producer of Flapjack pushes is said in the chat, acknowledged and resolved by what it pushes next', async ({
  skip,
}) => {
  if ('missing' in program) return skip(program.missing)
  const server = await startRedis(program.path, 'open-sesame')
  const redis = new Redis(server.url)
  const house = await startHouse()
  const { db } = house.memory
  const taking = startTaking({
    redisUrl: server.url,
    queue: 'events',
    archiveSeconds: 0,
    environment: 'prod',
    db,
    clock: house.clock.now,
    log: pino({ level: 'silent' }),
    quota: null,
  })
  const push = async (parts: Readonly<Record<string, unknown>>) => {
    const event = { type: 'service', entity: 'web-11.example.com', check: 'HTTP Port 80', ...parts }
    await redis.lpush('events', JSON.stringify(event))
  }
  const becomes = (expected: object) =>
    eventually('the alert to be so', async () => {
      await house.settled()
      const rows = await db.select().from(alerts)
      return expect.objectContaining(expected).asymmetricMatch(rows[0])
    })

  await push({ state: 'critical', summary: 'Connection refused', initial_failure_delay: 0 })
  await becomes({ state: 'FIRING', title: 'HTTP Port 80 on web-11.example.com', acknowledgedAt: null })
  await eventually('the message', async () => {
    await house.settled()
    return (await house.localMessages()).length > 0
  })
  expect(await house.localMessages()).toMatchObject([{ message: { tone: 'critical' } }])
  await push({ type: 'action', state: 'acknowledgement', summary: 'on it', duration: 3600 })
  await becomes({ state: 'FIRING', acknowledgedAt: expect.any(Date) })
  await push({ state: 'ok', summary: 'HTTP OK' })
  await becomes({ state: 'RESOLVED' })
  await eventually('the message to be resolved', async () => {
    await house.settled()
    const [message] = await house.localMessages()
    return message?.message.tone === 'resolved'
  })

  await taking.close()
  redis.disconnect()
  await server.close()
  await house.close()
})
