import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeMailServer, openFakeMailServer } from '#test/harness/fake-mail-server.ts'
import { type FakeOpsgenie, openFakeOpsgenie } from '#test/harness/fake-opsgenie.ts'
import { type FakePagerDuty, openFakePagerDuty } from '#test/harness/fake-pagerduty.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import { type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'

const serviceKey = '0123456789abcdef0123456789abcdef'

let house: ServedHouse
let mailServer: FakeMailServer

beforeEach(async () => {
  house = await serveHouse()
  mailServer = await openFakeMailServer()
})
afterEach(async () => {
  await mailServer.close()
  await house.close()
})

async function connect(kind: string, settings: object, secrets: object = {}): Promise<string> {
  const made = await house.post('/api/v1/connections', { name: kind, kind, settings, secrets })
  expect(made.status).toBe(201)
  return (made.body as { id: string }).id
}

const mailOut = () =>
  connect('email', {
    host: '127.0.0.1',
    port: mailServer.port,
    security: 'none',
    from: 'tocsin@example.org',
    to: ['everybody@example.org'],
  })

/** Hears of everything, by these media. */
async function contact(id: string, media: Readonly<Record<string, object>>): Promise<void> {
  expect((await house.post('/api/v1/contacts', { id })).status).toBe(201)
  for (const [type, medium] of Object.entries(media))
    expect(await house.put(`/api/v1/contacts/${id}/media/${type}`, medium)).toMatchObject({ status: 200 })
  const ana = await house.person('Ana')
  await house.front.say(`contact ${id} hears everything`, ana)
}

const toldOf = async (id: string) =>
  ((await house.get(`/api/v1/contacts/${id}/alerts`)).body as { alerts: Record<string, unknown>[] }).alerts

describe('by mail', () => {
  test('a contact is told at their own address, and the recovery answers in the same thread', async () => {
    await mailOut()
    await contact('carl', { email: { address: 'carl@example.org' } })
    await push(house, { check: 'disk', title: 'Disk is full', state: 'critical' })
    await push(house, { check: 'disk', title: 'Disk is full', state: 'ok' })
    expect(mailServer.mails.map(({ to, headers }) => ({ to, subject: headers['subject'] }))).toEqual([
      { to: ['carl@example.org'], subject: '[Tocsin] #1 Disk is full' },
      { to: ['carl@example.org'], subject: '[Tocsin] #1 Disk is full' },
    ])
    expect(mailServer.mails[1]?.text).toMatch(/^It cleared by itself/)
    expect((await toldOf('carl')).map(({ what, status }) => [what, status])).toEqual([
      ['recovery', 'DELIVERED'],
      ['problem', 'DELIVERED'],
    ])
  })

  test('many failing checks come as one summary that counts them', async () => {
    await mailOut()
    await contact('carl', { email: { address: 'carl@example.org', rollupThreshold: 2 } })
    await push(house, { check: 'a', state: 'critical' })
    await push(house, { check: 'b', state: 'warning' })
    await push(house, { check: 'c', state: 'critical' })
    const [first, summary, ...more] = mailServer.mails
    expect(first?.headers['subject']).toContain('#1')
    expect(summary?.headers['subject']).toBe('[Tocsin] 2 checks fail')
    expect(summary?.text).toContain('critical: 1')
    expect(summary?.text).toContain('warning: 1')
    expect(summary?.text).toContain('payment-service:b · warning')
    expect(more).toEqual([])
  })

  test('a test arrives, and says that nothing is wrong', async () => {
    await mailOut()
    await contact('carl', { email: { address: 'carl@example.org' } })
    await push(house, { check: 'disk', state: 'ok' })
    const asked = await house.post('/flapjack/test_notifications/checks/payment-service:disk', {
      test_notifications: [{ summary: 'Hello Carl' }],
    })
    expect(asked.status).toBe(204)
    await house.settled()
    const [mail] = mailServer.mails
    expect(mail?.headers['subject']).toBe('[Tocsin] Test: alerts of payment-service:disk reach you')
    expect(mail?.text).toContain('Hello Carl')
  })

  test('without a mail server people read why nothing came, and try again once there is one', async () => {
    await contact('carl', { email: { address: 'carl@example.org' } })
    await push(house, { check: 'disk', state: 'critical' })
    const [told] = await toldOf('carl')
    expect(told).toMatchObject({
      status: 'FAILED',
      lastError: expect.stringContaining('There is no mail server yet'),
    })
    const alert = ((await house.get('/api/v1/environments/prod/alerts')).body as { alerts: { id: string }[] })
      .alerts[0]
    expect(
      (await house.get(`/api/v1/environments/prod/alerts/${alert?.id}/notifications`)).body,
    ).toMatchObject({
      notifications: expect.arrayContaining([
        expect.objectContaining({
          destination: { surface: 'email', name: 'carl by email' },
          status: 'FAILED',
        }),
      ]),
    })
    await mailOut()
    await house.post(`/api/v1/alerts/notifications/${String(told?.['notificationId'])}/retry`, {})
    await house.settled()
    expect(mailServer.mails).toHaveLength(1)
  })

  test('what a contact is kept from hearing is not told by the news of others', async () => {
    await mailOut()
    await contact('carl', { email: { address: 'carl@example.org', intervalSeconds: 3600 } })
    const ana = await house.person('Ana')
    await push(house, { check: 'disk', state: 'critical' })
    await house.front.say('silence 1 for 1h', ana)
    await house.settled()
    expect(mailServer.mails).toHaveLength(1)
  })
})

