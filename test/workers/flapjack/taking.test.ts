import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openMetrics } from '#bot/api/metrics.ts'
import { acceptClaim, countTakenEvents, foldClaimsBefore } from '#db/repositories/taken-claims.ts'
import { batches, floods, listReaders, takenClaims } from '#db/schema/intake.ts'
import { floodEvent } from '#engine/intake/flood-event.ts'
import { readQueuedEvents } from '#engine/intake/pushed-events.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type ListHouse, openListHouse, queuedEvent } from '#test/harness/list-house.ts'
import { requires } from '#test/harness/requires.ts'

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

const hour = '2026013110'

test('events leave the list oldest first, many in one batch, and are archived as Flapjack archives them', async () => {
  const names = Array.from({ length: 1200 }, (_, index) => `check-${index}`)
  await house.redis.lpush('events', ...names.map((name) => queuedEvent(name)))
  await house.redis.sadd('known_events_archive_keys', 'events_archive:2026010101')
  house.take()
  await eventually('the list to be empty', () => house.nothingLeft())
  await eventually('the archive that expired to be forgotten', async () => {
    return (await house.redis.scard('known_events_archive_keys')) === 1
  })
  expect(await house.takenChecks()).toEqual(names)
  expect(await house.memory.db.$count(batches)).toBe(3)
  expect(await house.redis.lrange(`events_archive:${hour}`, 0, -1)).toEqual(
    names.toReversed().map((name) => queuedEvent(name)),
  )
  expect(await house.redis.smembers('known_events_archive_keys')).toEqual([`events_archive:${hour}`])
  expect(await house.redis.ttl(`events_archive:${hour}`)).toBeGreaterThan(3 * 3600 - 60)
  expect(await house.redis.keys('events*')).toEqual([`events_archive:${hour}`])
})

test('abuse 17: what the list brings beyond the quota of a source waits in Redis, is told of, and comes in time', async () => {
  const names = Array.from({ length: 1200 }, (_, index) => `check-${index}`)
  await house.redis.lpush('events', ...names.map((name) => queuedEvent(name)))
  house.take({ quota: { events: 500, windowSeconds: 60 } })
  await eventually(
    'the flood to be noted',
    async () => (await house.memory.db.select().from(floods)).length > 0,
  )
  expect(await house.takenChecks()).toEqual(names.slice(0, 500))
  expect(await house.redis.llen('events')).toBe(700)
  const [flood] = await house.memory.db.select().from(floods)
  const told = floodEvent('prod', flood ?? expect.fail('no flood'), house.clock.now())
  expect(told).toMatchObject({ state: 'critical', title: 'list of Redis events sends more than it may' })
  expect(told.summary).toMatch(/^The list of Redis events has brought more .* waits in Redis/)

  for (let minute = 0; minute < 2; minute++) {
    house.clock.forward('61s')
    await eventually('the next of them', async () => (await house.takenChecks()).length > 500 * (minute + 1))
  }
  await eventually('the list to be empty', () => house.nothingLeft())
  expect(await house.takenChecks()).toEqual(names)
})

test('without an archive nothing is kept, and the list may have another name', async () => {
  await house.redis.lpush('storm', queuedEvent('a'))
  house.take({ archiveSeconds: 0, queue: 'storm' })
  await eventually('the list to be empty', () => house.nothingLeft('storm'))
  expect(await house.takenChecks()).toEqual(['a'])
  expect(await house.redis.keys('*')).toEqual(['event_counters'])
})

test('what cannot be read is kept as it was, told once with the reason, and counted; the rest is taken', async () => {
  const bad = [
    '{"broken',
    '{"type":"noop"}',
    queuedEvent('b', { colour: 'red' }),
    queuedEvent('b', { entity: 'a\0' }),
    queuedEvent('half').replace('half', '\\ud83d'),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    '{"__proto__":{"type":"service","state":"ok","entity":"a","check":"b"}}',
    queuedEvent('c', { time: 1e308 }),
    '',
    '\xff\xfe',
  ]
  await house.redis.lpush('events', queuedEvent('first'), ...bad, queuedEvent('last', { state: 'ok' }))
  house.take()
  await eventually('the list to be empty', () => house.nothingLeft())
  expect(await house.takenChecks()).toEqual(['first', 'last'])
  expect(await house.redis.lrange(`events_rejected:${hour}`, 0, -1)).toEqual(bad.toReversed())
  expect(await house.redis.ttl(`events_rejected:${hour}`)).toBeGreaterThan(86_400 - 60)
  expect(house.logged).toMatchObject([
    {
      rejected: bad.length,
      because: [expect.stringContaining('cannot be read as JSON')],
      event: '{"broken',
      keptIn: `events_rejected:${hour}`,
    },
  ])
  expect(await house.redis.hgetall('event_counters')).toEqual({
    all: String(bad.length + 2),
    ok: '1',
    failure: '1',
    invalid: String(bad.length),
  })
  const metrics = await openMetrics(house.memory.db).metrics()
  expect(metrics).toContain('flapjack_events_total{state="taken"} 2')
  expect(metrics).toContain(`flapjack_events_total{state="rejected"} ${bad.length}`)
  expect(metrics).toContain('flapjack_readers_total{state="taking"} 1')
})

