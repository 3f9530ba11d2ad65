import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import pino from 'pino'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import { batches } from '#db/schema/intake.ts'
import { send } from '#test/harness/send.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

const log = pino({ level: 'silent' })
const access = { kind: 'loopback' } as const

let house: House
let server: FastifyInstance
let url: string
let dripping: NodeJS.Timeout[] = []

beforeAll(async () => {
  house = await startHouse()
  const patience = { headersMs: 200, requestMs: 400, lookEveryMs: 50 }
  server = await openServer({ desk: house.desk, log, access, patience })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(() => {
  for (const drip of dripping) clearInterval(drip)
  dripping = []
})
afterAll(async () => {
  await server.close()
  await house.close()
})

/** Says this at once, and then a byte now and then for as long as somebody listens. */
async function drip(begin: string, byte: () => string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(begin)
  dripping.push(setInterval(() => socket.write(byte()), 20))
  return socket
}

/** → what was answered before the end. */
function endOf(socket: Socket): Promise<string> {
  let said = ''
  socket.setEncoding('utf8').on('data', (text: string) => (said += text))
  // A line that is cut while somebody still speaks ends with an error.
  return new Promise((ended) => socket.once('close', () => ended(said)))
}

const event = { type: 'service', entity: 'a', check: 'b', state: 'critical' }
const body = JSON.stringify(event)

test.each([
  [
    'a body that drips',
    `POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length + 1e6}\r\n\r\n${body}`,
    () => ' ',
  ],
  [
    'a body in chunks that has no end',
    'POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    () => '1\r\n \r\n',
  ],
  ['headers that never end', 'POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\n', () => 'x-a: b\r\n'],
  ['a header that never ends', 'POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\nx-a: ', () => 'a'],
  ['a request that hardly begins', 'P', () => ''],
])('abuse 11: %s is cut off, and whoever else comes is answered meanwhile', async (_what, begin, byte) => {
  const slow = await drip(begin, byte)
  const end = endOf(slow)
  expect((await send('GET', `${url}/healthz`)).status).toBe(200)
  expect(await end).toMatch(/^(HTTP\/1\.1 408 |$)/)
  expect(await house.memory.db.$count(batches)).toBe(0)
})

test('many of them at once keep nobody out, and all are gone in the end', async () => {
  const begin = 'POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\n'
  const slow = await Promise.all(Array.from({ length: 300 }, () => drip(begin, () => 'x-a: b\r\n')))
  const ends = slow.map(endOf)
  expect((await send('POST', `${url}/api/v1/events`, { body: event })).status).toBe(200)
  await Promise.all(ends)
})

test('outside of tests it is fifteen seconds for the headers, and half a minute for all of it', async () => {
  const usual = await openServer({ desk: house.desk, log, access })
  expect(usual.server).toMatchObject({ headersTimeout: 15_000, requestTimeout: 30_000 })
  await usual.close()
})
