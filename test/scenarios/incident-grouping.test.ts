import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { notifications } from '#db/schema/notifications.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import { timelineLine } from '#engine/incident/timeline.ts'
import { composeIncident } from '#engine/message/compose.ts'
import { plainLine, plainMessage } from '#engine/message/plain.ts'
import { ana } from '#test/harness/engine-things.ts'
import { startTellingHouse, type TellingHouse } from '#test/harness/telling-house.ts'

let house: TellingHouse

const ops = { surface: 'slack', key: '#ops', name: '#ops', address: { channel: '#ops' } } as const
const night = { surface: 'slack', key: '#night', name: '#night', address: { channel: '#night' } } as const

beforeEach(async () => {
  house = await startTellingHouse()
  for (const chat of [ops, night]) await rememberDestination(house.memory.db, chat)
  await route({ incident_by: ['cluster'], incident_window: '5m', incident_cap: '12m' })
})
afterEach(() => house.close())

/** Critical alerts are also told at night. */
async function route(root: object): Promise<void> {
  const document = {
    route: {
      receiver: 'ops',
      ...root,
      routes: [{ matchers: ['tocsin_severity="CRITICAL"'], receiver: 'night' }],
    },
    receivers: [
      { name: 'ops', chats: ['#ops'] },
      { name: 'night', chats: ['#ops', '#night'] },
    ],
  }
  expect(await house.ask('PUT', '/api/v1/routing', document)).toMatchObject({ status: 200 })
}

type Alert = readonly [name: string, cluster: string, severity?: string]

async function post(...alerts: readonly Alert[]): Promise<void> {
  const body = alerts.map(([alertname, cluster, severity = 'warning']) => ({
    labels: { alertname, cluster, severity },
  }))
  expect((await house.ask('POST', '/api/v2/alerts', body)).status).toBe(200)
  await house.settle()
}

async function clear(alertname: string, cluster: string, severity = 'warning'): Promise<void> {
  const endsAt = house.clock().toISOString()
  await house.ask('POST', '/api/v2/alerts', [{ labels: { alertname, cluster, severity }, endsAt }])
  await house.settle()
}

async function story(number: number) {
  const found = await findStoryByNumber(house.memory.db, number, house.clock())
  if (!found) return undefined
  return {
    // Those of one instant are in no particular order.
    titles: found.incident.alerts
      .toSorted(
        (one, other) =>
          one.startedAt.getTime() - other.startedAt.getTime() || (one.title < other.title ? 1 : -1),
      )
      .map(({ title }) => title),
    states: found.incident.alerts.map(({ state }) => state).toSorted(),
    isClosed: found.incident.closedAt !== null,
    lines: found.timeline.map((entry) => plainLine(timelineLine(entry))),
    message: composeIncident(found, house.clock()),
  }
}

/** Reasons by destination, in the order they were written. */
async function toldOf(number: number) {
  const found = await findStoryByNumber(house.memory.db, number, house.clock())
  const rows = await house.memory.db.select().from(notifications)
  const its = rows.filter(({ incidentId }) => incidentId === found?.incident.id)
  return its
    .toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
    .map(({ reason }) => reason)
}

