import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aRuleBody, type ApiHouse, startApiHouse } from '#test/harness/api-house.ts'

let house: ApiHouse

beforeAll(async () => {
  house = await startApiHouse()
})
afterAll(() => house.close())

const rules = '/api/v1/environments/prod/alerts/rules'

interface Saved {
  readonly id: string
}

async function ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object) {
  const answer = await house.server.inject({
    method,
    url: path,
    ...(body && { payload: body, headers: { 'content-type': 'application/json' } }),
  })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json<unknown>() }
}

async function saved(parts: object = {}): Promise<Saved> {
  const { status, body } = await ask('POST', rules, { ...aRuleBody, ...parts })
  expect(status).toBe(201)
  return body as Saved
}

describe('a rule, once saved', () => {
  test.each([
    ['nothing at all, as `curl -X POST` does', {}],
    ['nothing, and calls it JSON', { 'content-type': 'application/json' }],
    ['an empty object', { 'content-type': 'application/json' }, '{}'],
  ])('is switched off by who sends %s', async (_what, headers, payload?: string) => {
    const { id } = await saved()
    const url = `${rules}/${id}/disable`
    const answer = await house.server.inject({ method: 'POST', url, headers, ...(payload && { payload }) })
    expect(answer.statusCode).toBe(200)
    expect(await ask('GET', `${rules}/${id}`)).toMatchObject({ body: { enabled: false } })
  })

  test('is found page by page, by name, where one asks for pages', async () => {
    for (const name of ['Page c', 'Page a', 'Page b']) await saved({ name })
    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; pages < 50; pages++) {
      const { body } = await ask('GET', `${rules}?limit=2${cursor}`)
      const { rules: page, nextCursor } = body as { rules: { name: string }[]; nextCursor: string | null }
      seen.push(...page.map(({ name }) => name))
      if (nextCursor === null) break
      cursor = `&cursor=${nextCursor}`
    }
    const { body } = await ask('GET', rules)
    expect(seen).toEqual((body as { rules: { name: string }[] }).rules.map(({ name }) => name))
    expect(seen.filter((name) => name.startsWith('Page'))).toEqual(['Page a', 'Page b', 'Page c'])
    expect(await ask('GET', `${rules}?limit=2&cursor=nonsense`)).toMatchObject({ status: 400 })
  })

  test('is not switched off by another site whose page sends nothing', async () => {
    const { id } = await saved()
    const headers = { origin: 'https://evil.example' }
    const url = `${rules}/${id}/disable`
    expect((await house.server.inject({ method: 'POST', url, headers })).statusCode).toBe(403)
    expect(await ask('GET', `${rules}/${id}`)).toMatchObject({ body: { enabled: true } })
  })

  test.each([[{}], [{ 'content-type': 'application/json' }]])(
    'is not made of nothing, sent with %j',
    async (headers) => {
      const answer = await house.server.inject({ method: 'POST', url: rules, headers })
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ error: expect.stringMatching(/\S/) })
    },
  )

  test('is found, changed, switched off and on, and deleted', async () => {
    const { id } = await saved()
    expect(await ask('GET', `${rules}/${id}`)).toMatchObject({
      status: 200,
      body: {
        id,
        name: aRuleBody.name,
        enabled: true,
        firing: false,
        lastEvaluatedAt: null,
        lastError: null,
      },
    })
    const changed = { ...aRuleBody, name: 'Renamed', evaluationIntervalSeconds: 15 }
    expect(await ask('PUT', `${rules}/${id}`, changed)).toMatchObject({
      status: 200,
      body: { id, name: 'Renamed', evaluationIntervalSeconds: 15 },
    })
    expect(await ask('POST', `${rules}/${id}/disable`)).toMatchObject({
      status: 200,
      body: { enabled: false },
    })
    expect(await ask('POST', `${rules}/${id}/enable`)).toMatchObject({ status: 200, body: { enabled: true } })
    expect(await ask('GET', `${rules}/${id}`)).toMatchObject({ body: { name: 'Renamed', enabled: true } })
    expect(await ask('DELETE', `${rules}/${id}`)).toEqual({ status: 204, body: null })
    expect((await ask('GET', `${rules}/${id}`)).status).toBe(404)
    expect((await ask('DELETE', `${rules}/${id}`)).status).toBe(404)
  })

  test('is not replaced by one that cannot work', async () => {
    const { id } = await saved({ name: 'Stays' })
    const refused = await ask('PUT', `${rules}/${id}`, { ...aRuleBody, evaluationIntervalSeconds: 4 })
    expect(refused).toMatchObject({
      status: 400,
      body: {
        fields: [{ field: 'evaluationIntervalSeconds', problem: 'The interval is shorter than 5 s.' }],
      },
    })
    expect(await ask('GET', `${rules}/${id}`)).toMatchObject({ body: { name: 'Stays' } })
  })

  test.each([
    ['GET', ''],
    ['PUT', ''],
    ['DELETE', ''],
    ['POST', '/enable'],
    ['POST', '/disable'],
    ['POST', '/test-evaluate'],
    ['POST', '/render-preview'],
  ] as const)('%s …/{id}%s knows none by another id, nor by what is no id', async (method, verb) => {
    const body = method === 'PUT' ? aRuleBody : undefined
    const strange = await ask(method, `${rules}/${randomUUID()}${verb}`, body)
    expect(strange).toMatchObject({
      status: 404,
      body: { error: expect.stringMatching(/^There is no rule /) },
    })
    expect((await ask(method, `${rules}/everything${verb}`, body)).status).toBe(400)
  })
})

