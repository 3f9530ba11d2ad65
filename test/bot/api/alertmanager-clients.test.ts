import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

const token = '0123456789abcdef0123456789abcdef'
const karma = 'https://karma.example.com'

let house: House
let server: FastifyInstance
let url: string
/** The same without a list of sites. */
let closed: FastifyInstance

beforeAll(async () => {
  house = await startHouse()
  const { desk } = house
  const options = { desk, log: desk.log, access: { kind: 'token', token } } as const
  server = await openServer({ ...options, origins: new Set([karma]) })
  url = await server.listen({ host: '127.0.0.1', port: 0 })
  closed = await openServer(options)
})
afterAll(async () => {
  await server.close()
  await closed.close()
  await house.close()
})

const basic = { authorization: `Basic ${Buffer.from(`grafana:${token}`).toString('base64')}` }
const bearer = { authorization: `Bearer ${token}` }

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** As programs ask: with HTTP Basic, unless told otherwise. */
const ask = (path: string, { method = 'GET', headers = basic, body }: Asked = {}) =>
  fetch(url + path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const json = async (path: string, asked?: Asked): Promise<unknown> => {
  const answer = await ask(path, asked)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.json()
}

const silence = (parts: Readonly<Record<string, unknown>> = {}) => {
  const now = house.clock.now().getTime()
  return {
    matchers: [{ name: 'alertname', value: 'DiskFull', isRegex: false, isEqual: true }],
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + 3_600_000).toISOString(),
    createdBy: 'ana@example.com',
    comment: 'Moving racks',
    ...parts,
  }
}

const silenceId = expect.stringMatching(/^[0-9a-f-]{36}$/)

test('Grafana: told apart from Mimir, it reads everything, and makes, changes and ends a silence', async () => {
  expect((await ask('/alertmanager/api/v2/status')).status).toBe(404)
  const status = (await json('/api/v2/status')) as { config: { original: string } }
  // The words of Alertmanager's file at the left edge, each once; the rest of the grammar is proven by amtool.
  const sections = status.config.original.match(/^\w+(?=:)/gm)
  expect(sections).toEqual(['global', 'route', 'receivers'])
  const labels = { alertname: 'DiskFull', severity: 'critical' }
  expect((await ask('/api/v2/alerts', { method: 'POST', body: [{ labels }] })).status).toBe(200)
  expect(await json('/api/v2/alerts?silenced=true&active=true&inhibited=true')).toMatchObject([
    {
      labels,
      receivers: [{ name: 'Local chat' }],
      status: { state: 'active', silencedBy: [], inhibitedBy: [] },
    },
  ])
  expect(await json('/api/v2/alerts/groups?silenced=true&active=true&inhibited=true')).toMatchObject([
    { labels, receiver: { name: 'Local chat' }, alerts: [{ labels, status: { state: 'active' } }] },
  ])
  const { silenceID: id } = (await json('/api/v2/silences', { method: 'POST', body: silence() })) as {
    silenceID: string
  }
  expect(id).toEqual(silenceId)
  expect(await json('/api/v2/silences')).toMatchObject([{ id, status: { state: 'active' } }])
  expect(await json(`/api/v2/silence/${id}`)).toMatchObject({ id, createdBy: 'ana@example.com' })
  const changed = silence({ id, comment: 'Still moving' })
  expect(await json('/api/v2/silences', { method: 'POST', body: changed })).toEqual({ silenceID: id })
  expect(await json('/api/v2/alerts?silenced=false')).toEqual([])
  expect((await ask(`/api/v2/silence/${id}`, { method: 'DELETE' })).status).toBe(200)
  expect(await json(`/api/v2/silence/${id}`)).toMatchObject({
    comment: 'Still moving',
    status: { state: 'expired' },
  })
})

test('karma: learns the version from the metrics, and reads silences and groups, never null', async () => {
  const metrics = await (await ask('/metrics')).text()
  const [, minor] = /^alertmanager_build_info\{version="0\.(\d+)\.\d+"\} 1$/m.exec(metrics) ?? []
  expect(Number(minor)).toBeGreaterThanOrEqual(22)
  for (const path of ['/api/v2/silences', '/api/v2/alerts/groups'])
    expect(JSON.stringify(await json(path))).not.toContain('null')
})