describe('alerts that share a label and come soon after each other are one incident', () => {
  test('within one request, and in later ones', async () => {
    await post(['Slow', 'a'], ['Full', 'a'], ['Slow', 'b'])
    await house.pass(60)
    await post(['Down', 'a'])
    expect(await story(1)).toMatchObject({
      titles: ['Slow', 'Full', 'Down'],
      lines: ['It fired.', 'Full joined it.', 'Down joined it.'],
    })
    expect(await story(2)).toMatchObject({ titles: ['Slow'] })
    expect(await story(3)).toBeUndefined()
    expect(await toldOf(1)).toEqual(['first', 'more', 'more'])
  })

  test('what comes by the dozen is one line', async () => {
    await post(['Slow', 'a'])
    await house.pass(1)
    await post(...Array.from({ length: 12 }, (_, index): Alert => [`Down-${index}`, 'a']))
    expect((await story(1))?.lines).toEqual(['It fired.', 'Down-0 and 11 more joined it.'])
    expect(await toldOf(1)).toEqual(['first', 'more'])
  })

  test('its message counts them and lists them, worst first', async () => {
    await post(['Slow', 'a'], ['Down', 'a', 'critical'])
    const { message } = (await story(1)) ?? {}
    if (!message) throw new Error('no incident')
    expect(message.headline).toBe('#1 Down and 1 more')
    expect(message.facts).toContainEqual({ label: 'Alerts', value: ['2 firing'] })
    expect(message.items.map(({ line }) => plainLine(line))).toEqual(['Down · Down', 'Slow · Slow'])
    for (const { action } of message.items) expect(action?.command).toMatch(/^resolve 1\.[12]$/)
    expect(plainMessage(message)).toContain('CRITICAL')
  })

  test('the window rolls, up to its cap; after that a new incident begins', async () => {
    await post(['One', 'a'])
    for (const name of ['Two', 'Three']) {
      await house.pass(280)
      await post([name, 'a'])
    }
    await house.pass(280)
    await post(['Four', 'a'])
    expect((await story(1))?.titles).toEqual(['One', 'Two', 'Three'])
    expect((await story(2))?.titles).toEqual(['Four'])
    await house.pass(301)
    await post(['Five', 'a'])
    expect((await story(3))?.titles).toEqual(['Five'])
  })

  test('it is over when the last of them is; until then a recovery is an edit', async () => {
    await post(['Slow', 'a'], ['Full', 'a'])
    await house.pass(30)
    await clear('Slow', 'a')
    expect(await story(1)).toMatchObject({ isClosed: false, states: ['FIRING', 'RESOLVED'] })
    await house.pass(30)
    await clear('Full', 'a')
    expect(await story(1)).toMatchObject({
      isClosed: true,
      lines: [
        'It fired.',
        'Full joined it.',
        'Slow cleared; others still fire.',
        'It cleared by itself after 1 min.',
      ],
    })
    expect((await toldOf(1)).slice(-2)).toEqual(['edit', 'recovered'])
    await post(['Slow', 'a'])
    expect((await story(2))?.titles).toEqual(['Slow'])
  })

  test('what joins it and clears before anybody looked leaves it as it is, or ends it with the last', async () => {
    const said = async (name: string, endsAt?: Date) => {
      const labels = { alertname: name, cluster: 'a', severity: 'warning' }
      await house.ask('POST', '/api/v2/alerts', [{ labels, ...(endsAt && { endsAt: endsAt.toISOString() }) }])
    }
    await post(['Slow', 'a'])
    await house.pass(30)
    await said('Full')
    await said('Full', house.clock())
    await house.settle()
    expect(await story(1)).toMatchObject({ isClosed: false, states: ['FIRING', 'RESOLVED'] })
    expect((await story(1))?.lines.slice(1)).toEqual(['Full joined it.', 'Full cleared; others still fire.'])
    await said('Down')
    await said('Down', house.clock())
    await said('Slow', house.clock())
    await house.settle()
    expect(await story(1)).toMatchObject({ isClosed: true })
    expect((await toldOf(1)).at(-1)).toBe('recovered')
  })

  test('it is routed by its worst alert: a rise is told to those it pages, a milder one that joins to all who know', async () => {
    await post(['Slow', 'a'])
    await house.pass(1)
    await post(['Down', 'a', 'critical'])
    await house.pass(1)
    await post(['Full', 'a'])
    expect(await toldOf(1)).toEqual(['first', 'severity-rise', 'severity-rise', 'more', 'more'])
  })

  test('ack and resolve are for all of them or for one', async () => {
    await post(['Slow', 'a'], ['Full', 'a'], ['Down', 'a'])
    const now = house.clock()
    const change = (decide: Parameters<typeof changeIncident>[2]) =>
      changeIncident(house.memory.db, 1, decide, { now })
    await change(resolve(ana, now, null, 2))
    expect((await story(1))?.states).toEqual(['FIRING', 'FIRING', 'RESOLVED'])
    expect((await story(1))?.lines.at(-1)).toMatch(/: Ana resolved it by hand/)
    expect((await change(acknowledge(ana, now, 2))).decision).toMatchObject({ kind: 'refused' })
    expect((await change(acknowledge(ana, now, 7))).decision).toEqual({
      kind: 'refused',
      because: 'There is no #1.7: #1 has 3 alerts.',
    })
    await change(acknowledge(ana, now))
    await change(resolve(ana, now, null))
    expect(await story(1)).toMatchObject({ isClosed: true })
  })

  test('two doors at once put what they hear into one', async () => {
    await Promise.all([house.decide(), house.decide()])
    const body = (name: string) => [{ labels: { alertname: name, cluster: 'a', severity: 'warning' } }]
    await Promise.all(['x', 'y', 'z'].map((name) => house.ask('POST', '/api/v2/alerts', body(name))))
    await Promise.all([house.decide(), house.decide()])
    expect((await story(1))?.titles.toSorted()).toEqual(['x', 'y', 'z'])
  })
})

describe('without incident_by', () => {
  test('each alert is an incident of its own', async () => {
    await route({})
    await post(['Slow', 'a'], ['Full', 'a'])
    expect((await story(1))?.titles).toEqual(['Slow'])
    expect((await story(2))?.titles).toEqual(['Full'])
  })

  test.each<[string, object, string]>([
    ['a window alone', { incident_window: '5m' }, 'route.incident_window'],
    [
      'a cap below the window',
      { incident_by: [], incident_window: '1h', incident_cap: '5m' },
      'route.incident_cap',
    ],
    ['no window at all', { incident_by: [], incident_window: '0s' }, 'route.incident_window'],
    ['a label that is no text', { incident_by: [1] }, 'route.incident_by'],
  ])('%s is refused', async (_what, root, field) => {
    const document = { route: { receiver: 'ops', ...root }, receivers: [{ name: 'ops' }] }
    expect(await house.ask('PUT', '/api/v1/routing', document)).toMatchObject({
      status: 400,
      body: { fields: [{ field: expect.stringContaining(field) }] },
    })
  })
})