test('bytes that are no UTF-8 are kept as they are', async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d])
  await house.redis.lpush('events', bytes)
  house.take()
  await eventually('the list to be empty', () => house.nothingLeft())
  expect(await house.redis.lrangeBuffer(`events_rejected:${hour}`, 0, -1)).toEqual([bytes])
})

describe('a claim that somebody left', () => {
  const taker = randomUUID()

  async function leave(number: number, checks: readonly string[]): Promise<void> {
    await house.redis.lpush(`events_claimed:${taker}:${number}`, ...checks.map((check) => queuedEvent(check)))
    await house.redis.sadd('events_claims', `${taker}:${number}`)
  }

  test('is taken before anything newer, once it has not moved for a while', async () => {
    await leave(7, ['old-1', 'old-2'])
    await house.redis.lpush('events', queuedEvent('new'))
    house.take()
    await eventually('the reader to be there', () => house.memory.db.$count(listReaders))
    expect(await house.takenChecks()).toEqual([])
    await eventually('the list to be empty', () => {
      house.clock.forward('1s')
      return house.nothingLeft()
    })
    expect(await house.takenChecks()).toEqual(['old-1', 'old-2', 'new'])
  })

  test('is not taken a second time when its batch was stored before the crash', async () => {
    await leave(8, ['stored'])
    const { events } = readQueuedEvents([queuedEvent('stored')], 'prod')
    const taken = { events, rejected: 0, environment: 'prod', receivedAt: house.clock.now() }
    expect(await acceptClaim(house.memory.db, { taker, number: 8 }, taken)).toBe(true)
    house.take()
    await eventually('the claim to be settled', () => {
      house.clock.forward('1s')
      return house.nothingLeft()
    })
    expect(await house.takenChecks()).toEqual(['stored'])
    expect(await house.redis.lrange(`events_archive:${hour}`, 0, -1)).toEqual([queuedEvent('stored')])
  })

  test('is taken by one of several who find it, and archived once', async () => {
    await leave(9, ['a', 'b'])
    for (let index = 0; index < 4; index++) house.take()
    await eventually('the claim to be settled', () => {
      house.clock.forward('1s')
      return house.nothingLeft()
    })
    await house.endTakers()
    expect(await house.takenChecks()).toEqual(['a', 'b'])
    expect(await house.redis.lrange(`events_archive:${hour}`, 0, -1)).toEqual([
      queuedEvent('b'),
      queuedEvent('a'),
    ])
  })

  test('a name that none of us gave is let alone', async () => {
    await house.redis.sadd('events_claims', 'somebody:else')
    await house.redis.lpush('events', queuedEvent('a'))
    house.take()
    await eventually('the event to be taken', async () => (await house.takenChecks()).length === 1)
    expect(await house.redis.smembers('events_claims')).toContain('somebody:else')
  })
})

test('two who say that a claim is theirs at the same instant store it once', async () => {
  const claim = { taker: randomUUID(), number: 1 }
  const { events } = readQueuedEvents([queuedEvent('a')], 'prod')
  const taken = { events, rejected: 1, environment: 'prod', receivedAt: house.clock.now() }
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => acceptClaim(house.memory.db, claim, taken)),
  )
  expect(answers.filter(Boolean)).toHaveLength(1)
  expect(await house.takenChecks()).toEqual(['a'])
  expect(await house.memory.db.select().from(takenClaims)).toMatchObject([{ last: 1, taken: 1, rejected: 1 }])
})

test('what was taken long ago stays counted when its takers are forgotten', async () => {
  const { events } = readQueuedEvents([queuedEvent('a'), queuedEvent('b')], 'prod')
  const store = (receivedAt: Date) =>
    acceptClaim(
      house.memory.db,
      { taker: randomUUID(), number: 1 },
      { events, rejected: 1, environment: 'prod', receivedAt },
    )
  const now = house.clock.now()
  for (const days of [200, 100, 50, 1]) await store(new Date(now.getTime() - days * 86_400_000))
  await foldClaimsBefore(house.memory.db, new Date(now.getTime() - 90 * 86_400_000))
  expect(await house.memory.db.$count(takenClaims)).toBe(3)
  await foldClaimsBefore(house.memory.db, new Date(now.getTime() - 30 * 86_400_000))
  expect(await house.memory.db.$count(takenClaims)).toBe(2)
  expect(await countTakenEvents(house.memory.db)).toEqual({ taken: 8, rejected: 4 })
})
