import { randomUUID } from 'node:crypto'
import pino from 'pino'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import { makeApiToken } from '#bot/api-tokens.ts'
import { mostRefusalsAnHour } from '#bot/audit/audit.ts'
import { listAudit, recordAudit } from '#db/repositories/audit.ts'
import { audit } from '#db/schema/audit.ts'
import { stranger } from '#engine/audit.ts'
import type { Role } from '#engine/person.ts'
import { aRuleBody } from '#test/harness/api-house.ts'
import { push } from '#test/harness/pushed.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

const houseToken = '0123456789abcdef0123456789abcdef'

let house: House
let server: FastifyInstance

beforeAll(async () => {
  house = await startHouse()
  const log = pino({ level: 'silent' })
  server = await openServer({ desk: house.desk, log, access: { kind: 'token', token: houseToken } })
  await server.ready()
})
afterAll(async () => {
  await server.close()
  await house.close()
})

function ask(method: string, url: string, token: string | undefined, body?: unknown) {
  return server.inject({
    method: method as 'GET',
    url,
    headers: {
      host: 'alerts.example.com',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  })
}

async function tokenOf(role: Role, name: string): Promise<string> {
  return (await makeApiToken(house.desk, { name, role, environments: null, createdBy: 'a test' })).token
}

/** Newest first, once what waited is written. */
async function entries() {
  await house.desk.audit.close()
  return listAudit(house.memory.db, { limit: 1000 })
}

describe('who did it', () => {
  test('by REST is there by the name of the token, with what it did and none of what it sent', async () => {
    const ci = await tokenOf('ADMIN', 'ci')
    const rule = await ask('POST', '/api/v1/environments/prod/alerts/rules', ci, aRuleBody)
    expect(rule.statusCode).toBe(201)
    const { id } = rule.json<{ id: string }>()
    const path = `/api/v1/environments/prod/alerts/rules/${id}`
    const routing = { route: { receiver: 'ops' }, receivers: [{ name: 'ops', chats: ['local'] }] }
    const connection = {
      name: 'hooks',
      kind: 'webhook',
      secrets: { url: 'https://hooks.example.com/TOPSECRET' },
    }
    for (const [method, url, body] of [
      ['POST', `${path}/disable`, {}],
      ['PUT', '/api/v1/routing', routing],
      ['POST', '/api/v1/connections', connection],
      ['POST', '/api/v1/contacts', { id: 'ada' }],
      [
        'POST',
        '/flapjack/contacts',
        { contacts: [{ id: 'bo', first_name: 'Bo', last_name: 'B', email: 'b@example.com' }] },
      ],
      ['DELETE', '/api/v1/contacts/ada', undefined],
    ] as const)
      expect((await ask(method, url, ci, body)).statusCode, `${method} ${url}`).toBeLessThan(300)
    const done = (await entries()).filter(({ outcome }) => outcome === 'done')
    expect(done.every(({ actor }) => 'name' in actor && actor.name === 'token ci')).toBe(true)
    expect(done.map(({ what }) => what).toReversed()).toEqual([
      'POST /api/v1/environments/prod/alerts/rules',
      `POST ${path}/disable`,
      'PUT /api/v1/routing',
      'POST /api/v1/connections',
      'POST /api/v1/contacts',
      'POST /flapjack/contacts',
      'DELETE /api/v1/contacts/ada',
    ])
    expect(JSON.stringify(done)).not.toContain('TOPSECRET')
    const made = await ask('GET', '/api/v1/connections', ci)
    expect(made.json()).toMatchObject({ connections: [{ name: 'hooks', createdBy: 'token ci' }] })
    const maintenance = await ask('POST', '/api/v1/maintenances', ci, {
      checks: ['web:http'],
      durationSeconds: 60,
      summary: 'disks',
    })
    if (maintenance.statusCode === 201)
      expect((await ask('GET', '/api/v1/maintenances', ci)).body).toContain('token ci')
  })

  test('is nobody where nothing was changed: questions, events and what was refused as wrong', async () => {
    const before = (await entries()).length
    await ask('GET', '/api/v1/connections', houseToken)
    await ask('POST', '/api/v1/events', houseToken, { type: 'service', entity: 'a', check: 'b', state: 'ok' })
    await ask('PUT', '/api/v1/routing', houseToken, { route: 7 })
    expect(await entries()).toHaveLength(before)
  })

  test('in a chat is there by name, and an address that may be a secret is not', async () => {
    const ana = await house.person('Ana')
    await push(house, {})
    for (const line of [
      'ack 1',
      'contact add cy',
      'contact cy media webhook http://127.0.0.1/TOPSECRET',
      'list',
      'contact remove cy',
    ])
      await house.front.say(line, ana)
    const said = (await entries()).filter(({ door }) => door === 'local')
    expect(said.map(({ what, outcome }) => `${what}: ${outcome}`).toReversed()).toEqual([
      'ack #1: done',
      'contact add cy: done',
      expect.stringMatching(/^contact media cy webhook: /),
    ])
    expect(said.every(({ actor }) => actor.kind === 'person' && actor.name === 'Ana')).toBe(true)
    expect(JSON.stringify(said)).not.toContain('TOPSECRET')
  })

  test('is shown to admins alone, page by page, and as a table', async () => {
    const viewer = await tokenOf('VIEWER', 'looks')
    for (const url of ['/api/v1/audit', '/api/v1/audit.csv'])
      expect((await ask('GET', url, viewer)).statusCode).toBe(403)
    const first = await ask('GET', '/api/v1/audit?limit=2', houseToken)
    const { entries: page, nextBefore } = first.json<{ entries: { id: number }[]; nextBefore: number }>()
    expect(page).toHaveLength(2)
    const second = await ask('GET', `/api/v1/audit?limit=2&before=${nextBefore}`, houseToken)
    expect(second.json<typeof first>()).toMatchObject({ entries: [{ id: expect.any(Number) }, {}] })
    const table = await ask('GET', '/api/v1/audit.csv?outcome=done', houseToken)
    expect(table.headers['content-type']).toContain('text/csv')
    expect(table.headers['content-disposition']).toContain('attachment')
    expect(table.body.split('\r\n')[0]).toBe('"at","lastAt","door","who","what","outcome","because","times"')
    expect(table.body).toContain('"token ci","PUT /api/v1/routing","done"')
  })
})

describe('abuse 12: who was not let', () => {
  test('is there: a wrong token, a role that is too small, a button for what is over, a form of somebody else', async () => {
    const viewer = await tokenOf('VIEWER', 'curious')
    await ask('PUT', '/api/v1/routing?token=TOPSECRET', 'guessed-0123456789', {})
    await ask('PUT', '/api/v1/routing', viewer, {})
    const ana = await house.person('Ana')
    const onlooker = await house.person('Eve', { mayOnlyLook: true })
    await push(house, { check: 'over' })
    await push(house, { check: 'over', state: 'ok' })
    await house.front.say('ack 2', ana)
    await house.front.say('ack 999', ana)
    await house.front.say('resolve 1', onlooker)
    const refused = (await entries()).filter(({ outcome }) => outcome === 'refused')
    const told = refused.map(({ actor, what, because }) => ['name' in actor && actor.name, what, because])
    for (const expected of [
      ['127.0.0.1', 'PUT /api/v1/routing', 'That is not the access token.'],
      ['token curious', 'PUT /api/v1/routing', expect.stringContaining('needs the role OPERATOR')],
      ['Ana', 'ack #2', expect.stringContaining('cleared by itself')],
      ['Ana', 'ack #999', expect.stringContaining('no alert #999')],
      ['Eve', 'resolve #1', expect.stringContaining('needs the role OPERATOR')],
    ])
      expect(told).toContainEqual(expected)
    expect(JSON.stringify(refused)).not.toContain('TOPSECRET')
  })

  test('fills no table, however often and in however many names it is tried', async () => {
    house.clock.forward('1 hour')
    await entries()
    const before = await house.memory.db.$count(audit)
    const tries = 20_000
    for (let nth = 0; nth < tries; nth++)
      house.desk.audit.refused({
        door: 'api',
        actor: stranger(`10.0.${nth >> 8}.${nth % 256}`),
        what: `GET /${randomUUID()}`,
        because: 'That is not the access token.',
      })
    const all = await entries()
    expect(await house.memory.db.$count(audit)).toBe(before + mostRefusalsAnHour + 1)
    const counted = all.slice(0, mostRefusalsAnHour + 1).reduce((sum, { times }) => sum + times, 0)
    expect(counted).toBe(tries)
  })

  test('is counted in one row where it is the same again within the hour, in whatever process', async () => {
    house.clock.forward('1 hour')
    const same = { door: 'api', actor: stranger('10.9.9.9'), what: 'GET /x', because: 'no' } as const
    house.desk.audit.refused(same)
    await entries()
    house.clock.forward('1 min')
    house.desk.audit.refused(same)
    house.desk.audit.refused(same)
    const [row, ...others] = (await entries()).filter(
      ({ actor }) => 'name' in actor && actor.name === '10.9.9.9',
    )
    expect(row).toMatchObject({ times: 3 })
    expect(row!.lastAt.getTime() - row!.at.getTime()).toBe(60_000)
    expect(others).toEqual([])
  })

  test('is written down whatever the reason quotes', async () => {
    const quoted = { actor: stranger('10.9.9.8'), what: 'GET /y', because: 'no "\0" \ud800 here' } as const
    house.desk.audit.refused({ door: 'api', ...quoted })
    expect(await entries()).toContainEqual(expect.objectContaining({ because: 'no "" \ufffd here' }))
  })

  test('is counted by processes that write the same at the same moment, in whatever order', async () => {
    const at = house.clock.now()
    const all = Array.from({ length: mostRefusalsAnHour }, (_, nth) => ({
      door: 'api' as const,
      actor: stranger('10.9.9.7'),
      what: `GET /${nth}`,
      outcome: 'refused' as const,
      because: 'no',
      at,
      lastAt: at,
      times: 1,
      sameAs: `same ${nth}`,
    }))
    const { db } = house.memory
    const turns = Array.from({ length: 20 }, (_, turn) => (turn % 2 === 0 ? all : all.toReversed()))
    await Promise.all(turns.map((some) => recordAudit(db, some)))
    const counted = (await entries()).filter(({ actor }) => 'name' in actor && actor.name === '10.9.9.7')
    expect(counted.map(({ times }) => times)).toEqual(all.map(() => turns.length))
  })

  test('is forgotten after three months, and what was done after more than a year', async () => {
    house.clock.forward('100 days')
    await house.sweep()
    await house.settled()
    expect(await house.memory.db.$count(audit)).toBeGreaterThan(0)
    expect((await entries()).filter(({ outcome }) => outcome === 'refused')).toEqual([])
    house.clock.forward('310 days')
    await house.sweep()
    await house.settled()
    expect(await house.memory.db.$count(audit)).toBe(0)
  })
})
