import { Writable } from 'node:stream'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { type Reply, send } from '#test/harness/send.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import { egressRules } from '#engine/egress/egress-rules.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { openDriver } from '#workers/notifiers/connections.ts'

const outbound = '/api/v1/admin/outbound-connections'

let house: ServedHouse
let made = 0

beforeAll(async () => {
  house = await serveHouse()
})
afterAll(() => house.close())

async function create(parts: object): Promise<string> {
  const { status, body, text } = await house.post(outbound, { name: `hooks ${++made}`, ...parts })
  if (status !== 201) expect.fail(text)
  return (body as { id: string }).id
}

describe('abuse 1: a URL that leads inside, in whatever form', () => {
  const forms = [
    'http://127.0.0.1/',
    'http://localhost/',
    'http://localhost./',
    'http://a.localhost/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://１２７.0.0.1/',
    'http://168.63.129.16/',
    'http://[::ffff:168.63.129.16]/',
  ]

  const sameText = (text: string, url: string) =>
    text.replaceAll(new URL(url).hostname.replace(/^\[|\]$/g, ''), 'HOST')
  const expected =
    "HOST is inside the house's own network. If that is wanted, name its address in EGRESS_ALLOW."

  /** Saved at a door that allows what `allowed` says. */
  async function save(url: string, allowed: readonly string[]): Promise<Reply> {
    const desk = { ...house.desk, egressRules: egressRules(allowed) }
    const server = await openServer({ desk, log: desk.log, access: { kind: 'loopback' } })
    const base = await server.listen({ host: '127.0.0.1', port: 0 })
    const saved = await send('POST', base + outbound, { body: { name: `inside ${++made}`, url } })
    await server.close()
    return saved
  }

  test.each(forms)('%s is refused when it is saved, and in the same words when it is sent', async (url) => {
    const saved = await save(url, [])
    expect(saved.status).toBe(400)
    const { fields } = saved.body as { fields: { field: string; problem: string }[] }
    expect(fields.map(({ field }) => field)).toEqual(['url'])
    expect(fields.map(({ problem }) => sameText(problem, url))).toEqual([expected])
    // As if it had been saved while somebody allowed it.
    const egress = openEgress([], 1)
    const outside = openOutside(egress, () => new Date())
    const notifier = openDriver(openedConnection({ secrets: { url } }), outside)
    const sent: unknown = await notifier.post({}, aTelling(), 'd').catch((error: unknown) => error)
    await egress.close()
    expect(sent).toMatchObject({ retry: 'never', fault: 'config' })
    expect(sameText(sent instanceof Error ? sent.message : '', url)).toBe(expected)
  })

  test('a test is refused in the same words', async () => {
    const url = 'http://10.1.2.3/'
    const { status, body: saved } = await save(url, ['10.0.0.0/8'])
    expect(status).toBe(201)
    const { body } = await house.post(`${outbound}/${(saved as { id: string }).id}/test`, {})
    const { result } = body as { result: { delivered: boolean; problem: string } }
    expect(result.delivered).toBe(false)
    expect(sameText(result.problem, url)).toBe(expected)
  })
})

describe('abuse 5: a test button that reads pages', () => {
  test('says the class of the status and nothing of the page', async () => {
    const page = await openHttpReceiver((response) =>
      response.writeHead(403, { 'x-secret': 'header-secret', 'set-cookie': 'a=b' }).end('a secret page'),
    )
    const id = await create({ url: `${page.url}/admin` })
    const { text, body } = await house.post(`${outbound}/${id}/test`, {})
    await page.close()
    expect(body).toMatchObject({ result: { delivered: false, statusClass: '4xx' } })
    expect(text).not.toMatch(/secret page|header-secret|a=b|\/admin/)
  })
})

