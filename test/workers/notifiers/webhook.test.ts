import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readConnectionDraft } from '#engine/connection/draft.ts'
import { notifierContract } from '#test/contracts/notifier.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { openFakeVendor } from '#test/harness/fake-vendor.ts'
import { type Answering, type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { openDriver } from '#workers/notifiers/connections.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'

const signingKey = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const previousSigningKey = `whsec_${Buffer.alloc(32, 2).toString('base64')}`

let answer: Answering
let receiver: HttpReceiver
let egress: Egress

beforeEach(async () => {
  answer = (response) => response.writeHead(200).end()
  receiver = await openHttpReceiver((...call) => answer(...call))
  egress = openEgress(['127.0.0.1'], 4)
})
afterEach(async () => {
  await egress.close()
  await receiver.close()
})

const outside = () => openOutside(egress, () => new Date())

function notifier(parts: { settings?: object; secrets?: object } = {}) {
  const secrets = { url: `${receiver.url}/hook?key=s3cret`, ...parts.secrets }
  return openDriver(openedConnection({ settings: parts.settings ?? {}, secrets }), outside())
}

notifierContract('Webhook', { dropsDoubles: true, isLiving: false }, async () => {
  const heard = new Map<string, string>()
  const vendor = await openFakeVendor(({ headers, raw, body }, complain) => {
    if (body === undefined || raw.length > 20_000) complain(`${raw.length} bytes`)
    heard.set(String(headers['webhook-id']), raw)
    return { status: 204 }
  })
  const told = z.object({ data: z.object({ status: z.enum(['firing', 'acknowledged', 'resolved']) }) })
  return {
    ...vendor,
    connection: openedConnection({ secrets: { url: `${vendor.url}/hook?key=s3cret` } }),
    open: openDriver,
    shown: () =>
      [...heard.values()].map((text) => {
        const { status } = told.parse(JSON.parse(text)).data
        return { text, state: status === 'firing' ? ('open' as const) : status }
      }),
  }
})

const sent = () => receiver.requests[0] ?? expect.fail('nothing was sent')

async function failure(parts: Parameters<typeof notifier>[0] = {}): Promise<DeliveryError> {
  const error: unknown = await notifier(parts)
    .post({}, aTelling(), 'd')
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof DeliveryError)) return expect.fail('it was delivered')
  return error
}

