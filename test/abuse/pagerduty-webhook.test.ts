import { createHmac, randomUUID } from 'node:crypto'
import { desc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { perform } from '#bot/perform.ts'
import { addConnection } from '#db/repositories/connections.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { incidents } from '#db/schema/alerts.ts'
import { destinations, receipts } from '#db/schema/notifications.ts'
import { incidentView, worstAlert } from '#engine/incident/incident.ts'
import type { Person } from '#engine/person.ts'
import { type ApiHouse, startApiHouse } from '#test/harness/api-house.ts'
import { aConnection } from '#test/harness/connection-things.ts'
import { after, anEvent } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'

const [secret, nextSecret] = ['pagerduty-webhook-secret', 'pagerduty-webhook-secret-2']
const told = randomUUID()
const neverTold = randomUUID()
const withoutSecret = randomUUID()

let house: ApiHouse
let number: number
let incidentId: string

beforeAll(async () => {
  house = await startApiHouse()
  await connect(told, { webhookSecrets: `${secret},${nextSecret}` })
  await connect(neverTold, { webhookSecrets: secret })
  await connect(withoutSecret, {})
})
afterAll(() => house.close())

beforeEach(async () => {
  await takeIn(house.desk.db, [anEvent({ check: randomUUID() })], after(500))
  const [newest] = await house.desk.db.select().from(incidents).orderBy(desc(incidents.number)).limit(1)
  number = newest?.number ?? 0
  incidentId = newest?.id ?? ''
  await tellOf(told)
})

async function connect(id: string, webhook: object): Promise<void> {
  const { db, secrets: box, clock } = house.desk
  const secrets = { routingKey: '0123456789abcdef0123456789abcdef', ...webhook }
  const draft = aConnection({ name: id, kind: 'pagerduty', secrets })
  await addConnection(db, draft, { id, createdBy: 'a test', box, now: clock() })
}

/** As the deliverer does once PagerDuty has taken the event. */
async function tellOf(connection: string): Promise<void> {
  const { db, clock } = house.desk
  const [destination] = await db.select().from(destinations).where(eq(destinations.key, connection))
  const destinationId = destination?.id ?? expect.fail('the connection has no destination')
  await db.insert(receipts).values({ incidentId, destinationId, receipt: { connection }, postedAt: clock() })
}

async function story() {
  const { db, clock } = house.desk
  return (await findStoryByNumber(db, number, clock())) ?? expect.fail(`there is no #${number}`)
}

const standing = async () => incidentView((await story()).incident)

const ana = { id: 'PXPGF42', type: 'user_reference', summary: 'Ana from PagerDuty' }

function news(parts: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    event: {
      id: randomUUID(),
      event_type: 'incident.acknowledged',
      resource_type: 'incident',
      occurred_at: after(590).toISOString(),
      agent: ana,
      data: { id: 'PT4KHLK', type: 'incident', incident_key: `tocsin-${incidentId}`, status: 'acknowledged' },
      ...parts,
    },
  })
}

const sign = (body: string, key = secret) => `v1=${createHmac('sha256', key).update(body).digest('hex')}`

const send = (body: string, signature: string | undefined = sign(body), connection: string = told) =>
  house.post(`/api/v1/pagerduty/${connection}`, body, signature ? { 'x-pagerduty-signature': signature } : {})

describe('what people do at PagerDuty (abuse cases 11, 12 and 13)', () => {
  test('is done here by their name, and announced to the rest', async () => {
    expect(await send(news())).toEqual({ status: 200, body: { effect: `#${number}: acknowledge` } })
    expect(worstAlert((await story()).incident).acknowledgedBy).toMatchObject({ name: 'Ana from PagerDuty' })
    await send(news({ event_type: 'incident.resolved' }))
    expect(await standing()).toBe('RESOLVED')
  })

  test('is believed by either secret while one takes the place of the other', async () => {
    const body = news()
    const unknown = `v1=${'0'.repeat(64)}`
    expect(await send(body, `${unknown}, ${sign(body, nextSecret)}`)).toMatchObject({ status: 200 })
    expect(await standing()).toBe('ACKNOWLEDGED')
  })

  test.each([
    ['no signature', () => ''],
    ['a wrong one', () => `v1=${'0'.repeat(64)}`],
    ['one of another secret', (body: string) => sign(body, 'somebody-elses-secret')],
    ['one of another version', (body: string) => sign(body).replace('v1=', 'v0=')],
    ['half of one', (body: string) => sign(body).slice(0, 40)],
    ['one of the same said otherwise', (body: string) => sign(JSON.stringify(JSON.parse(body), null, 1))],
  ])('with %s is refused and changes nothing', async (_, signatureOf) => {
    const body = news()
    expect(await send(body, signatureOf(body))).toMatchObject({ status: 401 })
    expect(await standing()).toBe('FIRING')
  })

  test.each([
    ['of a connection nobody made', () => randomUUID()],
    ['of no connection at all', () => 'x'],
    ['of a connection without a secret', () => withoutSecret],
  ])('through the door %s is refused in the same words', async (_, connection) => {
    const body = news()
    const refused = await send(body, '')
    expect(await send(body, sign(body, ''), connection())).toEqual(refused)
    expect(refused.status).toBe(401)
  })

  test.each([
    ['about an incident this connection was never told of', {}, () => neverTold],
    [
      'by nobody, as what we resolved ourselves',
      { agent: { ...ana, type: 'service_reference' } },
      () => told,
    ],
    ['about an incident that is not ours', { data: { incident_key: 'somebody-elses' } }, () => told],
    ['of another kind', { event_type: 'incident.annotated' }, () => told],
    ['older than a day', { occurred_at: after(600 - 25 * 3600).toISOString() }, () => told],
  ])('%s changes nothing', async (_, parts, connection) => {
    const body = news(parts)
    expect(await send(body, sign(body), connection())).toMatchObject({
      status: 200,
      body: { effect: expect.stringMatching(/^none: /) },
    })
    expect(await standing()).toBe('FIRING')
  })

  test('told again changes nothing, also when it has become untrue', async () => {
    const body = news({ event_type: 'incident.resolved' })
    await send(body)
    await takeIn(house.desk.db, [anEvent({ check: randomUUID() })], after(550))
    expect(await send(body)).toMatchObject({ body: { effect: 'none: it was heard before' } })
  })

  test('after it is over opens nothing again', async () => {
    await send(news({ event_type: 'incident.resolved' }))
    expect(await send(news())).toMatchObject({ body: { effect: expect.stringMatching(/^none: /) } })
    expect(await standing()).toBe('RESOLVED')
  })

  test('by two at once has one winner', async () => {
    const here: Person = { kind: 'person', id: 'p2', name: 'Bo', surface: 'local', role: 'OPERATOR' }
    const [there, answer] = await Promise.all([
      send(news()),
      perform(house.desk, { name: 'acknowledge', numbers: [number] }, here),
    ])
    const wonThere = (there.body as { effect: string }).effect === `#${number}: acknowledge`
    expect([wonThere, answer.kind !== 'refused'].filter(Boolean)).toHaveLength(1)
    const by = worstAlert((await story()).incident).acknowledgedBy
    expect(by).toMatchObject({ name: wonThere ? 'Ana from PagerDuty' : 'Bo' })
    expect((await story()).timeline.filter(({ kind }) => kind === 'acknowledged')).toHaveLength(1)
  })

  test('that is no JSON, or no webhook, is said to be so', async () => {
    for (const body of ['{', '[]', '{"event":{}}', '['.repeat(100_000)])
      expect(await send(body)).toMatchObject({ status: 400 })
  })
})