describe('by PagerDuty', () => {
  let pagerDuty: FakePagerDuty

  beforeEach(async () => {
    pagerDuty = await openFakePagerDuty(serviceKey, house.clock.now)
    const carrier = await connect(
      'pagerduty',
      { baseUrl: pagerDuty.url },
      { routingKey: 'ffffffffffffffffffffffffffffffff' },
    )
    await house.put('/api/v1/contact-media/pagerduty', { connectionId: carrier })
    await house.post('/api/v1/contacts', { id: '21' })
    const ana = await house.person('Ana')
    await house.front.say('contact 21 hears everything', ana)
  })
  afterEach(() => pagerDuty.close())

  test('the key of a contact goes in, never comes out, and its service is kept right', async () => {
    const made = await house.post('/flapjack/contacts/21/pagerduty_credentials', {
      pagerduty_credentials: [{ service_key: serviceKey, subdomain: 'example', token: 'abc' }],
    })
    expect(made).toMatchObject({ status: 201, body: ['21'] })
    expect((await house.get('/flapjack/pagerduty_credentials/21')).body).toEqual({
      pagerduty_credentials: [{ service_key: '…cdef', links: { contacts: ['21'] } }],
    })
    const shown = [
      await house.get('/flapjack/media'),
      await house.get('/api/v1/contacts/21'),
      await house.get('/flapjack/contacts'),
    ]
    expect(JSON.stringify(shown)).not.toContain(serviceKey)
    await push(house, { check: 'disk', title: 'Disk', state: 'critical' })
    expect(pagerDuty.alerts.map(({ status }) => status)).toEqual(['triggered'])
    await house.front.say('ack 1', await house.person('Ana'))
    await house.settled()
    expect(pagerDuty.alerts.map(({ status }) => status)).toEqual(['acknowledged'])
    await push(house, { check: 'disk', title: 'Disk', state: 'ok' })
    expect(pagerDuty.alerts.map(({ status }) => status)).toEqual(['resolved'])
    expect(pagerDuty.complaints).toEqual([])
    expect(JSON.stringify(await toldOf('21'))).not.toContain(serviceKey)
  })
})

describe('by Opsgenie', () => {
  const apiKey = '0f1e2d3c-aaaa-bbbb-cccc-0123456789ab'
  const keyOfTheCarrier = 'ffffffff-aaaa-bbbb-cccc-0123456789ab'
  let opsgenie: FakeOpsgenie

  beforeEach(async () => {
    opsgenie = await openFakeOpsgenie(apiKey)
    const carrier = await connect(
      'opsgenie',
      { preset: 'opsgenie-eu', baseUrl: opsgenie.url },
      { apiKey: keyOfTheCarrier },
    )
    await house.put('/api/v1/contact-media/opsgenie', { connectionId: carrier })
  })
  afterEach(() => opsgenie.close())

  test('the key of a contact is used and not that of its carrier, never comes out, and one alert is kept right', async () => {
    await contact('carl', { opsgenie: { address: apiKey } })
    await push(house, { check: 'disk', title: 'Disk', state: 'critical' })
    expect(opsgenie.alerts).toMatchObject([{ message: expect.stringContaining('Disk'), status: 'open' }])
    await house.front.say('ack 1', await house.person('Ana'))
    await house.settled()
    expect(opsgenie.alerts).toMatchObject([{ acknowledged: true, status: 'open' }])
    await push(house, { check: 'disk', title: 'Disk', state: 'ok' })
    expect(opsgenie.alerts).toMatchObject([{ status: 'closed', count: 1 }])
    expect(opsgenie.complaints).toEqual([])
    const shown = [
      await house.get('/api/v1/contacts/carl'),
      await house.get('/flapjack/media'),
      await toldOf('carl'),
    ]
    expect(JSON.stringify(shown)).not.toContain(apiKey)
    expect(JSON.stringify(shown)).toContain('…89ab')
  })

  test('what cannot be a key of Opsgenie is refused by its field', async () => {
    await house.post('/api/v1/contacts', { id: 'carl' })
    const refused = await house.put('/api/v1/contacts/carl/media/opsgenie', { address: 'carl@example.org' })
    expect(refused.status).toBe(400)
    expect(JSON.stringify(refused.body)).toContain('address')
    expect(JSON.stringify(refused.body)).not.toContain('carl@example.org')
  })
})

describe('by webhook', () => {
  let receiver: HttpReceiver

  beforeEach(async () => {
    receiver = await openHttpReceiver()
  })
  afterEach(() => receiver.close())

  const bodies = () => receiver.requests.map(({ body }) => JSON.parse(body) as unknown)

  test('an SMS goes out by the gateway that somebody named, with the number and the words', async () => {
    const gateway = await connect(
      'webhook',
      { body: 'TEMPLATE', bodyTemplate: '{"to":"{{contact.address}}","text":"{{alert.title}}"}' },
      { url: receiver.url },
    )
    expect((await house.put('/api/v1/contact-media/sms', { connectionId: gateway })).body).toMatchObject({
      type: 'sms',
      isDelivered: true,
    })
    await contact('ada', { sms: { address: '+491701234567' } })
    await push(house, { check: 'disk', title: 'Disk is full', state: 'critical' })
    expect(bodies()).toEqual([{ to: '+491701234567', text: 'Disk is full' }])
  })

  test('the URL of a contact is a secret of theirs', async () => {
    await contact('ada', { webhook: { address: `${receiver.url}?key=hush` } })
    expect(JSON.stringify(await house.get('/api/v1/contacts'))).not.toContain('hush')
    await push(house, { check: 'disk', state: 'critical' })
    expect(bodies()).toMatchObject([{ type: 'alert.opened' }])
  })
})
