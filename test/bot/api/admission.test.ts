import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFlapjackServer, openServer } from '#bot/api/server.ts'
import { openMemory } from '#db/client.ts'
import { type ApiHouse, aRuleBody as rule, startApiHouse } from '#test/harness/api-house.ts'

let house: ApiHouse
let open: FastifyInstance
let locked: FastifyInstance

const token = '0123456789abcdef0123456789abcdef'

beforeAll(async () => {
  house = await startApiHouse()
  open = house.server
  locked = await openServer({ desk: house.desk, log: house.desk.log, access: { kind: 'token', token } })
})
afterAll(async () => {
  await locked.close()
  await house.close()
})

const alerts = '/api/v1/environments/prod/alerts'
const rules = `${alerts}/rules`

describe('who may come in', () => {
  const knock = (headers: Record<string, string>) =>
    locked.inject({ method: 'GET', url: alerts, headers: { host: 'alerts.example.com', ...headers } })

  test.each<[string, Record<string, string>, number]>([
    ['nobody in particular', {}, 401],
    ['somebody with another token', { authorization: 'Bearer fedcba9876543210' }, 401],
    ['the token without a word', { authorization: token }, 401],
    ['the token', { authorization: `Bearer ${token}` }, 200],
    [
      'the token from another site',
      { authorization: `Bearer ${token}`, origin: 'https://evil.example' },
      403,
    ],
  ])('%s', async (_who, headers, status) => {
    const answer = await knock(headers)
    expect(answer.statusCode).toBe(status)
    expect(answer.body).not.toContain(token)
  })

  test.each([
    ['POST', '/api/v1/events'],
    ['POST', '/api/v1/notices'],
    ['GET', '/api/v1/notices/types'],
    ['POST', '/api/v1/webhooks/grafana'],
    ['GET', '/api/v1/mappings'],
    ['GET', '/api/v1/mappings/grafana'],
    ['PUT', '/api/v1/mappings/grafana'],
    ['DELETE', '/api/v1/mappings/grafana'],
    ['POST', '/api/v1/mappings/grafana/test'],
  ] as const)('%s %s: nobody without the token', async (method, url) => {
    const answer = await locked.inject({
      method,
      url,
      headers: { host: 'alerts.example.com', 'content-type': 'application/json' },
      ...(method !== 'GET' && { payload: {} }),
    })
    expect(answer.statusCode).toBe(401)
  })

  test('without a token only this machine, by a name of its own', async () => {
    const rebound = await open.inject({ method: 'GET', url: alerts, headers: { host: 'evil.example' } })
    expect(rebound.statusCode).toBe(421)
    const browser = await open.inject({
      method: 'POST',
      url: rules,
      headers: { host: 'localhost', origin: 'https://evil.example', 'content-type': 'application/json' },
      payload: rule,
    })
    expect(browser.statusCode).toBe(403)
  })

  test('a machine that watches us needs no token to hear that we live', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await locked.inject({ method: 'GET', url: path, headers: { host: 'x' } })).statusCode).toBe(200)
    }
  })
})

describe("Flapjack's JSON API, whose clients know no tokens", () => {
  const basic = (password: string) => `Basic ${Buffer.from(`provisioner:${password}`).toString('base64')}`
  const knock = (server: FastifyInstance, url: string, headers: Record<string, string>) =>
    server.inject({ method: 'GET', url, headers: { host: 'alerts.example.com', ...headers } })

  test('takes the token as a password too, and refuses in its own words', async () => {
    const stranger = await knock(locked, '/flapjack/contacts', {})
    expect(stranger.statusCode).toBe(401)
    expect(stranger.headers['www-authenticate']).toContain('Basic')
    expect(stranger.json()).toEqual({ errors: ['Sign in with the access token.'] })
    for (const authorization of [basic('fedcba9876543210'), 'Basic x', `Basic ${token}`])
      expect((await knock(locked, '/flapjack/contacts', { authorization })).statusCode).toBe(401)
    for (const authorization of [basic(token), `Bearer ${token}`])
      expect((await knock(locked, '/flapjack/contacts', { authorization })).json()).toEqual({ contacts: [] })
    expect((await knock(locked, alerts, { authorization: basic(token) })).statusCode).toBe(401)
  })

  test('is at the root of a port of its own, behind the same token, with nothing else beside it', async () => {
    const { desk } = house
    const alone = openFlapjackServer({ desk, log: desk.log, access: { kind: 'token', token } })
    const authorization = basic(token)
    expect((await knock(alone, '/contacts', {})).statusCode).toBe(401)
    expect((await knock(alone, '/contacts', { authorization })).json()).toEqual({ contacts: [] })
    expect((await knock(alone, alerts, { authorization })).statusCode).toBe(404)
    await alone.close()
  })

  test('another site may not speak through a browser that knows the password', async () => {
    const headers = { authorization: basic(token), origin: 'https://evil.example' }
    expect((await knock(locked, '/flapjack/contacts', headers)).statusCode).toBe(403)
  })
})

describe('how it is doing', () => {
  test('alive, ready, and counted', async () => {
    expect(await house.get('/healthz')).toEqual({ status: 200, body: { status: 'ok' } })
    expect(await house.get('/readyz')).toEqual({ status: 200, body: { status: 'ready' } })
    const { body: metrics } = await house.get('/metrics')
    expect(metrics).toContain('alerting_instances_total{state="FIRING"} 4')
    expect(metrics).toContain('alerting_instances_total{state="ACKNOWLEDGED"} 1')
    expect(metrics).toMatch(/^alerting_rules_total\{state="enabled"\} \d+$/m)
  })

  test('not ready without its database, but alive, and it says no secret', async () => {
    const gone = openMemory({
      url: 'postgres://u:hunter2@127.0.0.1:1/x',
      name: 'tocsin-test',
      connections: 1,
    })
    const app = await openServer({
      desk: { ...house.desk, db: gone.db },
      log: house.desk.log,
      access: { kind: 'loopback' },
    })
    const ask = (path: string) => app.inject({ method: 'GET', url: path, headers: { host: 'localhost' } })
    expect((await ask('/healthz')).statusCode).toBe(200)
    const ready = await ask('/readyz')
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'not ready', because: 'The database cannot be reached.' },
    ])
    expect((await ask('/-/ready')).statusCode).toBe(503)
    expect((await ask('/-/healthy')).statusCode).toBe(200)
    const failed = await ask(alerts)
    expect(failed.statusCode).toBe(500)
    expect(failed.body).toMatch(/^\{"error":"That did not work\. The log has the reason under [\w-]+\."\}$/)
    await app.close()
    await gone.close()
  })

  test('a request that is no HTTP is answered and the connection closed', async () => {
    const { port } = open.server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    socket.end('NONSENSE\r\n\r\n')
    let answered = ''
    for await (const chunk of socket) answered += String(chunk)
    expect(answered).toMatch(/^HTTP\/1\.1 400 /)
  })
})
