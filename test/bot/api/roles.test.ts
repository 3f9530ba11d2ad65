import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFlapjackServer, openServer } from '#bot/api/server.ts'
import type { Role } from '#engine/person.ts'
import { type ApiHouse, startApiHouse } from '#test/harness/api-house.ts'
import { registeredRoutes } from '#test/harness/registered-routes.ts'

const admin = '0123456789abcdef0123456789abcdef'
const roles = ['VIEWER', 'OPERATOR', 'ADMIN'] as const

let house: ApiHouse
let server: FastifyInstance
const tokens = new Map<Role, string>()

beforeAll(async () => {
  house = await startApiHouse()
  server = await openServer({
    desk: house.desk,
    log: house.desk.log,
    access: { kind: 'token', token: admin },
  })
  await server.ready()
  for (const role of roles) tokens.set(role, (await made({ name: role.toLowerCase(), role })).token)
})
afterAll(async () => {
  await server.close()
  await house.close()
})

interface Asked {
  readonly method: string
  readonly url: string
  readonly token?: string | undefined
  readonly body?: object
}

/** Over a port it is the same: a request that is injected goes through every hook. */
function ask({ method, url, token, body }: Asked, at = server) {
  return at.inject({
    method: method as 'GET',
    url,
    headers: {
      host: 'alerts.example.com',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    },
    ...(method !== 'GET' && { payload: JSON.stringify(body ?? {}) }),
  })
}

async function made(wish: object): Promise<{ id: string; token: string }> {
  const answer = await ask({ method: 'POST', url: '/api/v1/tokens', token: admin, body: wish })
  expect(answer.statusCode).toBe(201)
  return answer.json()
}

/** Those that ask nobody for a token: how the house is, and what is signed. */
const open = new Set([
  'GET /-/healthy',
  'GET /-/ready',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'POST /api/v1/pagerduty/:connection',
  'POST /api/v1/signed/:name',
])

/** The least role that is let in; undefined: nobody is. */
async function leastRole(route: string): Promise<Role | undefined> {
  const [method = '', pattern = ''] = route.split(' ')
  const url = pattern.replaceAll(':id', randomUUID()).replaceAll(/:\w+|\*/g, 'nothing')
  const turned = new Map<Role, boolean>()
  for (const role of roles) {
    const { statusCode, body } = await ask({ method, url, token: tokens.get(role) })
    // Flapjack says 403 to a body it cannot use, too.
    turned.set(role, statusCode === 401 || (statusCode === 403 && /needs the role|nobody may/.test(body)))
  }
  const least = roles.find((role) => turned.get(role) === false)
  // Whoever may do less may not do more.
  expect(roles.slice(roles.indexOf(least ?? 'ADMIN')).some((role) => turned.get(role) === true)).toBe(
    least === undefined,
  )
  return least
}

