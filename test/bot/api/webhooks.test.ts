import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { batches, mappings } from '#db/schema/intake.ts'
import { type BadBody, badBodies, tooMany } from '#test/harness/bad-bodies.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

const mapping = {
  events: '/alerts',
  entity: '/host',
  check: '{{service}} {{volume}}',
  state: { from: '/level', words: { BAD: 'critical', FINE: 'ok' } },
  labels: { team: '/owner/team' },
}
const payload = (host: string, level = 'BAD') => ({
  alerts: [{ host, service: 'disk', volume: '/var', level, owner: { team: 'storage' } }],
})

beforeAll(async () => {
  house = await serveHouse()
  await house.put('/api/v1/mappings/disks', mapping)
})
afterAll(() => house.close())

const alertsOf = async (host: string) => {
  await house.settled()
  const all = await house.memory.db.select().from(alerts)
  return all.filter(({ entity }) => entity === host)
}

test('what a webhook sends becomes an alert by its mapping, and its all-clear ends it', async () => {
  expect(await house.post('/api/v1/webhooks/disks', payload('db-1'))).toMatchObject({
    status: 200,
    body: { accepted: 1, refused: [] },
  })
  expect(await alertsOf('db-1')).toMatchObject([
    { state: 'FIRING', severity: 'CRITICAL', title: 'disk /var on db-1' },
  ])
  await house.post('/api/v1/webhooks/disks', payload('db-1', 'FINE'))
  expect(await alertsOf('db-1')).toMatchObject([{ state: 'RESOLVED' }])
})

test('the good events of a partly bad body are kept, also of one body a line', async () => {
  const [good] = payload('db-2').alerts
  expect(
    await house.post('/api/v1/webhooks/disks', { alerts: [good, { ...good, level: 'odd' }, 7] }),
  ).toMatchObject({
    status: 200,
    body: {
      accepted: 1,
      refused: [
        { index: 1, problems: [expect.stringContaining('state: "odd" is no state I know')] },
        { index: 2, problems: [expect.stringContaining('an object is due here')] },
      ],
    },
  })
  const lines = [JSON.stringify(payload('db-3')), '{"broken', JSON.stringify(payload('db-4'))].join('\n')
  expect(await house.post('/api/v1/webhooks/disks', lines, 'application/x-ndjson')).toMatchObject({
    status: 200,
    body: { accepted: 2, refused: [{ index: 1 }] },
  })
  expect([await alertsOf('db-2'), await alertsOf('db-3'), await alertsOf('db-4')]).toMatchObject([
    [{ state: 'FIRING' }],
    [{ state: 'FIRING' }],
    [{ state: 'FIRING' }],
  ])
})

describe('what cannot be accepted gets a precise 4xx and leaves nothing behind', () => {
  const event = (parts: string) => `{"alerts":[{"host":"a","service":"b","level":"BAD",${parts}}]}`
  test.each<BadBody>([
    ...badBodies,
    ['more events than fit', `{"alerts":${tooMany[1]}}`, 400, tooMany[3]],
    ['NUL', event('"host":"a\\u0000"'), 400, 'yields a NUL'],
    ['half a character', event('"service":"\\ud800"'), 400, 'half a character'],
    ['a number where a word is due', event('"level":1e308'), 400, 'is no state I know'],
    ['an object where a name is due', event('"host":{}'), 400, 'point at a text or number inside it'],
    ['a name without end', event(`"host":"${'x'.repeat(100_000)}"`), 400, '400 are the most'],
  ])('%s', async (_what, body, status, because) => {
    const reply = await house.post('/api/v1/webhooks/disks', body)
    expect(reply.status).toBe(status)
    expect(reply.text).toContain(because)
    expect(await house.memory.db.$count(batches)).toBe(0)
  })

  test('another type of content', async () => {
    expect((await house.post('/api/v1/webhooks/disks', 'a=b', 'text/plain')).status).toBe(415)
  })

  test.each(['/api/v1/webhooks/nobody', '/api/v1/mappings/nobody/test'])(
    '%s: no such mapping',
    async (path) => {
      expect(await house.post(path, {})).toMatchObject({
        status: 404,
        body: { error: 'There is no mapping "nobody".' },
      })
    },
  )

  test('a name that is none', async () => {
    const { status, body } = await house.post('/api/v1/webhooks/%00%F0%9F%92%A9', {})
    expect(status).toBe(400)
    expect(body).toMatchObject({
      fields: [{ field: 'name', problem: expect.stringContaining('lower-case') }],
    })
  })
})

