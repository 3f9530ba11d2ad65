import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiHouse, aRuleBody as rule, startApiHouse } from '#test/harness/api-house.ts'
import { after, start } from '#test/harness/engine-things.ts'

let house: ApiHouse

beforeAll(async () => {
  house = await startApiHouse()
})
afterAll(() => house.close())

const alerts = '/api/v1/environments/prod/alerts'
const rules = `${alerts}/rules`

interface AlertsPage {
  readonly alerts: { number: number }[]
  readonly nextCursor: string | null
}

describe('alerts', () => {
  test('newest first, page after page, until there is no cursor', async () => {
    const numbers: number[][] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await house.get(`${alerts}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      const page = body as AlertsPage
      numbers.push(page.alerts.map((alert) => alert.number))
      cursor = page.nextCursor
    }
    expect(numbers).toEqual([[5, 4], [3, 2], [1]])
  })

  test('each with all there is to know', async () => {
    const { status, body } = await house.get(`${alerts}?state=ACKNOWLEDGED`)
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
    const { status, body } = await house.get(`${alerts}?${query}`)
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
        const { status } = await house.get(path)
        expect([400, 404]).toContain(status)
      }
      const { body } = await house.get('/api/v1/environments/nowhere/alerts')
      expect(body).toEqual({ error: 'There is no environment "nowhere".' })
    },
  )
})

describe('rules', () => {
  test('one that can work is saved and listed', async () => {
    const created = await house.post(rules, rule)
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
    const listed = (await house.get(rules)).body as { rules: { id: string }[] }
    expect(listed.rules.find((one) => one.id === id)).toMatchObject({
      ...rule,
      lastEvaluatedAt: null,
      lastError: null,
      firing: false,
    })
  })

  test('one that cannot be evaluated yet is saved, with what it lacks', async () => {
    expect((await house.post(rules, { ...rule, name: 'Lacks nothing' })).body).toMatchObject({ warnings: [] })
    const kind = 'ELASTICSEARCH_HEALTH'
    const created = await house.post(rules, {
      ...rule,
      name: 'Lacks a cluster',
      conditionKind: kind,
      condition: { kind },
    })
    expect(created).toMatchObject({
      status: 201,
      body: { warnings: ['Elasticsearch is not set up: set ELASTICSEARCH_URL.'] },
    })
  })

  test('one that cannot is refused with every field and its reason', async () => {
    const wrong = { ...rule, name: '', treshold: 1, condition: { ...rule.condition, threshold: 5 } }
    const { status, body } = await house.post(rules, wrong)
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
    const answered = await house.post(rules, body)
    expect(answered.status).toBe(status)
    expect(answered.body).toMatchObject({ error: expect.stringMatching(/\S/) })
    expect((await house.get('/healthz')).status).toBe(200)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'as %j it is not even read',
    async (type) => {
      expect((await house.post(rules, rule, { 'content-type': type })).status).toBe(415)
    },
  )
})

test('the description names every endpoint, and every reference in it leads somewhere', async () => {
  const { status, body } = await house.get('/api/openapi.json')
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
    'GET /api/v1/evaluation/gaps': ['200', '400'],
    'POST /api/v1/environments/{env}/alerts/rules': ['201', '400', '404', '422'],
    'GET /api/v1/environments/{env}/alerts/rules/{id}': ['200', '400', '404'],
    'PUT /api/v1/environments/{env}/alerts/rules/{id}': ['200', '400', '404', '422'],
    'DELETE /api/v1/environments/{env}/alerts/rules/{id}': ['204', '400', '404'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/enable': ['200', '400', '404'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/disable': ['200', '400', '404'],
    'POST /api/v1/environments/{env}/alerts/rules/test-evaluate': ['200', '400', '404', '503'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/test-evaluate': ['200', '400', '404', '503'],
    'POST /api/v1/environments/{env}/alerts/rules/{id}/render-preview': ['200', '400', '404'],
    'POST /api/v1/events': ['200', '400', '429'],
    'POST /api/v1/pagerduty/{connection}': ['200', '400', '401'],
    'POST /api/v1/signed/{name}': ['200', '400', '401', '404', '429'],
    'GET /api/v1/signed-doors': ['200'],
    'PUT /api/v1/signed-doors/{name}': ['200', '201', '400', '404'],
    'DELETE /api/v1/signed-doors/{name}': ['204', '400', '404'],
    'GET /api/v1/audit': ['200', '400'],
    'GET /api/v1/audit.csv': ['200'],
    'GET /api/v1/environments/{env}/alerts.csv': ['200'],
    'GET /api/v1/incidents/{number}/timeline.md': ['200'],
    'GET /api/v1/environments/{env}/incidents/{number}/timeline.md': ['200'],
    'GET /api/v1/environments/{env}/alerts/{id}/notifications': ['200', '400', '404'],
    'POST /api/v1/alerts/notifications/{id}/retry': ['202', '400', '404', '409'],
    'GET /api/v1/routing/matrix': ['200'],
    'PUT /api/v1/routing/matrix': ['200', '400'],
    'PUT /api/v1/routing/matrix/{row}/{severity}': ['200', '400'],
    'POST /api/v1/routing/explain': ['200', '400'],
    'GET /api/v1/routing': ['200', '404'],
    'PUT /api/v1/routing': ['200', '400'],
    'DELETE /api/v1/routing': ['204', '404'],
    'GET /api/v1/silences': ['200', '400', '404'],
    'POST /api/v1/silences': ['201', '400', '404'],
    'GET /api/v1/silences/{id}': ['200', '400', '404'],
    'PUT /api/v1/silences/{id}': ['200', '400', '404'],
    'POST /api/v1/silences/{id}/extend': ['200', '400', '404'],
    'DELETE /api/v1/silences/{id}': ['200', '400', '404'],
    'GET /api/v1/inhibitions': ['200', '404'],
    'POST /api/v1/inhibitions': ['201', '400', '404'],
    'GET /api/v1/inhibitions/{id}': ['200', '400', '404'],
    'PUT /api/v1/inhibitions/{id}': ['200', '400', '404'],
    'DELETE /api/v1/inhibitions/{id}': ['204', '400', '404'],
    'GET /api/v1/alerts/{number}/explain': ['200', '400', '404'],
    'GET /api/v1/connections': ['200'],
    'POST /api/v1/connections/{id}/render-preview': ['200', '400', '404'],
    'POST /api/v1/connections': ['201', '400', '404', '409'],
    'GET /api/v1/connections/{id}': ['200', '400', '404', '409'],
    'PUT /api/v1/connections/{id}': ['200', '400', '404', '409'],
    'PATCH /api/v1/connections/{id}': ['200', '400', '404', '409'],
    'DELETE /api/v1/connections/{id}': ['204', '400', '404', '409'],
    'POST /api/v1/connections/{id}/test': ['200', '202', '400', '404', '409'],
    'GET /api/v1/connections/{id}/tests/{test}': ['200', '400', '404', '409'],
    'GET /api/v1/admin/outbound-connections': ['200'],
    'POST /api/v1/admin/outbound-connections/{id}/render-preview': ['200', '400', '404'],
    'POST /api/v1/admin/outbound-connections': ['201', '400', '404', '409'],
    'GET /api/v1/admin/outbound-connections/{id}': ['200', '400', '404', '409'],
    'PUT /api/v1/admin/outbound-connections/{id}': ['200', '400', '404', '409'],
    'PATCH /api/v1/admin/outbound-connections/{id}': ['200', '400', '404', '409'],
    'DELETE /api/v1/admin/outbound-connections/{id}': ['204', '400', '404', '409'],
    'POST /api/v1/admin/outbound-connections/{id}/test': ['200', '202', '400', '404', '409'],
    'GET /api/v1/admin/outbound-connections/{id}/tests/{test}': ['200', '400', '404', '409'],
    'GET /api/v1/connections/kinds': ['200'],
    'GET /api/v1/notices/types': ['200'],
    'POST /api/v1/notices': ['200', '400', '429'],
    'POST /api/v1/webhooks/{name}': ['200', '400', '404', '429'],
    'GET /api/v1/mappings': ['200'],
    'GET /api/v1/mappings/{name}': ['200', '400', '404'],
    'PUT /api/v1/mappings/{name}': ['200', '201', '400'],
    'DELETE /api/v1/mappings/{name}': ['204', '400', '404'],
    'POST /api/v1/mappings/{name}/test': ['200', '400', '404'],
    'GET /api/v1/tokens': ['200'],
    'POST /api/v1/tokens': ['201', '400', '404', '409'],
    'DELETE /api/v1/tokens/{id}': ['204', '400', '404'],
    'GET /api/v1/groups': ['200'],
    'GET /api/v1/groups/{id}': ['200', '400', '404'],
    'PUT /api/v1/groups/{id}': ['200', '400', '404'],
    'DELETE /api/v1/groups/{id}': ['204', '400', '404', '409'],
    'GET /api/v1/roles': ['200'],
    'GET /api/v1/roles/{id}': ['200', '400', '404'],
    'PUT /api/v1/roles/{id}': ['200', '400', '404'],
    'DELETE /api/v1/roles/{id}': ['204', '400', '404', '409'],
    'GET /api/v1/contact-media': ['200'],
    'PUT /api/v1/contact-media/{type}': ['200', '400', '422'],
    'DELETE /api/v1/contact-media/{type}': ['204', '400', '404'],
    'GET /api/v1/contacts/{id}/alerts': ['200', '400', '404'],
    'GET /api/v1/contacts': ['200', '400'],
    'POST /api/v1/contacts': ['201', '400', '409'],
    'GET /api/v1/contacts/{id}': ['200', '400', '404'],
    'PATCH /api/v1/contacts/{id}': ['200', '400', '404'],
    'DELETE /api/v1/contacts/{id}': ['204', '400', '404', '409'],
    'PUT /api/v1/contacts/{id}/media/{type}': ['200', '400', '404'],
    'DELETE /api/v1/contacts/{id}/media/{type}': ['204', '400', '404'],
    'GET /api/v1/notification-rules': ['200', '400'],
    'POST /api/v1/notification-rules': ['201', '400', '404', '409'],
    'GET /api/v1/notification-rules/{id}': ['200', '400', '404'],
    'PATCH /api/v1/notification-rules/{id}': ['200', '400', '404'],
    'DELETE /api/v1/notification-rules/{id}': ['204', '400', '404'],
    'GET /api/v1/entities': ['200', '400'],
    'POST /api/v1/entities': ['201', '400', '409'],
    'GET /api/v1/entities/{id}': ['200', '400', '404'],
    'PATCH /api/v1/entities/{id}': ['200', '400', '404', '409'],
    'GET /api/v1/maintenances': ['200', '400'],
    'POST /api/v1/maintenances': ['201', '400', '404', '409'],
    'DELETE /api/v1/maintenances/{id}': ['204', '400', '404', '409'],
  })
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '')
  for (const reference of references) {
    expect(
      reference.split('/').reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], body),
    ).toBeDefined()
  }
})
