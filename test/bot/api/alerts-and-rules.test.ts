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
          resolvedBy: null,
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
