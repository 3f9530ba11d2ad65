import type { LookupAddress } from 'node:dns'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type Answering, type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { openDriver } from '#workers/notifiers/connections.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'

let opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of opened.toReversed()) await one.close()
  opened = []
})

async function listening(answer?: Answering): Promise<HttpReceiver> {
  const receiver = await openHttpReceiver(answer)
  opened.push(receiver)
  return receiver
}

interface Sending {
  readonly allowed?: readonly string[]
  readonly timeoutSeconds?: number
  /** How names are resolved. */
  readonly addresses?: readonly LookupAddress[]
}

async function send(url: string, { allowed = ['127.0.0.1'], timeoutSeconds = 15, addresses }: Sending = {}) {
  const egress = openEgress(allowed, 2, addresses && ((_name, done) => done(null, [...addresses])))
  opened.push(egress)
  const connection = openedConnection({ settings: { timeoutSeconds }, secrets: { url } })
  const notifier = openDriver(
    connection,
    openOutside(egress, () => new Date()),
  )
  try {
    return await notifier.post({}, aTelling(), 'd')
  } catch (error) {
    return error instanceof DeliveryError ? error : expect.fail(String(error))
  }
}

const inside = { address: '127.0.0.1', family: 4 }
const outside = { address: '203.0.113.7', family: 4 }

describe('abuse 2: a name that leads inside when it is sent', () => {
  test.each([
    ['alone', [inside]],
    ['beside an address outside, first', [inside, outside]],
    ['beside an address outside, last', [outside, inside]],
    ['written for IPv6', [{ address: '::ffff:127.0.0.1', family: 6 }]],
  ])('%s, is refused before anything is sent', async (_how, addresses) => {
    const receiver = await listening()
    const url = `http://hooks.example.org:${receiver.port}/`
    expect(await send(url, { allowed: [], addresses })).toMatchObject({
      retry: 'never',
      fault: 'config',
      message: expect.stringContaining("hooks.example.org is inside the house's own network"),
    })
    expect(receiver.requests).toEqual([])
  })

  test('is followed where somebody allowed just that name and port, and no other port of it', async () => {
    const [named, other] = [await listening(), await listening()]
    const allowed = [`Hooks.example.org:${named.port}`]
    const to = (port: number) => send(`http://hooks.example.org:${port}/`, { allowed, addresses: [inside] })
    expect(await to(named.port)).toEqual({})
    expect(await to(other.port)).toMatchObject({
      fault: 'config',
      message: expect.stringContaining('EGRESS_ALLOW'),
    })
    expect(await send(`http://127.0.0.1:${named.port}/`, { allowed })).toMatchObject({ fault: 'config' })
    expect([named.requests.length, other.requests.length]).toEqual([1, 0])
  })

  test('is followed where somebody allowed that address, and to no other', async () => {
    const receiver = await listening()
    const addresses = [{ address: '10.0.0.9', family: 4 }, inside]
    const url = `http://hooks.example.org:${receiver.port}/`
    expect(await send(url, { addresses })).toEqual({})
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('abuse 3: an answer that leads elsewhere', () => {
  test.each([301, 302, 303, 307, 308])('by %i is not followed, and only the host is told', async (status) => {
    const elsewhere = await listening()
    const location = `${elsewhere.url}/admin?token=secret`
    const { url } = await listening((response) => response.writeHead(status, { location }).end())
    const error = await send(url)
    expect(error).toMatchObject({ retry: 'never', fault: 'config', status })
    const { message } = error instanceof DeliveryError ? error : expect.fail('it was delivered')
    expect(message).toContain(`127.0.0.1:${elsewhere.port}`)
    expect(message).not.toMatch(/admin|secret/)
    expect(elsewhere.requests).toEqual([])
  })
})

describe('abuse 4: an answer that never ends', () => {
  test('a gigabyte is cut, and what was said by its status holds', async () => {
    let written = 0
    let gone = false
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const pour = (response: ServerResponse) => {
      response.on('close', () => (gone = true))
      const more = () => {
        let isFlowing = true
        while (isFlowing) {
          isFlowing = response.write(chunk)
          written += chunk.length
        }
      }
      response.on('drain', more).writeHead(200)
      more()
    }
    const { url } = await listening(pour)
    expect(await send(url)).toEqual({})
    await eventually('the connection to be closed', () => gone)
    expect(written).toBeLessThan(100 * 1024 * 1024)
  })

  test('a byte now and then is waited for no longer than agreed', async () => {
    const { url } = await listening((response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drip))
    })
    expect(await send(url, { timeoutSeconds: 1 })).toMatchObject({ retry: 'later', fault: 'timeout' })
  })

  test('a bomb of gzip is not unpacked: of any answer no more than its first bytes are looked at', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    const { url } = await listening((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb),
    )
    const egress = openEgress(['127.0.0.1'], 1)
    opened.push(egress)
    const { text } = await openOutside(egress, () => new Date()).request({ url })
    expect(text.length).toBeLessThanOrEqual(64 * 1024)
    expect(text.startsWith('\u001f')).toBe(true)
  })

  test('holds up nobody else: others are told while it drips', async () => {
    let dripping = 0
    const drip = await listening((response) => {
      dripping += 1
      response.writeHead(200)
      const drop = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drop))
    })
    const egress = openEgress(['127.0.0.1'], 2)
    opened.push(egress)
    const outside = openOutside(egress, () => new Date())
    const slow = Array.from({ length: 4 }, () => outside.request({ url: drip.url, timeoutMs: 3000 }))
    await eventually('as many to drip as there may be', () => dripping === 2)
    const prompt = await listening()
    expect(await outside.request({ url: prompt.url })).toMatchObject({ status: 200 })
    for (const one of await Promise.allSettled(slow))
      expect(one).toMatchObject({ status: 'rejected', reason: { fault: 'timeout' } })
  })

  test('101 headers are too many', async () => {
    const { url } = await listening((response) => {
      for (let index = 0; index < 101; index++) response.setHeader(`x-${index}`, 'y')
      response.end()
    })
    expect(await send(url)).toMatchObject({ retry: 'later', fault: 'server' })
  })
})
