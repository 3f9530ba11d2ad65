import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { Redis } from 'ioredis'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openMetrics } from '#bot/api/metrics.ts'
import { type Memory, openMemory } from '#db/client.ts'
import { acceptClaim } from '#db/repositories/taken-claims.ts'
import { batches, listReaders, takenClaims } from '#db/schema/intake.ts'
import { readQueuedEvents } from '#engine/intake/pushed-events.ts'
import { movableClock } from '#test/harness/clock.ts'
import { testMemory } from '#test/harness/database.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type RedisServer, startRedis } from '#test/harness/redis-server.ts'
import { requires } from '#test/harness/requires.ts'
import { severableLink } from '#test/harness/severable-link.ts'
import { startTaking, type Taking } from '#workers/flapjack/taking.ts'

const program = requires('redis-server')
const missing = 'missing' in program ? program.missing : undefined

let server: RedisServer
let redis: Redis
let memory: Memory & { readonly url: string }
const taking: Taking[] = []
const logged: Record<string, unknown>[] = []
const clock = movableClock(new Date('2026-01-31T10:15:00Z'))
const hour = '2026013110'

const log = pino(
  { level: 'warn' },
  new Writable({
    write(line, _encoding, done) {
      logged.push(JSON.parse(String(line)) as Record<string, unknown>)
      done()
    },
  }),
)

beforeAll(async () => {
  if ('missing' in program) return
  server = await startRedis(program.path, 'open-sesame')
  redis = new Redis(server.url)
  redis.on('error', () => undefined)
  memory = await testMemory()
})
beforeEach(async ({ skip }) => {
  skip(missing !== undefined, missing)
  await redis.flushall()
  for (const table of [batches, takenClaims, listReaders]) await memory.db.delete(table)
  logged.length = 0
})
afterEach(async () => {
  for (const one of taking.splice(0)) await one.close()
})
afterAll(async () => {
  redis?.disconnect()
  await server?.close()
  await memory?.close()
})

function take(parts: { redisUrl?: string; db?: Memory['db']; archiveSeconds?: number; queue?: string } = {}) {
  const one = startTaking({
    redisUrl: server.url,
    queue: 'events',
    archiveSeconds: 3 * 3600,
    environment: 'prod',
    db: memory.db,
    clock: clock.now,
    log,
    ...parts,
  })
  taking.push(one)
  return one
}

const event = (check: string, parts: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ type: 'service', state: 'critical', entity: 'web-1', check, ...parts })

/** In the order in which they were taken. */
async function takenChecks(): Promise<string[]> {
  const rows = await memory.db.select().from(batches).orderBy(batches.id)
  return rows.flatMap(({ source, items }) => {
    if (source !== 'events') return []
    return (items as readonly { check: string }[]).map(({ check }) => check)
  })
}

/** Nothing waits, and nothing is in anybody's hands. */
async function nothingLeft(queue = 'events'): Promise<boolean> {
  return (await redis.llen(queue)) === 0 && (await redis.exists(`${queue}_claims`)) === 0
}

test('events leave the list oldest first, many in one batch, and are archived as Flapjack archives them', async () => {
  const names = Array.from({ length: 1200 }, (_, index) => `check-${index}`)
  await redis.lpush('events', ...names.map((name) => event(name)))
  await redis.sadd('known_events_archive_keys', 'events_archive:2026010101')
  take()
  await eventually('the list to be empty', () => nothingLeft())
  await eventually('the archive that expired to be forgotten', async () => {
    return (await redis.scard('known_events_archive_keys')) === 1
  })
  expect(await takenChecks()).toEqual(names)
  expect(await memory.db.$count(batches)).toBe(3)
  expect(await redis.lrange(`events_archive:${hour}`, 0, -1)).toEqual(
    names.toReversed().map((name) => event(name)),
  )
  expect(await redis.smembers('known_events_archive_keys')).toEqual([`events_archive:${hour}`])
  expect(await redis.ttl(`events_archive:${hour}`)).toBeGreaterThan(3 * 3600 - 60)
  expect(await redis.keys('events*')).toEqual([`events_archive:${hour}`])
})

