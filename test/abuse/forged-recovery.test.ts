import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { desc } from 'drizzle-orm'
import { openServer } from '#bot/api/server.ts'
import { makeApiToken } from '#bot/api-tokens.ts'
import { alerts, incidents } from '#db/schema/alerts.ts'
import { storeEvent } from '#engine/rule/store-event.ts'
import { laneEvent } from '#engine/notify/lane-event.ts'
import { healthy } from '#engine/notify/lane-health.ts'
import { aRuleBody } from '#test/harness/api-house.ts'
import { anEvent } from '#test/harness/engine-things.ts'
import { messageThatSays, threadOf } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import type { HealthEvent } from '#engine/event.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let house: ServedHouse
let made = 0

beforeAll(async () => {
  house = await serveHouse()
  await house.put('/api/v1/mappings/any', { entity: '/entity', check: '/check', state: { from: '/state' } })
})
afterAll(() => house.close())

/** Some check fails that only its owner may speak for. */
type Owned = () => Promise<{ readonly entity: string; readonly check: string }>

async function seen(event: HealthEvent): ReturnType<Owned> {
  await takeIn(house.memory.db, [event], house.clock.now())
  return event
}

const ofARule: Owned = async () => {
  const { body, text } = await house.post('/api/v1/environments/prod/alerts/rules', {
    ...aRuleBody,
    name: `Rule ${++made}`,
  })
  const { id: ruleId = expect.fail(text) } = body as { id?: string }
  return seen(anEvent({ entity: `shop-${made}`, check: ruleId, ruleId, at: house.clock.now() }))
}

const posted: Owned = async () => {
  const instance = `node-${++made}`
  await house.post('/api/v2/alerts', [{ labels: { alertname: 'Down', instance, severity: 'critical' } }])
  await house.settled()
  const { body } = await house.get(`/api/v2/alerts?filter=instance="${instance}"`)
  const [alert] = body as { fingerprint: string }[]
  return { entity: instance, check: alert?.fingerprint ?? expect.fail('the alert was not posted') }
}

const ofAStore: Owned = async () => {
  const goesDown = () => seen(storeEvent('prod', 'clickhouse', 'It is down', house.clock.now()))
  await goesDown()
  house.clock.forward('1 min')
  return goesDown()
}

const ofALane: Owned = () => {
  const lane = {
    destinationId: '5f0f7a52-5d0c-4a57-8d0e-3d2a9f1c0001',
    surface: 'slack',
    name: '#ops',
  } as const
  return seen(
    laneEvent('prod', { ...lane, health: { ...healthy, undelivered: 1 }, waiting: 0 }, house.clock.now()),
  )
}

async function statesOf(entity: string): Promise<string[]> {
  await house.settled()
  const all = await house.memory.db.select().from(alerts)
  return all.filter((alert) => alert.entity === entity).map(({ state }) => state)
}

describe("abuse 18: a recovery in somebody else's name", () => {
  test('of a check that belongs to nobody is said to be theirs, where people read that it is over', async () => {
    const server = await openServer({
      desk: house.desk,
      log: house.desk.log,
      access: { kind: 'token', token: '0123456789abcdef0123456789abcdef' },
    })
    await server.ready()
    const says = async (name: string, state: string) => {
      const wish = { name, role: 'OPERATOR', environments: null, createdBy: 'a test' } as const
      const { token } = await makeApiToken(house.desk, wish)
      const payload = { type: 'service', entity: 'db-1', check: 'disk', state, initial_failure_delay: 0 }
      const headers = { host: 'alerts.example.com', authorization: `Bearer ${token}` }
      const answer = await server.inject({ method: 'POST', url: '/api/v1/events', headers, payload })
      expect(answer.statusCode, answer.body).toBe(200)
      await house.settled()
    }
    await says('nagios', 'critical')
    await says('stranger', 'ok')
    await server.close()
    const [incident] = await house.memory.db.select().from(incidents).orderBy(desc(incidents.number)).limit(1)
    const told = await messageThatSays(house, `#${incident?.number} disk on db-1`)
    expect(threadOf(told).join()).toMatch(/It cleared by itself after .*, says token stranger\./)
    const { text } = await house.get(`/api/v1/incidents/${incident?.number}/timeline.md`)
    expect(text).toContain('It fired, says **token nagios**.')
    expect(text).toContain(', says **token stranger**.')
  })

  test.each([
    ['a rule', ofARule],
    ["an alert of Alertmanager's clients", posted],
    ['the telemetry store', ofAStore],
    ['a destination that cannot be reached', ofALane],
  ])('ends no alert of %s, through whatever door it comes', async (_whose, own) => {
    const { entity, check } = await own()
    const before = await statesOf(entity)
    expect(before).toContain('FIRING')
    for (const spelled of [entity, entity.toUpperCase()]) {
      const forged = { type: 'service', entity: spelled, check, state: 'ok', time: 1_900_000_000 }
      expect((await house.post('/api/v1/events', forged)).status).toBe(200)
      expect((await house.post('/api/v1/webhooks/any', forged)).status).toBe(200)
    }
    expect(await statesOf(entity)).toEqual(before)
  })
})