describe('what cannot work is refused in words', () => {
  const { condition } = aRuleBody
  test.each<[string, object, string, string]>([
    [
      'too often',
      { evaluationIntervalSeconds: 4 },
      'evaluationIntervalSeconds',
      'The interval is shorter than 5 s.',
    ],
    [
      'half a second',
      { evaluationIntervalSeconds: 7.5 },
      'evaluationIntervalSeconds',
      'The interval must be a whole number of seconds.',
    ],
    [
      'a window too long',
      { condition: { ...condition, windowSeconds: 86_401 } },
      'condition.windowSeconds',
      'The window is longer than 24 h (86400 s).',
    ],
    [
      'a window too short',
      { condition: { ...condition, windowSeconds: 5 } },
      'condition.windowSeconds',
      'The window is shorter than 10 s: telemetry arrives in batches, so give it at least 10.',
    ],
    [
      'no such metric',
      { condition: { ...condition, metric: 'CPU' } },
      'condition.metric',
      'The metric must be one of ERROR_RATE, THROUGHPUT, AVG_DURATION_MS, P99_LATENCY_MS, ERROR_COUNT.',
    ],
    [
      'what always fires',
      { condition: { ...condition, comparator: 'GTE', threshold: 0 } },
      'condition.threshold',
      'Every value is at or above 0: this would fire forever. Use GT.',
    ],
    [
      'a route of no app',
      { condition: { ...condition, scope: { routeId: 'a' } } },
      'condition.scope.routeId',
      'A route needs its app: name that too.',
    ],
  ])('%s', async (_what, parts, field, problem) => {
    const { status, body } = await ask('POST', rules, { ...aRuleBody, ...parts })
    expect(status).toBe(400)
    expect(body).toMatchObject({ fields: expect.arrayContaining([{ field, problem }]) })
  })
})

describe('templates', () => {
  test('that name what alerts of the kind have not are saved, with a warning that names the nearest', async () => {
    const body = { ...aRuleBody, notificationTitleTmpl: '{{route.di}} {{pod.name}}' }
    const created = await ask('POST', rules, body)
    const warnings = expect.arrayContaining([
      expect.stringMatching(/^notificationTitleTmpl: \{\{route\.di}} .* Nearest are \{\{route\.id}}/),
      expect.stringMatching(/^notificationTitleTmpl: \{\{pod\.name}} is not available here/),
    ])
    expect(created).toMatchObject({ status: 201, body: { warnings } })
    const { id } = created.body as { id: string }
    expect(await ask('PUT', `${rules}/${id}`, body)).toMatchObject({ status: 200, body: { warnings } })
  })

  test('are tried on an example, as they are saved or as they are in the body', async () => {
    const { id } = await saved({ notificationTitleTmpl: '[{{rule.severity}}] {{rule.name}} in {{env.name}}' })
    expect(await ask('POST', `${rules}/${id}/render-preview`)).toMatchObject({
      status: 200,
      body: { title: `[CRITICAL] ${aRuleBody.name} in Production` },
    })
    const body = {
      notificationTitleTmpl: '{{alert.state}}',
      notificationMessageTmpl: '{{alert.currentValue}}',
    }
    expect(await ask('POST', `${rules}/${id}/render-preview`, body)).toEqual({
      status: 200,
      body: { title: 'FIRING', message: '42', warnings: [] },
    })
    const unknown = await ask('POST', `${rules}/${id}/render-preview`, {
      notificationTitleTmpl: '{{alert.x}}',
    })
    expect(unknown.body).toMatchObject({
      title: '{{alert.x}}',
      warnings: [expect.stringContaining('{{alert.x}} is not available')],
    })
    expect(
      (await ask('POST', `${rules}/${id}/render-preview`, { notificationTitleTmpl: '{{#a}}' })).status,
    ).toBe(400)
  })
})

test('the metrics of the evaluation are there, by their names', async () => {
  const { body } = await house.get('/metrics')
  for (const name of [
    'alerting_eval_errors_total',
    'alerting_eval_duration_seconds',
    'alerting_circuit_opened_total',
    'alerting_evaluations_total',
    'alerting_missed_slots_total',
    'alerting_superseded_slots_total',
    'alerting_ring_checks_total',
    'alerting_slot_lag_seconds',
    'alerting_circuit_state',
    'alerting_rules_unanswered',
    'alerting_last_tick_age_seconds',
    'alerting_exchange_backlog',
    'alerting_exchange_backlog_age_seconds',
    'alerting_exchange_dropped',
  ])
    expect(body).toContain(`# TYPE ${name} `)
})
