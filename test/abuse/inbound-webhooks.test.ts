import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { batches } from '#db/schema/intake.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeAll(async () => {
  house = await serveHouse()
  await house.put('/api/v1/mappings/any', { entity: '/entity', check: '/check', state: { from: '/state' } })
})
afterAll(() => house.close())

const event = { type: 'service', entity: 'web', check: 'http', state: 'critical' }
const notice = { category: 'nodes', severity: 'error', source: 'web', title: 'Down' }

/** What is signed is judged by its signature before anybody reads it: see pagerduty-webhook.test.ts and Slack's signed requests. */
const doors = [
  ['/api/v1/events', event],
  ['/api/v1/webhooks/any', event],
  ['/api/v1/notices', notice],
  ['/api/v2/alerts', [{ labels: { alertname: 'Down' } }]],
  [`/api/v1/pagerduty/${randomUUID()}`, { event: {} }],
] as const

/** As no client of ours would send it. */
async function sayRaw(lines: readonly string[], body: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(house.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write([...lines, `Host: ${hostname}:${port}`, 'Connection: close', '', ''].join('\r\n'))
  socket.write(body)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

const nothingCame = async () => {
  await house.settled()
  expect(await house.memory.db.select().from(alerts)).toEqual([])
  expect(await house.memory.db.select().from(batches)).toEqual([])
}

describe.each(doors)('abuse 11: at the door %s', (path, good) => {
  const type = 'Content-Type: application/json'

  test('two lengths are a bad request: who is in between may have read the other one', async () => {
    const body = JSON.stringify(good)
    const two = [`Content-Length: ${body.length}`, `Content-Length: ${body.length + 10}`]
    expect(await sayRaw([`POST ${path} HTTP/1.1`, type, ...two], body)).toMatch(/^HTTP\/1\.1 400 /)
    const both = [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    expect(await sayRaw([`POST ${path} HTTP/1.1`, type, ...both], chunked)).toMatch(/^HTTP\/1\.1 400 /)
    await nothingCame()
  })

  test('ten megabytes are too much', async () => {
    const { status } = await house.post(path, `[${' '.repeat(10 * 1024 * 1024)}]`)
    expect(status).toBe(413)
    await nothingCame()
  })

  test('a hundred thousand levels, or what is packed, is a bad request or nobody we know', async () => {
    const deep = await house.post(path, `${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    const packed = gzipSync(JSON.stringify(good))
    const encoded = [`Content-Length: ${packed.length}`, 'Content-Encoding: gzip']
    const answer = await sayRaw([`POST ${path} HTTP/1.1`, type, ...encoded], packed)
    for (const status of [deep.status, Number(answer.split(' ')[1])])
      expect(path.includes('pagerduty') ? [401] : [400, 415]).toContain(status)
    await nothingCame()
  })
})