describe('what is sent', () => {
  test('is an event about the incident, as JSON', async () => {
    await notifier().post({}, aTelling(), 'incident/place')
    const { method, path, headers, body } = sent()
    expect([method, path, headers['content-type']]).toEqual(['POST', '/hook?key=s3cret', 'application/json'])
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.opened',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      sequence: expect.any(Number),
      data: { key: 'tocsin-6a1a5f0e-0000-4000-8000-000000000007', number: 7, status: 'firing' },
    })
  })

  test.each([
    ['acknowledged', 'alert.acknowledged'],
    ['recovered', 'alert.resolved'],
    ['resolved', 'alert.resolved'],
    ['severity-rise', 'alert.severity_changed'],
    ['reminder', 'alert.reminder'],
    ['reopened', 'alert.reopened'],
  ] as const)('for a line that says %s is %s', async (reason, type) => {
    const telling = aTelling({ reason })
    await notifier().update({}, telling)
    expect(receiver.requests).toEqual([])
    await notifier().reply({}, ['…'], 'd', telling)
    expect(JSON.parse(sent().body)).toMatchObject({ type })
  })

  test('for an edit without a word is an update, the same one when it is tried again', async () => {
    const telling = aTelling({ reason: 'edit' })
    await notifier().update({}, telling)
    await notifier().update({}, telling)
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id'])
    expect(JSON.parse(sent().body)).toMatchObject({ type: 'alert.updated' })
    expect(ids[0]).toMatch(/^msg_edit_/)
    expect(ids[1]).toBe(ids[0])
  })

  test('stays under 20 KB, however long the texts are', async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`l${index}`, 'é'.repeat(2000)]),
    )
    await notifier().post(
      {},
      aTelling({ summary: '😀'.repeat(20_000), title: 'x'.repeat(30_000), labels }),
      'd',
    )
    expect(Buffer.byteLength(sent().body)).toBeLessThan(20_000)
    expect(JSON.parse(sent().body)).toMatchObject({ data: { number: 7 } })
  })

  test('goes out by the method and with the headers that were chosen', async () => {
    await notifier({ settings: { method: 'PUT', headers: { 'X-Team': 'payments' } } }).post(
      {},
      aTelling(),
      'd',
    )
    expect(sent()).toMatchObject({ method: 'PUT', headers: { 'x-team': 'payments' } })
  })

  test.each([
    [
      { kind: 'BASIC', username: 'ana' },
      { password: 'p w' },
      `Basic ${Buffer.from('ana:p w').toString('base64')}`,
    ],
    [{ kind: 'BEARER' }, { token: 't0ken' }, 'Bearer t0ken'],
  ])('says who it is, as %o', async (auth, secrets, authorization) => {
    await notifier({ settings: { auth }, secrets }).post({}, aTelling(), 'd')
    expect(sent().headers).toMatchObject({ authorization })
  })

  test('may carry a secret in a header of another name', async () => {
    const secrets = { secretHeaderValue: 'abc' }
    await notifier({ settings: { secretHeader: 'X-Api-Key' }, secrets }).post({}, aTelling(), 'd')
    expect(sent().headers).toMatchObject({ 'x-api-key': 'abc' })
  })

  test('does not say twice who it is', () => {
    const settings = { auth: { kind: 'BEARER' }, secretHeader: 'Authorization' }
    const secrets = { url: 'https://example.org', token: 't0ken', secretHeaderValue: 'abc' }
    const read = readConnectionDraft({ name: 'hooks', kind: 'webhook', settings, secrets })
    expect(read).toMatchObject({ problems: [{ field: 'settings.secretHeader' }] })
  })
})

describe('the signature', () => {
  test('holds for the verifier of Standard Webhooks, by either key while one is being replaced', async () => {
    await notifier({ secrets: { signingKey, previousSigningKey } }).post({}, aTelling(), 'a/b.c')
    const { headers, body } = sent()
    for (const key of [signingKey, previousSigningKey])
      expect(new Webhook(key).verify(body, headers as Record<string, string>)).toMatchObject({
        type: 'alert.opened',
      })
    const stranger = new Webhook(Buffer.alloc(32, 3).toString('base64'))
    expect(() => stranger.verify(body, headers as Record<string, string>)).toThrow()
  })

  test("in seed 004's form is over the bytes of the body, under its header or another", async () => {
    const secrets = { hmacSecret: 'my-signing-secret' }
    await notifier({ secrets }).post({}, aTelling(), 'd')
    await notifier({ secrets, settings: { signatureHeader: 'X-Hub-Signature-256' } }).post(
      {},
      aTelling(),
      'd',
    )
    const [one, other] = receiver.requests
    const expected = (body = '') =>
      `sha256=${createHmac('sha256', 'my-signing-secret').update(body).digest('hex')}`
    expect(one?.headers['x-cameleer-signature']).toBe(expected(one?.body))
    expect(other?.headers['x-hub-signature-256']).toBe(expected(other?.body))
  })

  test('comes with an id that stays the same on every try, also as Idempotency-Key', async () => {
    for (let attempt = 0; attempt < 2; attempt++) await notifier().post({}, aTelling(), 'incident/place')
    const ids = receiver.requests.flatMap(({ headers }) => [
      headers['webhook-id'],
      headers['idempotency-key'],
    ])
    expect(new Set(ids)).toEqual(new Set(['msg_incident_place']))
  })
})

