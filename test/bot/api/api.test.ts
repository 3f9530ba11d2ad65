import { randomUUID } from 'node:crypto'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import type { Desk } from '#bot/desk.ts'
import { type Memory, openMemory } from '#db/client.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { acknowledge } from '#engine/incident/decide.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent, start } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'

let memory: Memory
let store: TelemetryStore
let desk: Desk
let open: FastifyInstance
let locked: FastifyInstance
let url: string

const token = '0123456789abcdef0123456789abcdef'

beforeAll(async () => {
  memory = await testMemory()
  store = openTelemetryStore({ url: inject('clickHouseUrl') })
  const log = pino({ level: 'silent' })
  desk = {
    db: memory.db,
    telemetry: clickHouseTelemetry(store),
    announce: async () => undefined,
    clock: () => after(600),
    zone: 'UTC',
    log,
  }
  open = await openServer({ desk, log, access: { kind: 'loopback' } })
  locked = await openServer({ desk, log, access: { kind: 'token', token } })
  url = await open.listen({ host: '127.0.0.1', port: 0 })
  for (let index = 0; index < 5; index++)
    await takeIn(memory.db, [anEvent({ check: `check-${index}` })], after(index))
  await changeIncident(memory.db, 1, acknowledge(ana, after(60)), after(60))
})
afterAll(async () => {
  await Promise.all([open.close(), locked.close()])
  await store.close()
  await memory.close()
})

interface Answered {
  readonly status: number
  readonly body: unknown
}

async function get(path: string): Promise<Answered> {
  const answer = await fetch(`${url}${path}`)
  return { status: answer.status, body: await answer.json() }
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: answer.status, body: await answer.json() }
}

const alerts = '/api/v1/environments/prod/alerts'
const rules = `${alerts}/rules`

const rule = {
  name: 'Checkout is failing',
  severity: 'CRITICAL',
  conditionKind: 'ROUTE_METRIC',
  condition: {
    kind: 'ROUTE_METRIC',
    scope: { appSlug: 'orders' },
    metric: 'ERROR_RATE',
    comparator: 'GT',
    threshold: 0.05,
    windowSeconds: 60,
  },
}

interface AlertsPage {
  readonly alerts: { number: number }[]
  readonly nextCursor: string | null
}

describe('alerts', () => {
  test('newest first, page after page, until there is no cursor', async () => {
    const numbers: number[][] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await get(`${alerts}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      const page = body as AlertsPage
      numbers.push(page.alerts.map((alert) => alert.number))
      cursor = page.nextCursor
    }
    expect(numbers).toEqual([[5, 4], [3, 2], [1]])
  })

  test('each with all there is to know', async () => {
    const { status, body } = await get(`${alerts}?state=ACKNOWLEDGED`)
    expect(status).toBe(200)
    expect(body).toEqual({
      nextCursor: null,
      alerts: [
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          number: 1,
          ruleId: null,
          state: 'ACKNOWLEDGED',
          severity: 'CRITICAL',
          title: 'Card payments are failing',
          message: 'Error rate is 24 %.',
          entity: 'payment-service',
          labels: { app: 'payment-service' },
          currentValue: null,
          threshold: null,
          startedAt: start.toISOString(),
          firedAt: start.toISOString(),
          acknowledgedAt: after(60).toISOString(),
          acknowledgedBy: 'Ana',
          resolvedAt: null,
        },
      ],
    })
  })

  const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  test.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=many', 'limit'],
    ['state=BROKEN', 'state'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${'x'.repeat(300)}`, 'cursor'],
    [`cursor=${cursorOf(['2026-11-21', randomUUID()])}`, 'cursor'],
    [`cursor=${cursorOf(['0000-01-01T00:00:00Z', randomUUID()])}`, 'cursor'],
    [`cursor=${cursorOf(['2026-11-21T00:00:00Z', "'; drop table alerts"])}`, 'cursor'],
  ])('%s is refused, naming the field', async (query, field) => {
    const { status, body } = await get(`${alerts}?${query}`)
    expect(status).toBe(400)
    expect(body).toMatchObject({
      error: expect.stringMatching(/\.$/),
      fields: [{ field, problem: expect.stringMatching(/\S/) }],
    })
  })

  test.each(['nowhere', '%00', '%ED%A0%80x', "';drop", '..%2f'])(
    'an environment that does not exist: %s',
    async (slug) => {
      for (const path of [
        `/api/v1/environments/${slug}/alerts`,
        `/api/v1/environments/${slug}/alerts/rules`,
      ]) {
        const { status } = await get(path)
        expect([400, 404]).toContain(status)
      }
      const { body } = await get('/api/v1/environments/nowhere/alerts')
      expect(body).toEqual({ error: 'There is no environment "nowhere".' })
    },
  )
})