test('without an archive nothing is kept, and the list may have another name', async () => {
  await redis.lpush('storm', event('a'))
  take({ archiveSeconds: 0, queue: 'storm' })
  await eventually('the list to be empty', () => nothingLeft('storm'))
  expect(await takenChecks()).toEqual(['a'])
  expect(await redis.keys('*')).toEqual(['event_counters'])
})

test('what cannot be read is kept as it was, told once with the reason, and counted; the rest is taken', async () => {
  const bad = [
    '{"broken',
    '{"type":"noop"}',
    event('b', { colour: 'red' }),
    event('b', { entity: 'a\0' }),
    event('half').replace('half', '\\ud83d'),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    '{"__proto__":{"type":"service","state":"ok","entity":"a","check":"b"}}',
    event('c', { time: 1e308 }),
    '',
    '\xff\xfe',
  ]
  await redis.lpush('events', event('first'), ...bad, event('last', { state: 'ok' }))
  take()
  await eventually('the list to be empty', () => nothingLeft())
  expect(await takenChecks()).toEqual(['first', 'last'])
  expect(await redis.lrange(`events_rejected:${hour}`, 0, -1)).toEqual(bad.toReversed())
  expect(await redis.ttl(`events_rejected:${hour}`)).toBeGreaterThan(86_400 - 60)
  expect(logged).toMatchObject([
    {
      rejected: bad.length,
      because: [expect.stringContaining('cannot be read as JSON')],
      event: '{"broken',
      keptIn: `events_rejected:${hour}`,
    },
  ])
  expect(await redis.hgetall('event_counters')).toEqual({
    all: String(bad.length + 2),
    ok: '1',
    failure: '1',
    invalid: String(bad.length),
  })
  const metrics = await openMetrics(memory.db).metrics()
  expect(metrics).toContain('flapjack_events_total{state="taken"} 2')
  expect(metrics).toContain(`flapjack_events_total{state="rejected"} ${bad.length}`)
  expect(metrics).toContain('flapjack_readers_total{state="taking"} 1')
})

test('bytes that are no UTF-8 are kept as they are', async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d])
  await redis.lpush('events', bytes)
  take()
  await eventually('the list to be empty', () => nothingLeft())
  expect(await redis.lrangeBuffer(`events_rejected:${hour}`, 0, -1)).toEqual([bytes])
})

describe('a claim that somebody left', () => {
  const taker = randomUUID()

  async function leave(number: number, checks: readonly string[]): Promise<void> {
    await redis.lpush(`events_claimed:${taker}:${number}`, ...checks.map((check) => event(check)))
    await redis.sadd('events_claims', `${taker}:${number}`)
  }

  test('is taken before anything newer, once it has not moved for a while', async () => {
    await leave(7, ['old-1', 'old-2'])
    await redis.lpush('events', event('new'))
    take()
    await eventually('the reader to be there', () => memory.db.$count(listReaders))
    expect(await takenChecks()).toEqual([])
    await eventually('the list to be empty', () => {
      clock.forward('1s')
      return nothingLeft()
    })
    expect(await takenChecks()).toEqual(['old-1', 'old-2', 'new'])
  })

  test('is not taken a second time when its batch was stored before the crash', async () => {
    await leave(8, ['stored'])
    const { events } = readQueuedEvents([event('stored')], 'prod')
    const taken = { events, rejected: 0, environment: 'prod', receivedAt: clock.now() }
    expect(await acceptClaim(memory.db, { taker, number: 8 }, taken)).toBe(true)
    take()
    await eventually('the claim to be settled', () => {
      clock.forward('1s')
      return nothingLeft()
    })
    expect(await takenChecks()).toEqual(['stored'])
    expect(await redis.lrange(`events_archive:${hour}`, 0, -1)).toEqual([event('stored')])
  })

  test('is taken by one of several who find it, and archived once', async () => {
    await leave(9, ['a', 'b'])
    for (let index = 0; index < 4; index++) take()
    await eventually('the claim to be settled', () => {
      clock.forward('1s')
      return nothingLeft()
    })
    for (const one of taking.splice(0)) await one.close()
    expect(await takenChecks()).toEqual(['a', 'b'])
    expect(await redis.lrange(`events_archive:${hour}`, 0, -1)).toEqual([event('b'), event('a')])
  })

  test('a name that none of us gave is let alone', async () => {
    await redis.sadd('events_claims', 'somebody:else')
    await redis.lpush('events', event('a'))
    take()
    await eventually('the event to be taken', async () => (await takenChecks()).length === 1)
    expect(await redis.smembers('events_claims')).toContain('somebody:else')
  })
})

