import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openMetrics } from '#bot/api/metrics.ts'
import { openMemory } from '#db/client.ts'
import { listReaders } from '#db/schema/intake.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type ListHouse, openListHouse, queuedEvent } from '#test/harness/list-house.ts'
import { requires } from '#test/harness/requires.ts'
import { severableLink } from '#test/harness/severable-link.ts'

const program = requires('redis-server')
const missing = 'missing' in program ? program.missing : undefined

let house: ListHouse

beforeAll(async () => {
  if ('path' in program) house = await openListHouse(program.path, new Date('2026-01-31T10:15:00Z'))
})
beforeEach(async ({ skip }) => {
  skip(missing !== undefined, missing)
  await house.forget()
})
afterEach(() => house?.endTakers())
afterAll(() => house?.close())

describe('an outage', { timeout: 60_000 }, () => {
  const told = () => house.logged.map(({ msg }) => String(msg))

  test('of Redis is told once, without the password; it ends by itself', async () => {
    const link = await severableLink(new URL(house.server.url))
    house.take({ redisUrl: link.url })
    await house.redis.lpush('events', queuedEvent('before'))
    await eventually('the first to be taken', () => house.nothingLeft())
    link.sever()
    await house.redis.lpush('events', queuedEvent('meanwhile'))
    await eventually('the outage to be told', () => house.logged.length > 0)
    await eventually('the outage to be in the metrics', async () =>
      (await openMetrics(house.memory.db).metrics()).includes('flapjack_readers_total{state="cut_off"} 1'),
    )
    link.mend()
    await eventually('the second to be taken', () => {
      house.clock.forward('1s')
      return house.nothingLeft()
    })
    await eventually('the end of the outage to be told', () =>
      told().includes('events are taken from Redis again'),
    )
    expect(await house.takenChecks()).toEqual(['before', 'meanwhile'])
    expect(told().filter((line) => line === 'events are taken from Redis again')).toHaveLength(1)
    const reasons = house.logged.flatMap(({ because }) => (because === undefined ? [] : [because]))
    expect(new Set(reasons).size).toBe(reasons.length)
    expect(JSON.stringify(house.logged)).not.toContain('open-sesame')
    await link.close()
  })

  test('of the database leaves the events in Redis; each is taken once when it is over', async () => {
    const link = await severableLink(new URL(house.memory.url))
    const cut = openMemory({ url: link.url, name: 'tocsin-test', connections: 2 })
    house.take({ db: cut.db })
    await house.redis.lpush('events', queuedEvent('before'))
    await eventually('the first to be taken', () => house.nothingLeft())
    link.sever()
    const names = Array.from({ length: 20 }, (_, index) => `meanwhile-${index}`)
    for (const name of names) await house.redis.lpush('events', queuedEvent(name))
    await eventually('the outage to be told', () => house.logged.length > 0, 30_000)
    expect(await house.takenChecks()).toEqual(['before'])
    link.mend()
    await eventually(
      'the others to be taken',
      () => {
        house.clock.forward('1s')
        return house.nothingLeft()
      },
      40_000,
    )
    expect(await house.takenChecks()).toEqual(['before', ...names])
    await house.endTakers()
    await cut.close()
    await link.close()
  })

  test('does not keep the house from closing', async () => {
    const nobody = house.take({ redisUrl: 'redis://:open-sesame@127.0.0.1:1' })
    await eventually('the outage to be told', () => house.logged.length > 0)
    await nobody.close()
    expect(JSON.stringify(house.logged)).not.toContain('open-sesame')
    expect(await house.memory.db.$count(listReaders)).toBe(0)
  })

  test('a list that is none is told, and the door stays', async () => {
    await house.redis.set('events', 'no list')
    house.take()
    await eventually('the reason to be told', () => JSON.stringify(house.logged).includes('WRONGTYPE'))
    expect(told()).toEqual(['events wait in Redis until this is over; trying again'])
    await house.redis.del('events')
    await house.redis.lpush('events', queuedEvent('a'))
    await eventually('the event to be taken', () => house.nothingLeft())
    expect(await house.takenChecks()).toEqual(['a'])
    await eventually('the end of it to be told', () => told().includes('events are taken from Redis again'))
  })
})
