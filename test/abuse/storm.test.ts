import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeApiToken } from '#bot/api-tokens.ts'
import { openServer } from '#bot/api/server.ts'
import { openSourceQuotas, type SourceQuotas } from '#bot/source-quotas.ts'
import { countWaitingBatches } from '#db/repositories/batches.ts'
import { listFloods, noteFloods } from '#db/repositories/floods.ts'
import { alerts, checks } from '#db/schema/alerts.ts'
import { floods } from '#db/schema/intake.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import { textOf } from '#test/harness/pushed.ts'

const flood = 10_000
const atOnce = 1000

let house: ServedHouse

beforeEach(async () => {
  house = await serveHouse()
  const { status, text } = await house.put('/api/v1/routing', {
    route: { receiver: 'ops', incident_by: ['cluster'] },
    receivers: [{ name: 'ops', chats: ['local'] }],
  })
  if (status !== 200) expect.fail(text)
})
afterEach(() => house.close())

/** One that never says the same twice: every alert has a label value of its own. */
function floodOf(from: number) {
  return Array.from({ length: atOnce }, (_, at) => ({
    labels: { alertname: 'Slow', cluster: 'loud', severity: 'warning', request: `r-${from + at}` },
  }))
}

const post = async (body: unknown) => {
  const { status, text } = await house.post('/api/v2/alerts', body)
  if (status !== 200) expect.fail(text)
}

/** On a busy machine ten thousand alerts take longer than `settled` waits. */
const decided = () =>
  eventually(
    'the flood to be decided',
    async () => (await countWaitingBatches(house.memory.db)) === 0,
    90_000,
  )

describe('abuse 17: a storm of one source', () => {
  test('with as many label values as it has alerts is one message, and others are told beside it', async () => {
    for (let from = 0; from < flood; from += atOnce) {
      await post(floodOf(from))
      if (from === flood / 2) await post([{ labels: { alertname: 'Down', cluster: 'quiet' } }])
    }
    await decided()
    await house.settled()
    const told = await house.localMessages()
    expect(told).toHaveLength(2)
    expect(told.map(textOf)).toEqual(
      expect.arrayContaining([expect.stringContaining('Slow'), expect.stringContaining('Down')]),
    )
    expect(await house.memory.db.$count(alerts)).toBe(flood + 1)
  }, 120_000)
})