test('two who say that a claim is theirs at the same instant store it once', async () => {
  const claim = { taker: randomUUID(), number: 1 }
  const { events } = readQueuedEvents([event('a')], 'prod')
  const taken = { events, rejected: 1, environment: 'prod', receivedAt: clock.now() }
  const answers = await Promise.all(Array.from({ length: 5 }, () => acceptClaim(memory.db, claim, taken)))
  expect(answers.filter(Boolean)).toHaveLength(1)
  expect(await takenChecks()).toEqual(['a'])
  expect(await memory.db.select().from(takenClaims)).toMatchObject([{ last: 1, taken: 1, rejected: 1 }])
})

describe('an outage', { timeout: 60_000 }, () => {
  const told = () => logged.map(({ msg }) => String(msg))

  test('of Redis is told once, without the password; it ends by itself', async () => {
    const link = await severableLink(new URL(server.url))
    take({ redisUrl: link.url })
    await redis.lpush('events', event('before'))
    await eventually('the first to be taken', () => nothingLeft())
    link.sever()
    await redis.lpush('events', event('meanwhile'))
    await eventually('the outage to be told', () => logged.length > 0)
    await eventually('the outage to be in the metrics', async () =>
      (await openMetrics(memory.db).metrics()).includes('flapjack_readers_total{state="cut_off"} 1'),
    )
    link.mend()
    await eventually('the second to be taken', () => {
      clock.forward('1s')
      return nothingLeft()
    })
    await eventually('the end of the outage to be told', () =>
      told().includes('events are taken from Redis again'),
    )
    expect(await takenChecks()).toEqual(['before', 'meanwhile'])
    expect(told().filter((line) => line === 'events are taken from Redis again')).toHaveLength(1)
    const reasons = logged.flatMap(({ because }) => (because === undefined ? [] : [because]))
    expect(new Set(reasons).size).toBe(reasons.length)
    expect(JSON.stringify(logged)).not.toContain('open-sesame')
    await link.close()
  })

  test('of the database leaves the events in Redis; each is taken once when it is over', async () => {
    const link = await severableLink(new URL(memory.url))
    const cut = openMemory({ url: link.url, name: 'tocsin-test', connections: 2 })
    take({ db: cut.db })
    await redis.lpush('events', event('before'))
    await eventually('the first to be taken', () => nothingLeft())
    link.sever()
    const names = Array.from({ length: 20 }, (_, index) => `meanwhile-${index}`)
    for (const name of names) await redis.lpush('events', event(name))
    await eventually('the outage to be told', () => logged.length > 0, 30_000)
    expect(await takenChecks()).toEqual(['before'])
    link.mend()
    await eventually(
      'the others to be taken',
      () => {
        clock.forward('1s')
        return nothingLeft()
      },
      40_000,
    )
    expect(await takenChecks()).toEqual(['before', ...names])
    for (const one of taking.splice(0)) await one.close()
    await cut.close()
    await link.close()
  })

  test('does not keep the house from closing', async () => {
    const nobody = take({ redisUrl: 'redis://:open-sesame@127.0.0.1:1' })
    await eventually('the outage to be told', () => logged.length > 0)
    await nobody.close()
    expect(JSON.stringify(logged)).not.toContain('open-sesame')
    expect(await memory.db.$count(listReaders)).toBe(0)
  })

  test('a list that is none is told, and the door stays', async () => {
    await redis.set('events', 'no list')
    take()
    await eventually('the reason to be told', () => JSON.stringify(logged).includes('WRONGTYPE'))
    expect(told()).toEqual(['events wait in Redis until this is over; trying again'])
    await redis.del('events')
    await redis.lpush('events', event('a'))
    await eventually('the event to be taken', () => nothingLeft())
    expect(await takenChecks()).toEqual(['a'])
    await eventually('the end of it to be told', () => told().includes('events are taken from Redis again'))
  })
})
