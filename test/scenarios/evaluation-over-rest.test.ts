import { afterEach, beforeEach, expect, test } from 'vitest'
import { aRuleBody } from '#test/harness/api-house.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

const rules = '/api/v1/environments/prod/alerts/rules'

let house: ServedHouse

beforeEach(async () => {
  house = await serveHouse()
})
afterEach(() => house.close())

const minutesAgo = (minutes: number) => new Date(house.clock.now().getTime() - minutes * 60_000)

async function twentyMinutesAgoOrdersFailed(): Promise<void> {
  for (const minutes of [30, 25, 15, 10, 5])
    await house.executions(20, { app: 'orders', ts: minutesAgo(minutes) })
  for (const minutes of [20, 21])
    await house.executions(20, { app: 'orders', status: 'FAILED', ts: minutesAgo(minutes) })
}

const tested = {
  status: 200,
  body: {
    summary: expect.arrayContaining([
      expect.stringMatching(/^In the last 3 h it would have fired once, for \d+ min/),
    ]),
    episodes: [{ from: expect.stringMatching(/Z$/), to: expect.stringMatching(/Z$/) }],
    picture: { threshold: 0.05, values: expect.arrayContaining([1]) },
  },
}

test('a rule that is not saved is tested over the last hours, and nothing is saved', async () => {
  await twentyMinutesAgoOrdersFailed()
  expect(await house.post(`${rules}/test-evaluate`, aRuleBody)).toMatchObject(tested)
  expect(await house.get(rules)).toMatchObject({ body: { rules: [] } })
})

test('so is one that is saved', async () => {
  await twentyMinutesAgoOrdersFailed()
  const { body } = await house.post(rules, aRuleBody)
  const { id } = body as { id: string }
  expect(await house.post(`${rules}/${id}/test-evaluate`, {})).toMatchObject(tested)
})

test('a kind whose store does not know its past is tested for now', async () => {
  await house.store.insert('agents', [
    { environment: 'prod', app: 'orders', agent: 'orders-1', state: 'DEAD', ts: minutesAgo(3) },
  ])
  const body = {
    ...aRuleBody,
    conditionKind: 'AGENT_STATE',
    condition: { kind: 'AGENT_STATE', scope: { appSlug: 'orders' }, state: 'DEAD', forSeconds: 60 },
  }
  expect(await house.post(`${rules}/test-evaluate`, body)).toMatchObject({
    status: 200,
    body: { episodes: null, picture: null, summary: expect.arrayContaining([expect.stringMatching(/DEAD/)]) },
  })
})

test('when rules were not looked at is listed, newest first, page by page, with what was missed', async () => {
  expect((await house.post(rules, { ...aRuleBody, evaluationIntervalSeconds: 5 })).status).toBe(201)
  const lookAfter = async (duration: string) => {
    house.clock.forward(duration)
    await house.tick()
    await house.settled()
  }
  for (const duration of ['5s', '10m', '5s', '2h', '5s']) await lookAfter(duration)
  const gaps = '/api/v1/evaluation/gaps'
  const first = await house.get(`${gaps}?limit=1`)
  expect(first).toMatchObject({
    status: 200,
    body: { gaps: [{ shard: 'executions', reason: 'stopped', missedSlots: 2 * 720 - 1 }] },
  })
  const { nextCursor } = first.body as { nextCursor: number }
  const second = await house.get(`${gaps}?limit=1&cursor=${nextCursor}`)
  expect(second).toMatchObject({ body: { gaps: [{ missedSlots: 119 }] } })
  expect((await house.get(`${gaps}?limit=0`)).status).toBe(400)
  expect((await house.get(`${gaps}?cursor=yesterday`)).status).toBe(400)
})

test('a window shorter than the interval is saved with a warning: nobody sees what happens in between', async () => {
  await house.executions(1, { app: 'orders' })
  const { condition } = aRuleBody
  const seldom = { ...aRuleBody, evaluationIntervalSeconds: 300 }
  expect(await house.post(rules, seldom)).toMatchObject({
    status: 201,
    body: { warnings: [expect.stringMatching(/^It looks back over 1 min every 5 min: .* never seen\./)] },
  })
  const wide = { ...seldom, name: 'Looks far enough', condition: { ...condition, windowSeconds: 300 } }
  expect(await house.post(rules, wide)).toMatchObject({ body: { warnings: [] } })
})

test('metrics say how the evaluation is: when it looked last, what got no answer, what waits to be told', async () => {
  await house.post(rules, { ...aRuleBody, evaluationIntervalSeconds: 5 })
  await house.executions(1, { app: 'orders' })
  await house.tick()
  await house.settled()
  house.clock.forward('7s')
  const metrics = await (await fetch(`${house.url}/metrics`)).text()
  expect(metrics).toMatch(/^alerting_last_tick_age_seconds ([7-9]|1[0-2])/m)
  expect(metrics).toContain('alerting_circuit_state{kind="ROUTE_METRIC",state="closed"} 1')
  expect(metrics).toContain('alerting_circuit_state{kind="ROUTE_METRIC",state="open"} 0')
  expect(metrics).toMatch(/^alerting_eval_duration_seconds_count\{kind="ROUTE_METRIC"\} [1-9]/m)
  expect(metrics).toMatch(/^alerting_eval_duration_seconds_bucket\{le="30",kind="ROUTE_METRIC"\} [1-9]/m)
  expect(metrics).toMatch(/^alerting_rules_unanswered 0$/m)
  expect(metrics).toMatch(/^alerting_exchange_backlog_age_seconds 0$/m)
})