describe('what each role may', () => {
  test('every route that is registered is let in by the role that is written down for it, and by no lesser one', async () => {
    const routes = registeredRoutes(server).filter((route) => !open.has(route))
    expect(routes.length).toBeGreaterThan(100)
    const needs: Record<string, string[]> = {}
    for (const route of routes) {
      const { statusCode } = await ask({ method: route.split(' ')[0] ?? '', url: route.split(' ')[1] ?? '' })
      expect(statusCode, `${route} without a token`).toBe(401)
      const least = (await leastRole(route)) ?? 'NOBODY'
      needs[least] = [...(needs[least] ?? []), route].toSorted()
    }
    expect(needs['NOBODY']).toBeUndefined()
    expect(needs['ADMIN']).toMatchInlineSnapshot(`
      [
        "DELETE /api/v1/admin/outbound-connections/:id",
        "DELETE /api/v1/connections/:id",
        "DELETE /api/v1/contact-media/:type",
        "DELETE /api/v1/signed-doors/:name",
        "DELETE /api/v1/tokens/:id",
        "GET /api/v1/audit",
        "GET /api/v1/audit.csv",
        "GET /api/v1/tokens",
        "PATCH /api/v1/admin/outbound-connections/:id",
        "PATCH /api/v1/connections/:id",
        "POST /api/v1/admin/outbound-connections",
        "POST /api/v1/admin/outbound-connections/:id/test",
        "POST /api/v1/connections",
        "POST /api/v1/connections/:id/test",
        "POST /api/v1/tokens",
        "PUT /api/v1/admin/outbound-connections/:id",
        "PUT /api/v1/connections/:id",
        "PUT /api/v1/contact-media/:type",
        "PUT /api/v1/signed-doors/:name",
      ]
    `)
    expect(needs['OPERATOR']).toMatchInlineSnapshot(`
      [
        "DELETE /api/v1/contacts/:id",
        "DELETE /api/v1/contacts/:id/media/:type",
        "DELETE /api/v1/environments/:env/alerts/inhibitions/:id",
        "DELETE /api/v1/environments/:env/alerts/rules/:id",
        "DELETE /api/v1/environments/:env/alerts/silences/:id",
        "DELETE /api/v1/groups/:id",
        "DELETE /api/v1/inhibitions/:id",
        "DELETE /api/v1/maintenances/:id",
        "DELETE /api/v1/mappings/:name",
        "DELETE /api/v1/notification-rules/:id",
        "DELETE /api/v1/roles/:id",
        "DELETE /api/v1/routing",
        "DELETE /api/v1/silences/:id",
        "DELETE /api/v2/silence/:id",
        "DELETE /flapjack/contacts/:ids|:contact",
        "DELETE /flapjack/media/:ids",
        "DELETE /flapjack/notification_rules/:ids",
        "DELETE /flapjack/pagerduty_credentials/:ids",
        "DELETE /flapjack/scheduled_maintenances/checks/*",
        "PATCH /api/v1/contacts/:id",
        "PATCH /api/v1/entities/:id",
        "PATCH /api/v1/notification-rules/:id",
        "PATCH /flapjack/checks/*",
        "PATCH /flapjack/contacts/:ids|:contact",
        "PATCH /flapjack/entities/:ids",
        "PATCH /flapjack/media/:ids",
        "PATCH /flapjack/notification_rules/:ids",
        "PATCH /flapjack/pagerduty_credentials/:ids",
        "PATCH /flapjack/unscheduled_maintenances/checks/*",
        "POST /-/reload",
        "POST /api/v1/admin/outbound-connections/:id/render-preview",
        "POST /api/v1/alerts/notifications/:id/retry",
        "POST /api/v1/connections/:id/render-preview",
        "POST /api/v1/contacts",
        "POST /api/v1/entities",
        "POST /api/v1/environments/:env/alerts/inhibitions",
        "POST /api/v1/environments/:env/alerts/rules",
        "POST /api/v1/environments/:env/alerts/rules/:id/disable",
        "POST /api/v1/environments/:env/alerts/rules/:id/enable",
        "POST /api/v1/environments/:env/alerts/rules/:id/render-preview",
        "POST /api/v1/environments/:env/alerts/rules/:id/test-evaluate",
        "POST /api/v1/environments/:env/alerts/rules/test-evaluate",
        "POST /api/v1/environments/:env/alerts/silences",
        "POST /api/v1/environments/:env/alerts/silences/:id/extend",
        "POST /api/v1/events",
        "POST /api/v1/inhibitions",
        "POST /api/v1/maintenances",
        "POST /api/v1/mappings/:name/test",
        "POST /api/v1/notices",
        "POST /api/v1/notification-rules",
        "POST /api/v1/silences",
        "POST /api/v1/silences/:id/extend",
        "POST /api/v1/webhooks/:name",
        "POST /api/v2/alerts",
        "POST /api/v2/silences",
        "POST /flapjack/checks",
        "POST /flapjack/contacts",
        "POST /flapjack/contacts/:ids|:contact/media",
        "POST /flapjack/contacts/:ids|:contact/notification_rules",
        "POST /flapjack/contacts/:ids|:contact/pagerduty_credentials",
        "POST /flapjack/entities",
        "POST /flapjack/scheduled_maintenances/checks/*",
        "POST /flapjack/test_notifications/checks/*",
        "POST /flapjack/unscheduled_maintenances/checks/*",
        "PUT /api/v1/contacts/:id/media/:type",
        "PUT /api/v1/environments/:env/alerts/inhibitions/:id",
        "PUT /api/v1/environments/:env/alerts/rules/:id",
        "PUT /api/v1/environments/:env/alerts/silences/:id",
        "PUT /api/v1/groups/:id",
        "PUT /api/v1/inhibitions/:id",
        "PUT /api/v1/mappings/:name",
        "PUT /api/v1/roles/:id",
        "PUT /api/v1/routing",
        "PUT /api/v1/routing/matrix",
        "PUT /api/v1/routing/matrix/:row/:severity",
        "PUT /api/v1/silences/:id",
      ]
    `)
    expect(needs['VIEWER']?.filter((route) => !route.startsWith('GET '))).toEqual([
      'POST /api/v1/routing/explain',
    ])
  })

  test('Flapjack on a port of its own asks for the same', async () => {
    const port = openFlapjackServer({
      desk: house.desk,
      log: house.desk.log,
      access: { kind: 'token', token: admin },
    })
    const read = { method: 'GET', url: '/contacts', token: tokens.get('VIEWER') }
    const write = { method: 'POST', url: '/contacts', body: { contacts: [{ id: 'x' }] } }
    expect((await ask(read, port)).statusCode).toBe(200)
    expect((await ask({ ...write, token: tokens.get('VIEWER') }, port)).statusCode).toBe(403)
    expect((await ask({ ...write, token: tokens.get('OPERATOR') }, port)).statusCode).toBe(201)
    await port.close()
  })
})

