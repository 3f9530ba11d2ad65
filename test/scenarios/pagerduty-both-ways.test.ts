import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakePagerDuty, openFakePagerDuty } from '#test/harness/fake-pagerduty.ts'
import { messageAbout } from '#test/harness/local-chat.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

const routingKey = '0123456789abcdef0123456789abcdef'
const webhookSecret = 'pagerduty-webhook-secret'

let house: ServedHouse
let pagerDuty: FakePagerDuty
let connection: string

beforeEach(async () => {
  house = await serveHouse()
  pagerDuty = await openFakePagerDuty(routingKey, house.clock.now)
  const made = await house.post('/api/v1/connections', {
    name: 'on-call',
    kind: 'pagerduty',
    settings: { baseUrl: pagerDuty.url },
    secrets: { routingKey, webhookSecrets: webhookSecret },
  })
  connection = (made.body as { id: string }).id
  await house.put('/api/v1/routing', {
    route: { receiver: 'team' },
    receivers: [{ name: 'team', chats: ['local'], connections: ['on-call'] }],
  })
})
afterEach(async () => {
  await pagerDuty.close()
  await house.close()
})

const there = () => pagerDuty.alerts.map(({ status }) => status)

test('what is acknowledged and resolved in the chat is so at PagerDuty', async () => {
  const ana = await house.person('Ana')
  await push(house, { check: 'a', title: 'Disk' })
  expect(there()).toEqual(['triggered'])
  await house.front.say('ack 1', ana)
  await house.settled()
  expect(there()).toEqual(['acknowledged'])
  await house.front.say('resolve 1', ana)
  await house.settled()
  expect(there()).toEqual(['resolved'])
  expect(pagerDuty.complaints).toEqual([])
})

test('what is acknowledged at PagerDuty is so in the chat, by the name of who did it', async () => {
  await push(house, { check: 'a', title: 'Disk' })
  const body = JSON.stringify({
    event: {
      id: '01CF',
      event_type: 'incident.acknowledged',
      occurred_at: house.clock.now().toISOString(),
      agent: { id: 'PXPGF42', type: 'user_reference', summary: 'Bo' },
      data: { incident_key: pagerDuty.alerts[0]?.key },
    },
  })
  const signature = `v1=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`
  const answer = await fetch(`${house.url}/api/v1/pagerduty/${connection}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-pagerduty-signature': signature },
    body,
  })
  expect(await answer.json()).toEqual({ effect: '#1: acknowledge' })
  await house.settled()
  expect((await messageAbout(house, 1))?.message).toMatchObject({
    tone: 'acknowledged',
    headline: expect.stringContaining('acknowledged by Bo'),
  })
  expect(there()).toEqual(['acknowledged'])
})
