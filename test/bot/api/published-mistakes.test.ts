import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

/*
 * Mistakes that stand in the examples AxonOps publishes, and that somebody who comes from there brings along: each is refused, or
 * warned of, with what to do.
 */

const rules = '/api/v1/environments/prod/alerts/rules'

let house: ServedHouse

beforeAll(async () => {
  house = await serveHouse()
})
afterAll(() => house.close())

const storage = (levels: object) => ({
  name: 'Used disk',
  severity: 'CRITICAL',
  conditionKind: 'ELASTICSEARCH_STORAGE',
  condition: { kind: 'ELASTICSEARCH_STORAGE', scope: {}, ...levels },
})

const errors = (name: string) => ({
  name,
  severity: 'WARNING',
  conditionKind: 'LOG_PATTERN',
  condition: {
    kind: 'LOG_PATTERN',
    scope: { appSlug: 'orders' },
    level: 'ERROR',
    pattern: 'Timeout',
    threshold: 5,
    windowSeconds: 300,
  },
})

const fieldsOf = (body: unknown) => (body as { fields?: { field: string; problem: string }[] }).fields

describe('mistakes of published examples', () => {
  test('a warning that lies above what is critical is refused', async () => {
    const { status, body } = await house.post(rules, storage({ warningAbove: 0.95, criticalAbove: 0.85 }))
    expect(status).toBe(400)
    expect(fieldsOf(body)).toEqual([
      { field: 'condition.criticalAbove', problem: 'Critical begins above warning: name a larger share.' },
    ])
  })

  test('two rules of one name are warned of, when made and when renamed', async () => {
    const warning = expect.stringContaining('Another rule of prod is called the same')
    expect((await house.post(rules, errors('Timeouts'))).body).toMatchObject({
      warnings: expect.not.arrayContaining([warning]),
    })
    const second = await house.post(rules, errors('Timeouts'))
    expect(second.body).toMatchObject({ warnings: expect.arrayContaining([warning]) })
    const { id } = second.body as { id: string }
    const renamed = await house.put(`${rules}/${id}`, errors('Other timeouts'))
    expect(renamed.body).toMatchObject({ warnings: expect.not.arrayContaining([warning]) })
  })

  test('a duration of milliseconds, meant as minutes, is refused', async () => {
    const silence = {
      matchers: ['team="a"'],
      reason: 'x',
      recurrence: { cron: '0 2 * * *', zone: 'UTC', duration: '5ms' },
    }
    const refused = await house.post('/api/v1/silences', silence)
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('duration')])
    const rule = await house.post(rules, { ...errors('Short'), forDurationSeconds: 0.005 })
    expect(rule.status).toBe(400)
    expect(fieldsOf(rule.body)).toMatchObject([{ field: 'forDurationSeconds' }])
  })

  test('a cell that names somebody twice, or a category there is not, is refused by its place', async () => {
    await house.put('/api/v1/routing', {
      route: { receiver: 'dba' },
      receivers: [{ name: 'dba', chats: ['local'] }],
    })
    const unknown = await house.put('/api/v1/routing/matrix', {
      rows: { metric: { error: { override: true, receivers: ['dba'] } } },
    })
    expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('metrics')])
    const twice = await house.put('/api/v1/routing/matrix', {
      rows: { backups: { error: { override: true, receivers: ['dba', 'dba'] } } },
    })
    expect([twice.status, twice.text]).toEqual([400, expect.stringContaining('names somebody twice')])
  })

  test.each([
    ['microsoft_teams', 'teams-workflow'],
    ['teams', 'teams-workflow'],
    ['Slack', 'slack-webhook'],
  ])('an integration of the type %s is one of the kind %s', async (kind, meant) => {
    const made = await house.post('/api/v1/connections', {
      name: `alias ${kind}`,
      kind,
      secrets: { url: 'https://hooks.example.org/x' },
    })
    expect(made.body).toMatchObject({ kind: meant })
  })

  test('a type nobody knows is refused with those there are', async () => {
    const made = await house.post('/api/v1/connections', { name: 'pager', kind: 'pager' })
    expect(made.body).toMatchObject({
      fields: [{ field: 'kind', problem: expect.stringContaining('teams-workflow') }],
    })
  })
})
