import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { batches } from '#db/schema/intake.ts'
import { type BadBody, badBodies, tooMany } from '#test/harness/bad-bodies.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let host: string
let hosts = 0

beforeAll(async () => {
  house = await serveHouse()
})
beforeEach(() => {
  host = `web-${++hosts}`
})
afterAll(() => house.close())

const event = (parts: Readonly<Record<string, unknown>> = {}) => ({
  type: 'service',
  state: 'critical',
  entity: host,
  check: 'HTTP',
  summary: 'Connection refused',
  initial_failure_delay: 0,
  ...parts,
})

const alertsOfHost = async () => {
  await house.settled()
  const all = await house.memory.db.select().from(alerts)
  return all.filter(({ entity }) => entity === host)
}

test('an event becomes a message in the chat, and its ok ends it', async () => {
  expect(await house.post('/api/v1/events', event())).toMatchObject({
    status: 200,
    body: { accepted: 1, refused: [] },
  })
  expect(await alertsOfHost()).toMatchObject([
    { state: 'FIRING', severity: 'CRITICAL', title: `HTTP on ${host}` },
  ])
  await house.post('/api/v1/events', event({ state: 'ok' }))
  expect(await alertsOfHost()).toMatchObject([{ state: 'RESOLVED' }])
  const [message] = (await house.localMessages()).filter((row) => JSON.stringify(row.message).includes(host))
  expect(message?.message.tone).toBe('resolved')
})

test('many come as an array or one a line, and the good ones of a partly bad batch are kept', async () => {
  const array = [event({ check: 'a' }), { ...event({ check: 'b' }), colour: 'red' }, event({ check: 'c' })]
  expect(await house.post('/api/v1/events', array)).toMatchObject({
    status: 200,
    body: {
      accepted: 2,
      refused: [{ index: 1, problems: [expect.stringContaining('"colour" is not known')] }],
    },
  })
  const lines = [JSON.stringify(event({ check: 'd' })), '{"broken', '', JSON.stringify(event({ check: 'e' }))]
  expect(await house.post('/api/v1/events', lines.join('\n'), 'application/x-ndjson')).toMatchObject({
    status: 200,
    body: {
      accepted: 2,
      refused: [{ index: 1, problems: [expect.stringContaining('cannot be read as JSON')] }],
    },
  })
  const names = (await alertsOfHost()).map(({ title }) => title.charAt(0))
  expect(new Set(names)).toEqual(new Set(['a', 'c', 'd', 'e']))
  expect(names).toHaveLength(4)
})

test('a failure that names no delay waits half a minute, as Flapjack has it', async () => {
  await house.post('/api/v1/events', event({ initial_failure_delay: undefined }))
  expect(await alertsOfHost()).toMatchObject([{ state: 'PENDING' }])
  house.clock.forward('31s')
  await house.post('/api/v1/events', event({ initial_failure_delay: undefined }))
  expect(await alertsOfHost()).toMatchObject([{ state: 'FIRING' }])
})

test('an acknowledgement sent by a tool of Flapjack acknowledges the alert', async () => {
  await house.post('/api/v1/events', event({ initial_failure_delay: 0 }))
  expect(await alertsOfHost()).toMatchObject([{ state: 'FIRING' }])
  const action = { type: 'action', state: 'acknowledgement', entity: host, check: 'HTTP', summary: 'On it' }
  expect(await house.post('/api/v1/events', action)).toMatchObject({ status: 200, body: { accepted: 1 } })
  expect(await alertsOfHost()).toMatchObject([{ state: 'FIRING', acknowledgedAt: expect.any(Date) }])
})

describe('what cannot be accepted gets a precise 4xx and leaves nothing behind', () => {
  test.each<BadBody>([
    ...badBodies,
    tooMany,
    ['NUL', '{"type":"service","state":"ok","entity":"a\\u0000","check":"b"}', 400, 'NUL'],
    ['half a character', '{"type":"service","state":"ok","entity":"\\ud800","check":"b"}', 400, 'surrogate'],
    ['an unknown key', '{"colour":"red"}', 400, '\\"colour\\" is not known'],
    [
      'a huge number',
      '{"type":"service","state":"ok","entity":"a","check":"b","time":1e308}',
      400,
      'time must be',
    ],
  ])('%s', async (_what, body, status, because) => {
    const reply = await house.post('/api/v1/events', body)
    expect(reply.status).toBe(status)
    expect(reply.text).toContain(because)
    expect(await house.memory.db.$count(batches)).toBe(0)
  })

  test('more lines than fit', async () => {
    const { status, text } = await house.post('/api/v1/events', '[\n'.repeat(60_000), 'application/x-ndjson')
    expect(status).toBe(400)
    expect(text).toContain('The body holds 60000 events, 50000 are the most')
  })

  test('another type of content', async () => {
    expect((await house.post('/api/v1/events', 'a=b', 'text/plain')).status).toBe(415)
  })

  test('an empty array is nothing to do and no mistake', async () => {
    expect(await house.post('/api/v1/events', [])).toMatchObject({ status: 200, body: { accepted: 0 } })
  })
})
