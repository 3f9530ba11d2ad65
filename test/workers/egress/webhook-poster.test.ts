import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { type Answer, openWebhookReceiver, type WebhookReceiver } from '#test/harness/webhook-receiver.ts'
import { webhookPoster } from '#workers/dispatch/post-webhook.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'

let opened: { close(): Promise<void> }[]

beforeEach(() => {
  opened = []
})
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close()
})

async function listening(answer?: Answer): Promise<WebhookReceiver> {
  const receiver = await openWebhookReceiver(answer)
  opened.push(receiver)
  return receiver
}

function egressTo(...allowed: readonly string[]): Egress {
  const egress = openEgress(allowed, 4)
  opened.push(egress)
  return egress
}

const post = (url: string, allowed: readonly string[] = ['127.0.0.1'], timeoutMs?: number) =>
  webhookPoster(egressTo(...allowed))(url, '{}', timeoutMs)

describe("the house's own network is not called", () => {
  test.each([
    ['its address', '127.0.0.1'],
    ['any other address of loopback', '127.1.2.3'],
    ['its address as one number', '2130706433'],
    ['its address in hexadecimal', '0x7f.1'],
    ['a name that leads there', 'localhost'],
    ['the address of nothing', '0.0.0.0'],
    ['loopback of IPv6', '[::1]'],
    ['nothing of IPv6', '[::]'],
    ['its address mapped to IPv6', '[::ffff:127.0.0.1]'],
    ['its address mapped to IPv6 in hexadecimal', '[::ffff:7f00:1]'],
    ['its address translated to IPv6', '[64:ff9b::127.0.0.1]'],
    ['its address inside 6to4', '[2002:7f00:1::]'],
    ['its address as IPv6 once had it', '[::127.0.0.1]'],
    ['where clouds keep their secrets', '169.254.169.254'],
    ['a private network', '10.1.2.3'],
    ['another one', '172.31.255.255'],
    ['a third one', '192.168.1.1'],
    ['a private network mapped to IPv6', '[::ffff:a01:203]'],
    ['a private network of IPv6', '[fd00::1]'],
    ['a link', '[fe80::1]'],
    ["a carrier's network", '100.64.0.1'],
    ['everybody around', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
  ])('by %s', async (_what, host) => {
    const receiver = await listening()
    const posted = await post(`http://${host}:${receiver.port}/`, [])
    expect(posted).toMatchObject({ kind: 'refused', retry: 'never' })
    expect(posted.kind === 'refused' && posted.because).toMatch(/own network.*EGRESS_ALLOW/)
    expect(receiver.attempts).toEqual([])
  })

  test.each([
    ['the address', '127.0.0.1', '127.0.0.1'],
    ['its network', '127.0.0.0/8', '127.0.0.1'],
    ['the address, though it be written for IPv6', '127.0.0.1', '[::ffff:7f00:1]'],
    ['the address, for a name that leads there', '127.0.0.1', 'localhost'],
  ])('unless somebody allowed %s', async (_what, allowed, host) => {
    const receiver = await listening()
    expect(await post(`http://${host}:${receiver.port}/`, [allowed])).toEqual({ kind: 'taken' })
    expect(receiver.attempts).toHaveLength(1)
  })

  test('and one that was allowed opens no other', async () => {
    const receiver = await listening()
    const posted = await post(`http://127.0.0.1:${receiver.port}/`, ['127.0.0.2', '10.0.0.0/8', 'fd00::/8'])
    expect(posted).toMatchObject({ kind: 'refused', retry: 'never' })
  })

  test.each(['example.org', '10.0.0.0/33', '::/129', '10.0.0.0/', '1.2.3'])(
    '%s is nothing to allow',
    (text) => {
      expect(() => openEgress([text], 1)).toThrow(JSON.stringify(text))
    },
  )
})

describe('an answer', () => {
  test.each<[number, object]>([
    [200, { kind: 'taken' }],
    [202, { kind: 'taken' }],
    [204, { kind: 'taken' }],
    [301, { kind: 'refused', retry: 'never', because: 'It answered 301.' }],
    [400, { kind: 'refused', retry: 'never', because: 'It answered 400.' }],
    [404, { kind: 'refused', retry: 'never', because: 'It answered 404.' }],
    [429, { kind: 'refused', retry: 'later', because: 'It answered 429.' }],
    [500, { kind: 'refused', retry: 'later', because: 'It answered 500.' }],
    [503, { kind: 'refused', retry: 'later', because: 'It answered 503.' }],
  ])('of %i is understood', async (status, posted) => {
    const { url } = await listening((response) => response.writeHead(status).end())
    expect(await post(url)).toEqual(posted)
  })

  test.each([301, 302, 303, 307, 308])('of %i that leads elsewhere is not followed', async (status) => {
    const elsewhere = await listening()
    const { url } = await listening((response) =>
      response.writeHead(status, { location: elsewhere.url }).end(),
    )
    expect(await post(url)).toMatchObject({ kind: 'refused', retry: 'never' })
    expect(elsewhere.attempts).toEqual([])
  })

  test('of a gigabyte is not read', async () => {
    const gigabyte = 1024 ** 3
    let written = 0
    let gone = false
    const pour = (response: ServerResponse) => {
      const chunk = Buffer.alloc(64 * 1024, 'x')
      const more = () => {
        let isFlowing = true
        while (isFlowing && written < gigabyte) {
          isFlowing = response.write(chunk)
          written += chunk.length
        }
        if (written >= gigabyte) response.end()
      }
      response.on('close', () => (gone = true)).on('drain', more)
      response.writeHead(200)
      more()
    }
    const { url } = await listening(pour)
    expect(await post(url)).toEqual({ kind: 'taken' })
    await eventually('the connection to be closed', () => gone)
    // What fits into the buffers on the way.
    expect(written).toBeLessThan(gigabyte / 10)
  })

  test('that is taken is taken, though its end never comes', async () => {
    const { url } = await listening((response) => response.writeHead(200).write('and '))
    expect(await post(url)).toEqual({ kind: 'taken' })
  })

  test('that never comes is waited for no longer than agreed', async () => {
    const { url } = await listening(() => undefined)
    expect(await post(url, ['127.0.0.1'], 50)).toEqual({
      kind: 'refused',
      retry: 'later',
      because: 'It took too long to answer.',
    })
  })

  test('that comes a header at a time is no answer either', async () => {
    const { url } = await listening((response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => response.socket?.write('x: y\r\n'), 5)
      response.on('close', () => clearInterval(drip))
    })
    expect(await post(url, ['127.0.0.1'], 100)).toMatchObject({ kind: 'refused', retry: 'later' })
  })

  test('that breaks off is worth another try, and the reason holds nothing secret', async () => {
    const { port } = await listening((response) => response.socket?.destroy())
    const posted = await post(`http://user:word@127.0.0.1:${port}/secret?token=t`)
    expect(posted).toMatchObject({ kind: 'refused', retry: 'later' })
    expect(JSON.stringify(posted)).not.toMatch(/user|word|secret|token|127/)
  })

  test('nobody gives where nobody listens, which is worth another try', async () => {
    const receiver = await openWebhookReceiver()
    await receiver.close()
    expect(await post(receiver.url)).toMatchObject({ kind: 'refused', retry: 'later' })
  })
})