describe('rules', () => {
  test('one that can work is saved and listed', async () => {
    const created = await post(rules, rule)
    expect(created).toMatchObject({
      status: 201,
      body: {
        ...rule,
        id: expect.any(String),
        evaluationIntervalSeconds: 60,
        createdAt: after(600).toISOString(),
      },
    })
    const { id } = created.body as { id: string }
    const listed = (await get(rules)).body as { rules: { id: string }[] }
    expect(listed.rules.find((one) => one.id === id)).toMatchObject({
      ...rule,
      lastEvaluatedAt: null,
      lastError: null,
      firing: false,
    })
  })

  test('one that cannot is refused with every field and its reason', async () => {
    const wrong = { ...rule, name: '', treshold: 1, condition: { ...rule.condition, threshold: 5 } }
    const { status, body } = await post(rules, wrong)
    expect(status).toBe(400)
    expect(body).toEqual({
      error: 'This rule cannot work.',
      fields: expect.arrayContaining([
        { field: 'name', problem: 'The rule needs a name.' },
        { field: 'condition.threshold', problem: 'An error rate lies between 0 and 1; for 5 % write 0.05.' },
        { field: 'rule', problem: 'Unknown field treshold: check the spelling or leave it out.' },
      ]),
    })
  })

  test.each<[string, unknown, number]>([
    ['no JSON', '{"name":', 400],
    ['nothing', '', 400],
    ['a list', [], 400],
    ['null', 'null', 400],
    ['a prototype', '{"__proto__":{"enabled":true}}', 400],
    ['a NUL', { ...rule, name: 'a\0b' }, 400],
    ['half a character', JSON.stringify({ ...rule, name: 'x' }).replace('"x"', '"\\ud800"'), 400],
    ['a number no database keeps', JSON.stringify(rule).replace('0.05', '1e999'), 400],
    ['ten megabytes', { ...rule, description: 'x'.repeat(10_000_000) }, 413],
    ['very deep nesting', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 400],
  ])('%s is refused, and the server is as well as before', async (_what, body, status) => {
    const answered = await post(rules, body)
    expect(answered.status).toBe(status)
    expect(answered.body).toMatchObject({ error: expect.stringMatching(/\S/) })
    expect((await get('/healthz')).status).toBe(200)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'as %j it is not even read',
    async (type) => {
      expect((await post(rules, rule, { 'content-type': type })).status).toBe(415)
    },
  )
})

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

describe('how it is doing', () => {
  test('alive, ready, and counted', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, body: { status: 'ok' } })
    expect(await get('/readyz')).toEqual({ status: 200, body: { status: 'ready' } })
    const metrics = await (await fetch(`${url}/metrics`)).text()
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
    const log = pino({ level: 'silent' })
    const app = await openServer({ desk: { ...desk, db: gone.db }, log, access: { kind: 'loopback' } })
    const ask = (path: string) => app.inject({ method: 'GET', url: path, headers: { host: 'localhost' } })
    expect((await ask('/healthz')).statusCode).toBe(200)
    const ready = await ask('/readyz')
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'not ready', because: 'The database cannot be reached.' },
    ])
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

test('the description names every endpoint, and every reference in it leads somewhere', async () => {
  const { status, body } = await get('/api/openapi.json')
  expect(status).toBe(200)
  const description = body as {
    openapi: string
    paths: Record<string, Record<string, { responses: object; summary: string }>>
  }
  expect(description.openapi).toMatch(/^3\./)
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      `${method.toUpperCase()} ${path}`,
      Object.keys(operation.responses),
    ]),
  )
  expect(Object.fromEntries(operations)).toEqual({
    'GET /api/v1/environments/{env}/alerts': ['200', '400', '404'],
    'GET /api/v1/environments/{env}/alerts/rules': ['200', '404'],
    'POST /api/v1/environments/{env}/alerts/rules': ['201', '400', '404'],
    'POST /api/v1/events': ['200', '400', '422'],
  })
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '')
  for (const reference of references) {
    expect(
      reference.split('/').reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], body),
    ).toBeDefined()
  }
})