describe('an answer of', () => {
  test.each([
    [301, 'never', 'config'],
    [400, 'never', 'client'],
    [401, 'never', 'auth'],
    [403, 'never', 'auth'],
    [404, 'never', 'gone'],
    [408, 'later', 'timeout'],
    [410, 'never', 'gone'],
    [422, 'never', 'client'],
    [429, 'later', 'rate-limited'],
    [500, 'later', 'server'],
    [503, 'later', 'server'],
  ] as const)('%i is tried again %s: %s', async (status, retry, fault) => {
    answer = (response) => response.writeHead(status).end('a secret page')
    const error = await failure()
    expect(error).toMatchObject({ retry, fault, status })
    expect(error.message).not.toMatch(/secret|s3cret|127/)
  })

  test.each([
    ['7', 7000],
    ['0', 0],
    ['soon', undefined],
    ['99999999', 24 * 3600_000],
  ])('429 with Retry-After %s waits for %s ms', async (header, afterMs) => {
    answer = (response) => response.writeHead(429, { 'retry-after': header }).end()
    expect(await failure()).toMatchObject({ retry: 'later', afterMs })
  })
})

test('a secret that is missing, or settings of another time, are said and nothing is sent', async () => {
  const connection = openedConnection({ secrets: { url: receiver.url } })
  expect(() => openDriver({ ...connection, secrets: {} }, outside())).toThrow(/lacks url/)
  expect(() => openDriver({ ...connection, settings: { method: 'GET' } }, outside())).toThrow(/enter it anew/)
  expect(receiver.requests).toEqual([])
})

describe('a body', () => {
  const settings = (bodyTemplate: string, headers = {}) => ({ body: 'TEMPLATE', bodyTemplate, headers })

  test("of one's own is filled in, and signed as it is sent", async () => {
    const own = settings(
      '{"text": "{{rule.name}}: {{alert.state}} {{alert.link}} {{labels.app}} {{env.slug}}"}',
    )
    await notifier({ settings: own, secrets: { signingKey } }).post({}, aTelling(), 'd')
    const { body, headers } = sent()
    expect(JSON.parse(body)).toEqual({
      text: 'Card payments are failing: FIRING https://alerts.example.com/#show=7 payment-service prod',
    })
    expect(() => new Webhook(signingKey).verify(body, headers as Record<string, string>)).not.toThrow()
  })

  test('of a rule comes before it', async () => {
    const connection = openedConnection({
      settings: settings('{"text": "ours"}'),
      secrets: { url: receiver.url },
    })
    await openDriver({ ...connection, bodyOverride: '{"text": "{{alert.number}}"}' }, outside()).post(
      {},
      aTelling(),
      'd',
    )
    expect(sent().body).toBe('{"text":"7"}')
  })

  test('that is no JSON goes out under its own type', async () => {
    const own = settings('{{alert.title}}!', { 'Content-Type': 'text/plain' })
    await notifier({ settings: own }).post({}, aTelling(), 'd')
    expect([sent().headers['content-type'], sent().body]).toEqual([
      'text/plain',
      'Card payments are failing!',
    ])
  })

  test("may be Alertmanager's, version 4", async () => {
    const alert = {
      id: 'a',
      state: 'firing' as const,
      severity: 'CRITICAL' as const,
      title: 'Card payments are failing',
      summary: 'Error rate is 24 %.',
      entity: 'payment-service',
      labels: { app: 'payment-service' },
      startedAt: '2026-11-21T00:00:00.000Z',
      resolvedAt: null,
      value: 0.24,
      threshold: 0.05,
    }
    await notifier({ settings: { body: 'ALERTMANAGER' } }).post(
      {},
      aTelling({ alerts: [alert], alertCount: 3 }),
      'd',
    )
    expect(JSON.parse(sent().body)).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'hooks',
      groupKey: 'tocsin-6a1a5f0e-0000-4000-8000-000000000007',
      externalURL: 'https://alerts.example.com',
      truncatedAlerts: 2,
      alerts: [
        { status: 'firing', labels: { alertname: 'Card payments are failing', app: 'payment-service' } },
      ],
    })
  })
})