test('a dry run shows what a body would become, and stores nothing', async () => {
  const [good] = payload('db-9').alerts
  const reply = await house.post('/api/v1/mappings/disks/test', { alerts: [good, {}] })
  expect(reply).toMatchObject({
    status: 200,
    body: {
      events: [
        {
          entity: 'db-9',
          check: 'disk /var',
          state: 'critical',
          title: 'disk /var on db-9',
          labels: { team: 'storage' },
          at: house.clock
            .now()
            .toISOString()
            .replace(/\.\d+Z/, '.000Z'),
        },
      ],
      refused: [{ index: 1, problems: [expect.stringContaining('entity: the mapping finds nothing')] }],
    },
  })
  expect(await house.memory.db.$count(batches)).toBe(0)
  expect(await alertsOf('db-9')).toEqual([])
})

describe('mappings', () => {
  const small = { entity: '/host', check: '/check', state: { from: '/state' } }

  test('are created, replaced, listed, read and removed', async () => {
    const path = '/api/v1/mappings/mine'
    expect((await house.put(path, small)).status).toBe(201)
    expect(await house.put(path, { ...small, title: '/t' })).toMatchObject({
      status: 200,
      body: { name: 'mine', mapping: { title: '/t', repeatFailureDelaySeconds: 0 } },
    })
    expect(await house.get(path)).toMatchObject({ status: 200, body: { mapping: { title: '/t' } } })
    expect(await house.get('/api/v1/mappings')).toMatchObject({
      body: { mappings: [{ name: 'disks' }, { name: 'mine' }] },
    })
    expect((await house.remove(path)).status).toBe(204)
    expect((await house.remove(path)).status).toBe(404)
    expect((await house.get(path)).status).toBe(404)
  })

  test('one that cannot work is refused with every field, and what was there stays', async () => {
    const before = await house.memory.db.select().from(mappings)
    const bad = { ...mapping, entity: '', check: '{{#a}}', state: { from: '/s', words: { x: 'bad' } }, x: 1 }
    const { status, body } = await house.put('/api/v1/mappings/disks', bad)
    expect(status).toBe(400)
    expect(body).toMatchObject({
      error: 'This mapping cannot work.',
      fields: [
        { field: 'entity', problem: expect.stringContaining('The field is empty') },
        { field: 'check', problem: expect.stringContaining('Unclosed section') },
        { field: 'state.words.x', problem: expect.stringContaining('one of ok, info') },
        { field: 'x', problem: expect.stringContaining('no such field') },
      ],
    })
    expect(await house.memory.db.select().from(mappings)).toEqual(before)
  })

  test.each([
    ['no JSON', '{"entity"', 400, 'cannot be read as JSON'],
    ['hostile depth', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'nests more than'],
    ['NUL', '{"entity":"\\u0000","check":"/c","state":{"from":"/s"}}', 400, 'holds a NUL'],
    ['half a character', '{"entity":"\\ud800","check":"/c","state":{"from":"/s"}}', 400, 'half a character'],
    ['too much', ' '.repeat(10 * 1024 * 1024), 413, 'too large'],
  ])('%s is no mapping', async (_what, body, status, because) => {
    const reply = await house.put('/api/v1/mappings/hostile', body)
    expect(reply.status).toBe(status)
    expect(reply.text).toContain(because)
    expect((await house.get('/api/v1/mappings/hostile')).status).toBe(404)
  })
})
