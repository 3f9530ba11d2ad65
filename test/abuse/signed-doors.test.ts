import { createHmac, randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resealSignedDoors } from '#db/repositories/signed-doors.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { alerts } from '#db/schema/alerts.ts'
import { audit } from '#db/schema/audit.ts'
import { heardSignatures, signedDoors } from '#db/schema/signed-doors.ts'
import { webhookSettings } from '#engine/connection/webhook.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import { signatures } from '#workers/notifiers/webhook-signature.ts'

let house: ServedHouse
let secret: string

const doors = '/api/v1/signed-doors'
const hexSecret = 'the-secret-of-the-hex-form'

beforeAll(async () => {
  house = await serveHouse()
  await house.put('/api/v1/mappings/any', { entity: '/entity', check: '/check', state: { from: '/state' } })
  const made = await house.put(`${doors}/standard`, { form: 'STANDARD', reads: 'webhooks/any' })
  expect(made.status).toBe(201)
  secret = (made.body as { secret: string }).secret
  const hex = { form: 'HEX', reads: 'events', secrets: [hexSecret] }
  for (const [name, more] of [
    ['hex', { header: 'X-Grafana-Alerting-Signature', timestampHeader: 'X-Timestamp' }],
    ['timeless', { header: 'X-Hub-Signature-256' }],
  ] as const)
    expect((await house.put(`${doors}/${name}`, { ...hex, ...more })).status).toBe(201)
})
afterAll(() => house.close())

const eventOf = (entity: string) =>
  JSON.stringify({ type: 'service', entity, check: 'http', state: 'critical', initial_failure_delay: 0 })

async function post(door: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${house.url}/api/v1/signed/${door}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: answer.status, body: await answer.json() }
}

async function countAbout(entity: string): Promise<number> {
  await house.settled()
  const all = await house.memory.db.select().from(alerts)
  return all.filter((alert) => alert.entity === entity).length
}

const seconds = (ago = 0) => String(Math.floor(house.clock.now().getTime() / 1000) - ago)

/** As the library of those who wrote the standard signs. */
function standard(body: string, { id = randomUUID(), ago = 0, key = secret } = {}): Record<string, string> {
  const at = new Date(house.clock.now().getTime() - ago * 1000)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(key).sign(id, at, body),
  }
}

const hexOf = (text: string, key = hexSecret) => createHmac('sha256', key).update(text).digest('hex')

function grafana(body: string, { ago = 0, key = hexSecret } = {}): Record<string, string> {
  const timestamp = seconds(ago)
  return {
    'x-timestamp': timestamp,
    'x-grafana-alerting-signature': `sha256=${hexOf(`${timestamp}:${body}`, key)}`,
  }
}