describe('tokens', () => {
  test('one is shown once, kept as a hash, and revoked at once', async () => {
    const { id, token } = await made({ name: 'ci', role: 'VIEWER' })
    const list = await ask({ method: 'GET', url: '/api/v1/tokens', token: admin })
    expect(list.body).not.toContain(token)
    expect(list.json()).toMatchObject({
      tokens: expect.arrayContaining([
        expect.objectContaining({ name: 'ci', role: 'VIEWER', createdBy: 'api' }),
      ]),
    })
    const rows = JSON.stringify(await house.desk.db.execute('select * from api_tokens'))
    expect(rows).not.toContain(token)
    const look = { method: 'GET', url: '/api/v1/silences', token }
    expect((await ask(look)).statusCode).toBe(200)
    expect((await ask({ method: 'DELETE', url: `/api/v1/tokens/${id}`, token: admin })).statusCode).toBe(204)
    expect((await ask(look)).statusCode).toBe(401)
  })

  test.each([
    [{ role: 'VIEWER' }, 400, 'name'],
    [{ name: 'a', role: 'KING' }, 400, 'role'],
    [{ name: 'a', role: 'ADMIN', environments: ['moon'] }, 404, 'moon'],
    [{ name: 'viewer', role: 'ADMIN' }, 409, 'already'],
  ])('%j is refused with %i', async (body, status, words) => {
    const answer = await ask({ method: 'POST', url: '/api/v1/tokens', token: admin, body })
    expect(answer.statusCode).toBe(status)
    expect(answer.body).toContain(words)
  })

  test('whoever is turned away learns which role it takes', async () => {
    const answer = await ask({ method: 'POST', url: '/api/v1/silences', token: tokens.get('VIEWER') })
    expect(answer.json()).toEqual({ error: 'This needs the role OPERATOR, and the token viewer is VIEWER.' })
  })
})
