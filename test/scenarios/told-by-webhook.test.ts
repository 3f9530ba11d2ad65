import { afterEach, beforeEach, expect, test } from 'vitest'
import { aMinute, messageAbout } from '#test/harness/local-chat.ts'
import { pass, push } from '#test/harness/pushed.ts'
import { aRuleBody } from '#test/harness/api-house.ts'
import { type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

const rules = '/api/v1/environments/prod/alerts/rules'
const outbound = '/api/v1/admin/outbound-connections'

let house: ServedHouse
let receiver: HttpReceiver

beforeEach(async () => {
  house = await serveHouse()
  receiver = await openHttpReceiver()
})
afterEach(async () => {
  await receiver.close()
  await house.close()
})

async function connect(parts: object = {}): Promise<string> {
  const { status, body } = await house.post(outbound, {
    name: 'hooks',
    url: `${receiver.url}/hook`,
    ...parts,
  })
  expect(status).toBe(201)
  return (body as { id: string }).id
}

const failingPayments = {
  ...aRuleBody,
  name: 'Card payments are failing',
  condition: {
    kind: 'ROUTE_METRIC',
    scope: { appSlug: 'payment-service', routeId: 'authorize-card' },
    metric: 'ERROR_RATE',
    comparator: 'GT',
    threshold: 0.05,
    windowSeconds: 60,
  },
  evaluationIntervalSeconds: 5,
}

const heard = () => receiver.requests.map(({ body }) => (JSON.parse(body) as { type: string }).type)

test('a rule that names a webhook tells it from the beginning to the end, beside the chat', async () => {
  const outboundConnectionId = await connect()
  const { status } = await house.post(rules, { ...failingPayments, webhooks: [{ outboundConnectionId }] })
  expect(status).toBe(201)
  await aMinute(house, 'failing')
  await house.front.say('ack 1', await house.person('Ana'))
  await aMinute(house, 'healthy')
  expect(heard()).toEqual(['alert.opened', 'alert.acknowledged', 'alert.resolved'])
  expect(await messageAbout(house, 1)).toBeDefined()
  const [opened, acknowledged] = receiver.requests.map(({ body }) => JSON.parse(body) as { data: object })
  expect(opened?.data).toMatchObject({
    number: 1,
    severity: 'CRITICAL',
    status: 'firing',
    environment: 'prod',
    facts: { 'app.slug': 'payment-service', 'route.id': 'authorize-card', 'metric.name': 'ERROR_RATE' },
    notification: {
      title: '[CRITICAL] Card payments are failing — prod',
      message: expect.stringMatching(/^Alert [0-9a-f-]{36} fired at \S+Z\. Value: [\d.]+, Threshold: 0\.05$/),
    },
  })
  expect(acknowledged?.data).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'Ana' })
})

test('a rule that names none tells none', async () => {
  await connect()
  expect((await house.post(rules, failingPayments)).status).toBe(201)
  await aMinute(house, 'failing')
  expect(await messageAbout(house, 1)).toBeDefined()
  expect(receiver.requests).toEqual([])
})

test('a receiver of the routing names connections beside chats, and the recovery goes where the problem went', async () => {
  await connect()
  const route = (connections: readonly string[]) =>
    house.put('/api/v1/routing', {
      route: { receiver: 'dba' },
      receivers: [{ name: 'dba', chats: ['local'], connections }],
    })
  expect((await route(['hooks'])).status).toBe(200)
  await push(house, { check: 'a', title: 'Disk' })
  expect((await route([])).status).toBe(200)
  await pass(house, '5m')
  await push(house, { check: 'b', title: 'Page' })
  await push(house, { check: 'a', title: 'Disk', state: 'ok' })
  expect(heard()).toEqual(['alert.opened', 'alert.resolved'])
})

test('a receiver that names a connection nobody has is refused, with those there are', async () => {
  await connect()
  const { status, body } = await house.put('/api/v1/routing', {
    route: { receiver: 'dba' },
    receivers: [{ name: 'dba', connections: ['hoks'] }],
  })
  expect(status).toBe(400)
  expect(body).toMatchObject({
    fields: [
      {
        field: 'receivers.0.connections.0',
        problem: 'No connection of prod is called "hoks". There are: "hooks".',
      },
    ],
  })
})

// The same words, so that nobody learns of what is for others.
const unfit = /^No connection of this id may be named in prod/

test.each([
  ['is not there', {}, '5f0f7a52-5d0c-4a57-8d0e-3d2a9f1c0001', unfit],
  ['is not allowed here', { allowedEnvironmentIds: ['staging'] }, undefined, unfit],
])(
  'a rule that names a connection which %s is refused with 422 (abuse case 21)',
  async (_how, parts, id, problem) => {
    await house.memory.db.execute("insert into environments values ('staging', 'Staging')")
    const outboundConnectionId = id ?? (await connect(parts))
    const { status, body } = await house.post(rules, {
      ...failingPayments,
      webhooks: [{ outboundConnectionId }],
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({
      fields: [{ field: 'webhooks.0.outboundConnectionId', problem: expect.stringMatching(problem) }],
    })
  },
)

test.each([
  ['{"text": {{alert.state}}}', /no JSON/],
  ['{"text": "{{{alert.state}}}"}', /goes around escaping/],
  ['{"text": "{{>partial}}"}', /./],
])(
  'a body of its own that cannot work is refused when the rule is saved: %s',
  async (bodyOverride, problem) => {
    const outboundConnectionId = await connect()
    const { status, body } = await house.post(rules, {
      ...failingPayments,
      webhooks: [{ outboundConnectionId, bodyOverride }],
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({
      fields: [{ field: 'webhooks.0.bodyOverride', problem: expect.stringMatching(problem) }],
    })
  },
)

test('a rule nobody would hear of is refused, and is not once it names somebody', async () => {
  await house.put('/api/v1/routing', { route: { receiver: 'nobody' }, receivers: [{ name: 'nobody' }] })
  const refused = await house.post(rules, failingPayments)
  expect(refused.status).toBe(400)
  expect(refused.body).toMatchObject({ error: 'This rule reaches no one.', fields: [{ field: 'webhooks' }] })
  const outboundConnectionId = await connect()
  const bound = await house.post(rules, { ...failingPayments, webhooks: [{ outboundConnectionId }] })
  expect(bound.status).toBe(201)
})

test('a connection that is switched off hears nothing more, and nobody else is held up', async () => {
  const outboundConnectionId = await connect()
  await house.post(rules, { ...failingPayments, webhooks: [{ outboundConnectionId }] })
  await aMinute(house, 'failing')
  await house.patch(`${outbound}/${outboundConnectionId}`, { enabled: false })
  await aMinute(house, 'healthy')
  expect(heard()).toEqual(['alert.opened'])
  expect((await messageAbout(house, 1))?.message.headline).toMatch(/cleared/)
})