describe('abuse 11: a door whose signature is its key', () => {
  test('lets in what is signed, by either form, and needs no token', async () => {
    for (const [door, entity, sign] of [
      ['standard', 'signed-1', standard],
      ['hex', 'signed-2', grafana],
    ] as const) {
      const body = eventOf(entity)
      expect(await post(door, body, sign(body))).toMatchObject({ status: 200, body: { accepted: 1 } })
      expect(await countAbout(entity)).toBe(1)
    }
    const body = eventOf('signed-3')
    expect(await post('timeless', body, { 'x-hub-signature-256': `sha256=${hexOf(body)}` })).toMatchObject({
      status: 200,
    })
  })

  test('understands what our own webhooks say', async () => {
    const body = eventOf('ours')
    const signed = signatures(
      webhookSettings.parse({ signatureHeader: 'X-Hub-Signature-256' }),
      { signingKey: secret, hmacSecret: hexSecret },
      { body, id: randomUUID(), now: house.clock.now() },
    )
    for (const door of ['standard', 'timeless']) expect((await post(door, body, signed)).status).toBe(200)
    const timed = signatures(
      webhookSettings.parse({
        signatureHeader: 'X-Grafana-Alerting-Signature',
        signatureTimestampHeader: 'X-Timestamp',
      }),
      { hmacSecret: hexSecret },
      { body, id: randomUUID(), now: house.clock.now() },
    )
    expect((await post('hex', body, timed)).status).toBe(200)
    expect((await post('hex', body, { ...timed, 'x-timestamp': seconds(9) })).status).toBe(401)
  })

  test.each<[string, string, (body: string) => Record<string, string>]>([
    ['no signature', 'standard', () => ({})],
    ['no signature', 'hex', () => ({})],
    [
      'the signature of another secret',
      'standard',
      (body) => standard(body, { key: `whsec_${'A'.repeat(43)}=` }),
    ],
    ['the signature of another secret', 'hex', (body) => grafana(body, { key: 'some other secret' })],
    [
      'a body that was written anew',
      'standard',
      (body) => standard(JSON.stringify(JSON.parse(body), null, 1)),
    ],
    ['a body that was written anew', 'hex', (body) => grafana(`${body} `)],
    ['a time six minutes ago', 'standard', (body) => standard(body, { ago: 360 })],
    ['a time six minutes ago', 'hex', (body) => grafana(body, { ago: 360 })],
    ['a time six minutes from now', 'standard', (body) => standard(body, { ago: -360 })],
    ['a time six minutes from now', 'hex', (body) => grafana(body, { ago: -360 })],
    ['a time that was moved', 'standard', (body) => ({ ...standard(body), 'webhook-timestamp': seconds(9) })],
    ['a time that was moved', 'hex', (body) => ({ ...grafana(body), 'x-timestamp': seconds(9) })],
    ['a time that is none', 'standard', (body) => ({ ...standard(body), 'webhook-timestamp': '1e3' })],
    ['another id', 'standard', (body) => ({ ...standard(body), 'webhook-id': 'another' })],
    [
      'half a signature',
      'hex',
      (body) => ({ ...grafana(body), 'x-grafana-alerting-signature': 'sha256=00' }),
    ],
    [
      'an asymmetric version that nobody asked for',
      'standard',
      (body) => ({
        ...standard(body),
        'webhook-signature': standard(body)['webhook-signature']!.replace('v1,', 'v1a,'),
      }),
    ],
  ])('refuses %s (%s) with 401, keeps nothing, and writes it down', async (_, door, sign) => {
    const entity = `refused-${randomUUID()}`
    const body = eventOf(entity)
    const before = await house.memory.db.$count(heardSignatures)
    expect((await post(door, body, sign(body))).status).toBe(401)
    expect(await countAbout(entity)).toBe(0)
    expect(await house.memory.db.$count(heardSignatures)).toBe(before)
    await house.desk.audit.close()
    const written = await house.memory.db.select().from(audit)
    expect(written).toContainEqual(
      expect.objectContaining({ what: `POST /api/v1/signed/${door}`, outcome: 'refused' }),
    )
  })

  test('a door that is not there looks like a signature that is wrong', async () => {
    const body = eventOf('nowhere')
    const [wrong, nowhere] = [
      await post('standard', body),
      await post('nobody-made-it', body, standard(body)),
    ]
    expect(nowhere).toEqual(wrong)
    expect(wrong.status).toBe(401)
  })

  test('takes the same twice with 200 and without effect, at whichever moment', async () => {
    const bodies = ['critical', 'ok', 'critical'].map((state) => eventOf('twice').replace('critical', state))
    const id = randomUUID()
    const recorded = standard(bodies[0]!, { id })
    await post('standard', bodies[0]!, recorded)
    await post('standard', bodies[1]!, standard(bodies[1]!))
    await house.settled()
    const again = await Promise.all([
      post('standard', bodies[0]!, recorded),
      post('standard', bodies[0]!, standard(bodies[0]!, { id, ago: -5 })),
    ])
    expect(again.map(({ status }) => status)).toEqual([200, 200])
    const own = { body: eventOf('twice-hex'), headers: grafana(eventOf('twice-hex')) }
    for (let nth = 0; nth < 3; nth++) expect((await post('hex', own.body, own.headers)).status).toBe(200)
    await house.settled()
    const states = (await house.memory.db.select().from(alerts)).filter(({ entity }) => entity === 'twice')
    expect(states.map(({ state }) => state)).toEqual(['RESOLVED'])
    expect(await house.memory.db.$count(heardSignatures)).toBeGreaterThan(0)
  })

  test('remembers what it heard for longer than anybody tries again, and no longer', async () => {
    house.clock.forward('71 hours')
    await house.sweep()
    await house.settled()
    expect(await house.memory.db.$count(heardSignatures)).toBeGreaterThan(0)
    house.clock.forward('2 hours')
    await house.sweep()
    await house.settled()
    expect(await house.memory.db.$count(heardSignatures)).toBe(0)
  })

  test('its secret is made and shown once, sealed, replaced beside the old one, and never read again', async () => {
    expect(secret).toMatch(/^whsec_/)
    const stored = JSON.stringify(await house.memory.db.select().from(signedDoors))
    for (const one of [secret, hexSecret]) {
      expect(stored).not.toContain(one)
      expect((await house.get(doors)).text).not.toContain(one)
    }
    const next = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
    const reads = { form: 'STANDARD', reads: 'webhooks/any' }
    const kept = await house.put(`${doors}/standard`, reads)
    expect([kept.status, kept.text]).toEqual([200, expect.not.stringContaining('"secret":')])
    expect((await house.put(`${doors}/standard`, { ...reads, secrets: [next, secret] })).status).toBe(200)
    for (const key of [secret, next]) {
      const body = eventOf(`by-${key.slice(-5)}`)
      expect((await post('standard', body, standard(body, { key }))).status).toBe(200)
    }
    await house.put(`${doors}/standard`, { ...reads, secrets: [next] })
    const body = eventOf('by-the-old-one')
    expect((await post('standard', body, standard(body))).status).toBe(401)
  })

  test('that changes its form gets a secret of that form, which is shown', async () => {
    await house.put(`${doors}/turned`, { form: 'HEX', reads: 'events', secrets: [hexSecret] })
    const turned = await house.put(`${doors}/turned`, { form: 'STANDARD', reads: 'events' })
    expect(turned).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/) } })
    const { secret: key } = turned.body as { secret: string }
    const body = eventOf('by-the-new-form')
    expect((await post('turned', body, standard(body, { key }))).status).toBe(200)
    await house.remove(`${doors}/turned`)
  })

  test('sealed with a key that is not here it is closed, and a newer key seals it anew', async () => {
    const { db } = house.memory
    const [old, newer] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)]
    expect(await resealSignedDoors(db, secretBox([newer]))).toBe(3)
    expect(await resealSignedDoors(db, secretBox([newer, old]))).toBe(0)
    const body = eventOf('sealed-elsewhere')
    expect((await post('hex', body, grafana(body))).status).toBe(401)
    expect(await resealSignedDoors(db, secretBox([old, newer]))).toBe(0)
    expect((await post('hex', body, grafana(body))).status).toBe(200)
  })

  test.each([
    [{}, 'form'],
    [{ form: 'HEX', reads: 'alerts' }, 'reads'],
    [{ form: 'HEX', reads: 'events', secrets: ['short'] }, 'secrets.0'],
    [{ form: 'STANDARD', reads: 'events', secrets: ['no-whsec-at-all-in-here'] }, 'secrets.0'],
    [{ form: 'STANDARD', reads: 'events', secrets: [] }, 'secrets'],
    [{ form: 'HEX', reads: 'events', header: 'a b' }, 'header'],
    [{ form: 'HEX', reads: 'events', toleranceSeconds: 86_400 }, 'toleranceSeconds'],
    [{ form: 'HEX', reads: 'events', secret: 'misspelled-secret' }, 'body'],
  ])('settings that cannot work are refused by their field: %j', async (body, field) => {
    const refused = await house.put(`${doors}/wrong`, body)
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.objectContaining({ fields: expect.arrayContaining([expect.objectContaining({ field })]) }),
    ])
    expect((await house.put(`${doors}/wrong`, { form: 'HEX', reads: 'webhooks/none' })).status).toBe(404)
  })
})
