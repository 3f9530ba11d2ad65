import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { aRuleBody } from '#test/harness/api-house.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

const outbound = '/api/v1/admin/outbound-connections'
const rules = '/api/v1/environments/prod/alerts/rules'

let house: ServedHouse
let receiver: HttpReceiver
let made = 0

beforeAll(async () => {
  house = await serveHouse()
  receiver = await openHttpReceiver()
})
afterAll(async () => {
  await receiver.close()
  await house.close()
})

interface Shown {
  readonly id: string
  readonly name: string
}

const guide = {
  url: 'https://hooks.example.org/services/T00/B00/XXX',
  method: 'POST',
  tlsTrustMode: 'SYSTEM_DEFAULT',
  auth: { kind: 'BEARER', token: 'a-long-bearer-token' },
  defaultHeaders: { 'Content-Type': 'application/json' },
  hmacSecret: 'my-signing-secret',
  allowedEnvironmentIds: [],
}

async function create(parts: object = {}): Promise<Shown> {
  const { status, body } = await house.post(outbound, { ...guide, name: `hooks ${++made}`, ...parts })
  expect(body).toMatchObject({ id: expect.any(String) })
  expect(status).toBe(201)
  return body as Shown
}

describe("a connection in the guide's words", () => {
  test('is shown as it was written, but for what is secret', async () => {
    const { id } = await create({ name: 'as written' })
    const since = expect.stringMatching(/^\d{4}-/)
    const { status, body } = await house.get(`${outbound}/${id}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      name: 'as written',
      url: 'https://hooks.example.org/<secret>',
      method: 'POST',
      tlsTrustMode: 'SYSTEM_DEFAULT',
      auth: { kind: 'BEARER', token: { set: true, last4: 'oken', updatedAt: since } },
      defaultHeaders: { 'Content-Type': 'application/json' },
      hmacSecret: { set: true, last4: 'cret', updatedAt: since },
      signatureHeader: 'X-Cameleer-Signature',
      signingKey: { set: false },
      allowedEnvironmentIds: [],
      enabled: true,
    })
  })

  test('sent back as it is shown, with one thing changed, keeps its secrets', async () => {
    const { id } = await create({ url: `${receiver.url}/round` })
    const shown = (await house.get(`${outbound}/${id}`)).body as object
    const put = await house.put(`${outbound}/${id}`, { ...shown, method: 'PUT' })
    expect(put).toMatchObject({ status: 200, body: { method: 'PUT', auth: { token: { set: true } } } })
    await house.post(`${outbound}/${id}/test`, {})
    expect(receiver.requests.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/round',
      headers: { authorization: 'Bearer a-long-bearer-token' },
    })
  })

  test('is listed, and under its other door too', async () => {
    const { id, name } = await create()
    expect((await house.get(outbound)).body).toContainEqual(expect.objectContaining({ id, name }))
    expect((await house.get('/api/v1/connections')).body).toMatchObject({
      connections: expect.arrayContaining([expect.objectContaining({ id, kind: 'webhook' })]),
    })
    expect((await house.get('/api/v1/connections/kinds')).body).toMatchObject({
      kinds: expect.arrayContaining([expect.objectContaining({ kind: 'webhook', label: 'Webhook' })]),
    })
  })

  test('changes by what is named: a header, a secret, a secret taken away', async () => {
    const { id } = await create()
    const patch = (body: object) => house.patch(`${outbound}/${id}`, body)
    expect((await patch({ defaultHeaders: { 'X-Team': 'a' } })).body).toMatchObject({
      defaultHeaders: { 'X-Team': 'a' },
      auth: { token: { set: true } },
    })
    expect((await patch({ hmacSecret: null })).body).toMatchObject({ hmacSecret: { set: false } })
    expect((await patch({ auth: { kind: 'NONE' } })).body).toMatchObject({ auth: { kind: 'NONE' } })
    expect((await house.get(`/api/v1/connections/${id}`)).body).toMatchObject({
      secrets: { token: { set: false }, url: { set: true } },
    })
    expect((await patch({ auth: { kind: 'BEARER' } })).body).toMatchObject({
      fields: [{ field: 'auth.token', problem: 'Token for BEARER is missing: enter it.' }],
    })
  })

  test('with the name of another is refused, and so is a name that is taken later', async () => {
    const { name } = await create()
    const other = await create()
    expect((await house.post(outbound, { ...guide, name })).status).toBe(409)
    expect((await house.patch(`${outbound}/${other.id}`, { name })).status).toBe(409)
  })

  test.each([
    [{ url: 'hooks.example.org' }, 'url', /Write a URL/],
    [{ url: 'ftp://hooks.example.org/' }, 'url', /Write a URL/],
    [{ url: 'https://user:word@hooks.example.org/' }, 'url', /use auth/],
    [{ url: undefined }, 'url', /missing/],
    [{ name: ' ' }, 'name', /needs a name/],
    [{ name: 'a\u0000b' }, 'name', /NUL/],
    [{ method: 'GET' }, 'method', /POST, PUT or PATCH/],
    [{ auth: { kind: 'DIGEST' } }, 'auth.kind', /NONE, BASIC or BEARER/],
    [{ auth: { kind: 'BASIC', username: 'ana' } }, 'auth.password', /missing/],
    [{ auth: { kind: 'BEARER', token: 'two\nlines' } }, 'auth.token', /One line/],
    [{ defaultHeaders: { Authorization: 'Bearer x' } }, 'defaultHeaders.Authorization', /use auth/],
    [{ defaultHeaders: { Host: 'elsewhere' } }, 'defaultHeaders.Host', /itself/],
    [{ defaultHeaders: { 'X-A': 'a\r\nX-B: b' } }, 'defaultHeaders.X-A', /one line/],
    [{ tlsTrustMode: 'CUSTOM_CA' }, 'tlsCa', /PEM/],
    [{ tlsTrustMode: 'PINNED', tlsPinnedSha256: 'ab' }, 'tlsPinnedSha256', /64 hexadecimal/],
    [{ signingKey: 'whsec_short' }, 'signingKey', /24 to 64 random bytes/],
    [{ allowedEnvironmentIds: ['nowhere'] }, 'allowedEnvironmentIds.0', /no environment/],
    [{ colour: 'red' }, 'connection', /Unknown colour/],
  ])('that cannot work is refused by its field: %j', async (parts, field, problem) => {
    const { status, body } = await house.post(outbound, { name: 'refused', ...guide, ...parts })
    expect(status).toBe(400)
    expect(body).toMatchObject({ fields: [{ field, problem: expect.stringMatching(problem) }] })
  })

  test('that is not there is not found', async () => {
    const id = '5f0f7a52-5d0c-4a57-8d0e-3d2a9f1c0001'
    expect((await house.get(`${outbound}/${id}`)).status).toBe(404)
    expect((await house.remove(`${outbound}/${id}`)).status).toBe(404)
    expect((await house.post(`${outbound}/${id}/test`, {})).status).toBe(404)
    expect((await house.get(`${outbound}/nonsense`)).status).toBe(400)
  })
})

describe('a connection that is in use', () => {
  test('by a rule is not removed, nor taken from its environment', async () => {
    await house.memory.db.execute("insert into environments values ('staging', 'Staging')")
    const { id } = await create()
    const rule = { ...aRuleBody, name: 'In use', webhooks: [{ outboundConnectionId: id }] }
    expect((await house.post(rules, rule)).status).toBe(201)
    for (const refused of [
      await house.remove(`${outbound}/${id}`),
      await house.patch(`${outbound}/${id}`, { allowedEnvironmentIds: ['staging'] }),
    ]) {
      expect(refused.status).toBe(409)
      expect(refused.text).toContain('the rule \\"In use\\" in prod')
    }
    expect((await house.patch(`${outbound}/${id}`, { name: 'renamed' })).status).toBe(200)
  })

  test('by a route is not removed and not renamed; it is once nothing names it', async () => {
    const { id, name } = await create()
    const receivers = [{ name: 'dba', connections: [name] }]
    expect((await house.put('/api/v1/routing', { route: { receiver: 'dba' }, receivers })).status).toBe(200)
    const refused = await house.remove(`${outbound}/${id}`)
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('the receiver \\"dba\\"')])
    expect((await house.patch(`${outbound}/${id}`, { name: 'other' })).status).toBe(409)
    await house.remove('/api/v1/routing')
    expect((await house.remove(`${outbound}/${id}`)).status).toBe(204)
  })
})

describe('a test', () => {
  test('goes through the workers, and says how it went', async () => {
    const { id } = await create({ url: `${receiver.url}/tested` })
    const { status, body } = await house.post(`${outbound}/${id}/test`, {})
    expect(status).toBe(200)
    expect(body).toMatchObject({
      state: 'DONE',
      result: { delivered: true, statusClass: '2xx', tls: null, problem: null, tookMs: expect.any(Number) },
    })
    const { id: test } = body as { id: string }
    expect((await house.get(`${outbound}/${id}/tests/${test}`)).body).toEqual(body)
    const other = await create()
    expect((await house.get(`${outbound}/${other.id}/tests/${test}`)).status).toBe(404)
  })

  test('of where nobody listens says so', async () => {
    const closed = await openHttpReceiver()
    await closed.close()
    const { id } = await create({ url: closed.url })
    expect((await house.post(`${outbound}/${id}/test`, {})).body).toMatchObject({
      result: { delivered: false, statusClass: null, problem: 'It could not be reached (ECONNREFUSED).' },
    })
  })
})
