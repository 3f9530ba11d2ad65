import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeApiToken } from '#bot/api-tokens.ts'
import { openServer } from '#bot/api/server.ts'
import type { Role } from '#engine/person.ts'
import { aRuleBody } from '#test/harness/api-house.ts'
import { type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { push } from '#test/harness/pushed.ts'
import { type RedisServer, startRedis } from '#test/harness/redis-server.ts'
import { registeredRoutes } from '#test/harness/registered-routes.ts'
import { requires } from '#test/harness/requires.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

const program = requires('redis-server')
const missing = 'missing' in program ? program.missing : undefined
const houseToken = 'TOPSECRET-0123456789abcdef0123456789'
const key = '70b5ec3e70b5ec3e70b5ec3e70b5ec3e'
const secret = /TOPSECRET|70b5ec3e/

let redis: RedisServer
let spoken: string[]
let house: House
let server: FastifyInstance
let logged: string[]
let closed: HttpReceiver

beforeAll(async () => {
  if ('missing' in program) return
  redis = await startRedis(program.path, 'open-sesame')
  spoken = []
  const monitor = await new Redis(redis.url).monitor()
  monitor.on('monitor', (_at: string, words: readonly string[]) => spoken.push(words.join(' ')))
  house = await startHouse({ redisUrl: redis.url })
  logged = []
  const write = (chunk: unknown, _encoding: string, done: () => void) => {
    logged.push(String(chunk))
    done()
  }
  const log = pino({ level: 'debug' }, new Writable({ write }))
  const access = { kind: 'token', token: houseToken } as const
  server = await openServer({ desk: { ...house.desk, log }, log, access })
  await server.ready()
  closed = await openHttpReceiver((response) => response.writeHead(500).end('no'))
}, 60_000)
afterAll(async () => {
  await server?.close()
  await house?.close()
  await closed?.close()
  await redis?.close()
})
beforeEach(({ skip }) => skip(missing !== undefined, missing))

async function ask(method: string, url: string, token: string, body?: unknown) {
  const answer = await server.inject({
    method: method as 'GET',
    url,
    headers: {
      host: 'alerts.example.com',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, text: answer.body, json: () => answer.json<{ id: string }>() }
}

async function tokenOf(role: Role, environments: readonly string[] | null = null): Promise<string> {
  const wish = { name: randomUUID(), role, environments, createdBy: 'a test' }
  return (await makeApiToken(house.desk, wish)).token
}

describe('abuse 14: a reader who looks everywhere', () => {
  test('finds no secret in any answer, in the log at debug, or in anything that Redis was told', async () => {
    const connection = await ask('POST', '/api/v1/connections', houseToken, {
      name: 'hooks',
      kind: 'webhook',
      settings: { auth: { kind: 'BEARER' } },
      secrets: { url: `${closed.url}/TOPSECRET-path`, token: 'TOPSECRET-bearer-token' },
    })
    expect(connection.status).toBe(201)
    const { id } = connection.json()
    await ask('POST', '/api/v1/contacts', houseToken, { id: 'ada' })
    for (const [type, address] of [
      ['pagerduty', key],
      ['webhook', `${closed.url}/TOPSECRET-of-ada`],
    ])
      expect((await ask('PUT', `/api/v1/contacts/ada/media/${type}`, houseToken, { address })).status).toBe(
        200,
      )
    const rule = await ask('POST', '/api/v1/environments/prod/alerts/rules', houseToken, {
      ...aRuleBody,
      webhooks: [{ outboundConnectionId: id }],
      targets: [{ kind: 'USER', targetId: 'ada' }],
    })
    await push(house, { check: 'errors', state: 'critical', ruleId: rule.json().id })
    expect((await ask('POST', `/api/v1/connections/${id}/test`, houseToken, {})).status).toBe(200)
    await house.settled()
    const reader = await tokenOf('VIEWER')
    const answers = await Promise.all(
      registeredRoutes(server).map(async (route) => {
        const [method = '', path = ''] = route.split(' ')
        const url = path
          .replace('connections/:id', `connections/${id}`)
          .replace('contacts/:id', 'contacts/ada')
          .replace('rules/:id', `rules/${rule.json().id}`)
          .replace(':env', 'prod')
          .replace(':number', '1')
          .replaceAll(/:id|:test/g, randomUUID())
          .replaceAll(/:[\w|:]+|\*/g, 'ada')
        return { route, ...(await ask(method, url, reader, method === 'GET' ? undefined : {})) }
      }),
    )
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(30)
    expect(answers.filter(({ text }) => secret.test(text)).map(({ route }) => route)).toEqual([])
    const alerts = JSON.parse((await ask('GET', '/api/v1/environments/prod/alerts', reader)).text) as {
      alerts: { id: string }[]
    }
    const told = await ask(
      'GET',
      `/api/v1/environments/prod/alerts/${alerts.alerts[0]?.id}/notifications`,
      reader,
    )
    expect(told.text).toContain('"ada by webhook"')
    expect(told.text).not.toMatch(secret)
    expect(logged.join('')).not.toMatch(secret)
    expect(spoken.length).toBeGreaterThan(0)
    expect(spoken.join('\n')).not.toMatch(secret)
  })
})

describe('abuse 21: whoever is for one environment', () => {
  test('names no connection of another, and learns nothing of it', async () => {
    await house.memory.db.execute("insert into environments values ('staging', 'Staging')")
    const made = await ask('POST', '/api/v1/connections', houseToken, {
      name: 'quiet-of-prod',
      kind: 'webhook',
      secrets: { url: 'https://hooks.example.com/prod' },
      allowedEnvironments: ['prod'],
    })
    const { id } = made.json()
    const theirs = await tokenOf('OPERATOR', ['staging'])
    const bind = (outboundConnectionId: string) =>
      ask('POST', '/api/v1/environments/staging/alerts/rules', theirs, {
        ...aRuleBody,
        webhooks: [{ outboundConnectionId }],
      })
    const [refused, unknown] = [await bind(id), await bind(randomUUID())]
    expect(refused.status).toBe(422)
    expect(refused.text).toBe(unknown.text)
    expect((await ask('GET', '/api/v1/environments/staging/alerts/rules', theirs)).status).toBe(200)
    const elsewhere = await ask('GET', '/api/v1/environments/prod/alerts/rules', theirs)
    const nowhere = await ask('GET', '/api/v1/environments/moon/alerts/rules', theirs)
    expect(elsewhere).toMatchObject({ status: 404, text: nowhere.text.replace('moon', 'prod') })
    for (const path of [
      '/api/v1/connections',
      `/api/v1/connections/${id}`,
      '/api/v1/routing',
      '/api/v2/alerts',
    ])
      expect((await ask('GET', path, theirs)).status, path).toBe(403)
  })
})