describe('abuse 6: an editor who changes only the host', () => {
  let theirs: HttpReceiver
  let ours: HttpReceiver
  beforeAll(async () => {
    ours = await openHttpReceiver()
    theirs = await openHttpReceiver()
  })
  afterAll(async () => {
    await ours.close()
    await theirs.close()
  })

  test.each(['PATCH', 'PUT'] as const)(
    'gets no token by %s: it stays behind, and a test fails',
    async (method) => {
      const id = await create({
        url: `${ours.url}/hook`,
        auth: { kind: 'BEARER', token: 'a-long-bearer-token' },
        hmacSecret: 'my-signing-secret',
      })
      const shown = (await house.get(`${outbound}/${id}`)).body as object
      const change: Reply =
        method === 'PATCH'
          ? await house.patch(`${outbound}/${id}`, { url: `${theirs.url}/hook` })
          : await house.put(`${outbound}/${id}`, { ...shown, url: `${theirs.url}/hook` })
      expect(change.body).toMatchObject({
        auth: { kind: 'BEARER', token: { set: false } },
        hmacSecret: { set: false },
        warnings: [expect.stringContaining('token, hmacSecret stayed behind')],
      })
      const { body } = await house.post(`${outbound}/${id}/test`, {})
      expect(body).toMatchObject({
        result: { delivered: false, problem: expect.stringContaining('lacks token') },
      })
      expect(theirs.requests).toEqual([])
    },
  )

  test('keeps it where only the path changes', async () => {
    const id = await create({ url: `${ours.url}/a`, auth: { kind: 'BEARER', token: 'a-long-bearer-token' } })
    await house.patch(`${outbound}/${id}`, { url: `${ours.url}/b` })
    await house.post(`${outbound}/${id}/test`, {})
    expect(ours.requests.at(-1)).toMatchObject({
      path: '/b',
      headers: { authorization: 'Bearer a-long-bearer-token' },
    })
  })
})

describe('abuse 14: whoever may look', () => {
  test('finds no secret in lists, errors, descriptions, logs at debug, jobs or notifications', async () => {
    const lines: string[] = []
    const log = pino(
      { level: 'debug' },
      new Writable({
        write: (chunk, _encoding, done) => {
          lines.push(String(chunk))
          done()
        },
      }),
    )
    const server = await openServer({ desk: { ...house.desk, log }, log, access: { kind: 'loopback' } })
    const base = await server.listen({ host: '127.0.0.1', port: 0 })
    const closed = await openHttpReceiver()
    await closed.close()
    const secrets = {
      token: 'TOPSECRET-bearer-1',
      hmacSecret: 'TOPSECRET-hmac-2',
      url: `${closed.url}/TOPSECRET-path-3`,
    }
    const made = await send('POST', base + outbound, {
      body: {
        name: 'quiet',
        url: secrets.url,
        auth: { kind: 'BEARER', token: secrets.token },
        hmacSecret: secrets.hmacSecret,
      },
    })
    const { id } = made.body as { id: string }
    const refused = await send('PATCH', `${base}${outbound}/${id}`, {
      body: {
        auth: { kind: 'BEARER', token: 'TOPSECRET\nbroken' },
        defaultHeaders: { Authorization: 'TOPSECRET' },
      },
    })
    expect(refused.status).toBe(400)
    const seen = [
      made.text,
      refused.text,
      (await send('GET', base + outbound)).text,
      (await send('GET', `${base}/api/v1/connections`)).text,
      (await send('GET', `${base}/api/openapi.json`)).text,
      (await send('POST', `${base}${outbound}/${id}/test`)).text,
      JSON.stringify(await house.memory.db.execute('select * from connections')),
      JSON.stringify(await house.memory.db.execute('select * from connection_tests')),
      JSON.stringify(await house.memory.db.execute('select * from destinations')),
      JSON.stringify(await house.memory.db.execute('select * from queue.job').catch(() => [])),
      lines.join(''),
    ]
    await server.close()
    for (const text of seen) expect(text).not.toContain('TOPSECRET')
  })
})