describe('abuse 17: a source that sends more than it may', () => {
  const houseToken = '0123456789abcdef0123456789abcdef'
  const quota = { events: 100, windowSeconds: 60 }
  const event = (entity: string) => ({ type: 'service', entity, check: 'http', state: 'ok' })
  const doors = [
    ['/api/v1/events', event('web')],
    ['/api/v1/notices', { category: 'nodes', severity: 'info', source: 'web', title: 'Up' }],
    ['/api/v1/webhooks/any', event('web')],
    ['/api/v2/alerts', { labels: { alertname: 'Loud' } }],
  ] as const

  let server: FastifyInstance
  let quotas: SourceQuotas

  beforeEach(async () => {
    await house.put('/api/v1/mappings/any', { entity: '/entity', check: '/check', state: { from: '/state' } })
    const { desk } = house
    quotas = openSourceQuotas({ db: desk.db, clock: desk.clock, log: desk.log, quota })
    const access = { kind: 'token', token: houseToken } as const
    server = await openServer({ desk: { ...desk, quotas }, log: desk.log, access })
  })
  afterEach(() => server.close())

  const tokenOf = async (name: string) =>
    (await makeApiToken(house.desk, { name, role: 'OPERATOR', environments: null, createdBy: 'a test' }))
      .token

  const send = (token: string, url: string, body: unknown) =>
    server.inject({
      method: 'POST',
      url,
      headers: {
        host: 'alerts.example.com',
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      payload: JSON.stringify(body),
    })

  const messages = async () => {
    await house.sweep()
    await house.settled()
    return (await house.localMessages()).map(textOf).filter((text) => text.includes('sends'))
  }

  test.each(doors)('is held at %s with 429 and when to come again; others are let in', async (url, one) => {
    const [loud, quiet] = [await tokenOf('loud'), await tokenOf('quiet')]
    const many = Array.from({ length: 110 }, () => one)
    expect((await send(loud, url, many)).statusCode).toBe(200)
    await decided()
    const held = await send(loud, url, many)
    expect(held.statusCode).toBe(429)
    expect(Number(held.headers['retry-after'])).toBe(7)
    expect(held.body).toContain(`token loud at ${url}`)
    expect(await countWaitingBatches(house.memory.db)).toBe(0)
    expect((await send(quiet, url, [one])).statusCode).toBe(200)
    house.clock.forward('7 s')
    expect((await send(loud, url, [one])).statusCode).toBe(200)
  })

  test('may name only so many different checks that fail: no other is taken, while those it named go on and recover', async () => {
    const { desk } = house
    const few = openSourceQuotas({ ...desk, quota: { events: 1000, windowSeconds: 60 }, mostChecks: 3 })
    const access = { kind: 'token', token: houseToken } as const
    const door = await openServer({ desk: { ...desk, quotas: few }, log: desk.log, access })
    const token = await tokenOf('inventive')
    const say = (url: string, payload: unknown) =>
      door.inject({
        method: 'POST',
        url,
        headers: { host: 'alerts.example.com', authorization: `Bearer ${token}` },
        payload: payload as object,
      })
    const named = (nth: number, state: string) => ({ ...event(`id-${nth}`), state, initial_failure_delay: 0 })
    const many = [0, 1, 2, 3, 4].map((nth) => named(nth, 'critical'))
    const first = await say('/api/v1/events', [{ type: 'nonsense' }, ...many])
    expect(first.statusCode).toBe(200)
    expect(first.json()).toMatchObject({
      accepted: 3,
      refused: [
        { index: 0 },
        { index: 4, problems: [expect.stringMatching(/named .* different checks/)] },
        { index: 5 },
      ],
    })
    expect((await say('/api/v1/events', [named(4, 'critical')])).statusCode).toBe(400)
    expect(
      (await say('/api/v1/events', [named(0, 'warning'), named(1, 'ok'), named(9, 'ok')])).json(),
    ).toMatchObject({
      accepted: 3,
      refused: [],
    })
    await decided()
    const open = (await house.memory.db.select().from(alerts)).filter(({ state }) => state !== 'RESOLVED')
    expect(open.map(({ entity }) => entity).toSorted()).toEqual(['id-0', 'id-2'])

    const post = (instance: number) => ({ labels: { alertname: 'New', instance: String(instance) } })
    const posted = await say('/api/v2/alerts', [0, 1, 2, 3].map(post))
    expect(posted.statusCode).toBe(429)
    expect((await say('/api/v2/alerts', [post(2)])).statusCode).toBe(200)
    await few.close()
    expect(await messages()).toEqual(
      expect.arrayContaining([expect.stringContaining('token inventive at /api/v1/events')]),
    )
    house.clock.forward('61m')
    expect((await say('/api/v1/events', [named(4, 'critical')])).statusCode).toBe(200)
    await door.close()
  })

  test.each(doors)('is held at %s for what is refused, too', async (url) => {
    const loud = await tokenOf('loud')
    const nonsense = Array.from({ length: 110 }, () => ({ labels: {} }))
    expect((await send(loud, url, nonsense)).statusCode).toBe(400)
    expect((await send(loud, url, nonsense)).statusCode).toBe(429)
  })

  test('is one source however it writes the path of a door', async () => {
    const loud = await tokenOf('loud')
    const many = Array.from({ length: 110 }, () => event('web'))
    expect((await send(loud, '/api/v1/events', many)).statusCode).toBe(200)
    for (const url of ['/api/v1/events?again', '/api/v1/%65vents'])
      expect((await send(loud, url, many)).statusCode, url).toBe(429)
  })

  test('is told of by processes that hold it back at the same moment, in whatever order', async () => {
    const { db } = house.memory
    const at = house.clock.now()
    const seen = Array.from({ length: 200 }, (_, nth) => ({
      source: `10.1.1.${nth} at /api/v1/events`,
      beganAt: at,
      lastAt: at,
      requests: 1,
    }))
    const turns = Array.from({ length: 20 }, (_, turn) => (turn % 2 === 0 ? seen : seen.toReversed()))
    await Promise.all(turns.map((some) => noteFloods(db, some)))
    expect((await listFloods(db)).map(({ requests }) => requests)).toEqual(seen.map(() => turns.length))
  })

  test('is told of once, by name; nobody else can say that it is over, and it is when it has calmed down', async () => {
    const loud = await tokenOf('loud')
    for (let nth = 0; nth < 12; nth++) await send(loud, '/api/v1/events', Array(10).fill(event('web')))
    await quotas.close()
    expect(await messages()).toEqual([expect.stringContaining('token loud at /api/v1/events')])
    const forged = { ...event('tocsin'), check: 'flood of token loud at /api/v1/events' }
    house.clock.forward('1 min')
    expect((await send(houseToken, '/api/v1/events', forged)).statusCode).toBe(200)
    expect(await messages()).toEqual([expect.stringContaining('sends more than it may')])
    house.clock.forward('3 min')
    const [over] = await messages()
    expect(over).toMatch(/recovered|resolved|no more than it may/i)
    expect(await house.memory.db.$count(floods)).toBe(0)
  })

  test('loses nothing of what was answered 200, however it races', async () => {
    const loud = await tokenOf('loud')
    const tries = Array.from({ length: 60 }, (_, nth) => event(`racer-${nth}`))
    const answers = await Promise.all(
      tries.map((one) =>
        send(
          loud,
          '/api/v1/events',
          Array.from({ length: 5 }, () => ({ ...one, state: 'critical' })),
        ),
      ),
    )
    const taken = answers.flatMap(({ statusCode }, nth) => (statusCode === 200 ? [`racer-${nth}`] : []))
    expect(taken.length).toBeGreaterThanOrEqual(20)
    expect(taken.length).toBeLessThan(60)
    await decided()
    await house.settled()
    const known = await house.memory.db.select({ entity: checks.entity }).from(checks)
    expect(known.map(({ entity }) => entity).toSorted()).toEqual(taken.toSorted())
  })
})