describe('karma in a browser, from another site', () => {
  const preflight = (origin: string, to: Pick<FastifyInstance, 'inject'>, method = 'POST') =>
    to.inject({
      method: 'OPTIONS',
      url: '/api/v2/silences',
      headers: {
        host: 'alerts.example.com',
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    })

  test('a site on the list asks first, then makes and ends a silence, and may read the answers', async () => {
    const asked = await preflight(karma, server)
    expect(asked.statusCode).toBe(204)
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': karma,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': expect.stringContaining('DELETE'),
      'access-control-allow-headers': expect.stringMatching(/Authorization.*Content-Type/),
    })
    const headers = { ...basic, origin: karma, 'sec-fetch-site': 'cross-site' }
    const made = await ask('/api/v2/silences', { method: 'POST', headers, body: silence() })
    expect([made.status, made.headers.get('access-control-allow-origin')]).toEqual([200, karma])
    expect(made.headers.get('vary')).toContain('Origin')
    const { silenceID } = (await made.json()) as { silenceID: string }
    const ended = await ask(`/api/v2/silence/${silenceID}`, { method: 'DELETE', headers })
    expect([ended.status, ended.headers.get('access-control-allow-origin')]).toEqual([200, karma])
  })

  test('still needs the token, and is told so in a way it can read', async () => {
    const answer = await ask('/api/v2/silences', {
      method: 'POST',
      headers: { origin: karma },
      body: silence(),
    })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, karma])
  })

  test.each([
    ['a site that is not on the list', 'https://evil.example', () => server],
    ['one that only looks like it', `${karma}.evil.example`, () => server],
    ['the same over http', 'http://karma.example.com', () => server],
    ['a page without a site', 'null', () => server],
    ['any site while there is no list', karma, () => closed],
  ])('%s gets neither leave nor answer', async (_who, origin, to) => {
    const asked = await preflight(origin, to())
    const posted = await to().inject({
      method: 'POST',
      url: '/api/v2/silences',
      headers: { ...basic, host: 'alerts.example.com', origin },
      payload: silence(),
    })
    for (const answer of [asked, posted]) {
      expect(answer.statusCode).toBeGreaterThanOrEqual(400)
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
    expect(posted.statusCode).toBe(403)
  })

  test('the list is for this API alone', async () => {
    const headers = { ...bearer, host: 'alerts.example.com', origin: karma }
    for (const path of ['/api/v1/silences', '/flapjack/contacts']) {
      const answer = await server.inject({ method: 'GET', url: path, headers })
      expect([path, answer.statusCode]).toEqual([path, 403])
    }
    const reload = await server.inject({ method: 'POST', url: '/-/reload', headers })
    expect(reload.statusCode).toBe(403)
  })
})

describe('who may come in', () => {
  const paths = ['alerts', 'alerts/groups', 'silences', 'status', 'receivers'].map(
    (name) => `/api/v2/${name}`,
  )

  test.each(paths)('%s: with the token as a password or as Bearer, and not without', async (path) => {
    for (const headers of [basic, bearer]) expect((await ask(path, { headers })).status).toBe(200)
    const wrong = { authorization: `Basic ${Buffer.from('grafana:wrong').toString('base64')}` }
    for (const headers of [{}, wrong]) {
      const answer = await ask(path, { headers })
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
        401,
        'Basic realm="Tocsin", Bearer',
      ])
    }
  })

  test('whoever watches is answered with credentials and without', async () => {
    for (const headers of [{}, basic, bearer])
      for (const path of ['/metrics', '/-/ready', '/-/healthy'])
        expect([path, (await ask(path, { headers })).status]).toEqual([path, 200])
  })

  test('asked to read its settings again, it says that all is well, to whoever may ask', async () => {
    for (const headers of [basic, bearer])
      expect((await ask('/-/reload', { method: 'POST', headers })).status).toBe(200)
    expect((await ask('/-/reload', { method: 'POST', headers: {} })).status).toBe(401)
    expect((await ask('/-/reload')).status).toBe(404)
  })
})
