import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { destinations, notifications } from '#db/schema/notifications.ts'
import { defaultDecisionSettings as settings } from '#engine/decision-settings.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import { incidentView } from '#engine/incident/incident.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { plainLine } from '#engine/message/plain.ts'
import { ana } from '#test/harness/engine-things.ts'
import { startTellingHouse, type TellingHouse } from '#test/harness/telling-house.ts'
import { watchIncidents } from '#workers/processors/watch-incidents.ts'

let house: TellingHouse

const places = ['#ops', '#lead', '#managers']

beforeEach(async () => {
  house = await startTellingHouse()
  for (const name of places)
    await rememberDestination(house.memory.db, {
      surface: 'slack',
      key: name,
      name,
      address: { channel: name },
    })
  await route({
    escalate: [
      { after: '1h', receiver: 'managers' },
      { after: '15m', receiver: 'lead' },
    ],
    ack_timeout: '4h',
    unack_after: '15m',
  })
})
afterEach(() => house.close())

async function route(root: object): Promise<void> {
  const receivers = places.map((name) => ({ name: name.slice(1), chats: [name] }))
  const document = { route: { receiver: 'ops', ...root }, receivers }
  expect(await house.ask('PUT', '/api/v1/routing', document)).toMatchObject({ status: 200 })
}

const post = async (alert: object = {}) => {
  const body = [
    { labels: { alertname: 'Down', severity: 'critical' }, endsAt: '2027-01-01T00:00:00Z', ...alert },
  ]
  expect((await house.ask('POST', '/api/v2/alerts', body)).status).toBe(200)
  await house.settle()
}

/** So many minutes go by; the sweeper looks every five. */
async function pass(minutes: number): Promise<void> {
  const { db } = house.memory
  for (let gone = 0; gone < minutes; gone += 5) {
    await house.pass(Math.min(5, minutes - gone) * 60)
    await watchIncidents({ db, clock: house.clock, settings, announce: async () => undefined })
  }
}

const click = (decide: Parameters<typeof changeIncident>[2]) =>
  changeIncident(house.memory.db, 1, decide, { now: house.clock(), settings })

async function story() {
  const found = await findStoryByNumber(house.memory.db, 1, house.clock())
  if (!found) throw new Error('nothing fired')
  return {
    view: incidentView(found.incident),
    lines: found.timeline.map((entry) => plainLine(timelineLine(entry))),
  }
}

/** Who was told, for which reason. */
async function told(reason: string): Promise<string[]> {
  const rows = await house.memory.db.select().from(notifications)
  const names = new Map(
    (await house.memory.db.select().from(destinations)).map(({ id, name }) => [id, name] as const),
  )
  return rows.flatMap((row) => (row.reason === reason ? (names.get(row.destinationId) ?? []) : [])).toSorted()
}

describe('while nobody acts', () => {
  test('others hear of it, step by step, with those who know already', async () => {
    await post()
    await pass(10)
    expect(await told('escalated')).toEqual([])
    await pass(5)
    expect(await told('escalated')).toEqual(['#lead', '#ops'])
    await pass(45)
    expect(await told('escalated')).toEqual(['#lead', '#lead', '#managers', '#ops', '#ops'])
    expect((await story()).lines).toEqual([
      'It fired.',
      'Nobody has acknowledged it for 15 min: lead hears of it now.',
      'Nobody has acknowledged it for 1 h: managers hears of it now.',
    ])
  })

  test('what is written while it waits changes nothing for it', async () => {
    await post()
    await route({})
    await pass(15)
    expect(await told('escalated')).toEqual(['#lead', '#ops'])
  })

  test('a house that was down, or whose clock jumped, catches up, once (abuse case 24)', async () => {
    await post()
    await house.pass(5 * 3600)
    await pass(10)
    expect(await told('escalated')).toHaveLength(5)
  })
})

describe('an acknowledgement', () => {
  test('holds it, and the time it held does not count', async () => {
    await post()
    await pass(10)
    await click(acknowledge(ana, house.clock()))
    await pass(60)
    expect(await told('escalated')).toEqual([])
  })

  test('that nobody follows up is asked about, then ends, and the wait goes on', async () => {
    await post()
    await pass(10)
    await click(acknowledge(ana, house.clock()))
    await pass(240)
    expect(await told('asked')).toEqual(['#ops'])
    expect((await story()).view).toBe('ACKNOWLEDGED')
    await pass(15)
    expect(await story()).toMatchObject({
      view: 'FIRING',
      lines: [
        'It fired.',
        'Acknowledged by Ana.',
        expect.stringMatching(/^Acknowledged 4 h ago, and it still fires\. Is somebody on it\?/),
        'Nobody followed up on the acknowledgement, so it has ended.',
      ],
    })
    await pass(5)
    expect(await told('escalated')).toEqual(['#lead', '#ops'])
  })

  test('given anew holds anew', async () => {
    await post()
    await click(acknowledge(ana, house.clock()))
    await pass(245)
    expect(await told('asked')).toEqual(['#ops'])
    await click(resolve(ana, house.clock(), null))
    await pass(60)
    expect(await told('unacknowledged')).toEqual([])
    expect(await told('escalated')).toEqual([])
  })
})

describe('what cannot work is refused', () => {
  test.each<[string, object, string]>([
    ['a receiver nobody is', { escalate: [{ after: '5m', receiver: 'ceo' }] }, 'route.escalate.0.receiver'],
    ['no time at all', { escalate: [{ after: '0s', receiver: 'lead' }] }, 'route.escalate.0.after'],
    ['an acknowledgement that holds for nothing', { ack_timeout: '0s' }, 'route.ack_timeout'],
    ['a time that is none', { unack_after: 'soon' }, 'route.unack_after'],
  ])('%s', async (_what, root, field) => {
    const receivers = [{ name: 'ops' }, { name: 'lead' }]
    const document = { route: { receiver: 'ops', ...root }, receivers }
    expect(await house.ask('PUT', '/api/v1/routing', document)).toMatchObject({
      status: 400,
      body: { fields: [{ field: expect.stringContaining(field) }] },
    })
  })
})
