import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fingerprint } from '#engine/fingerprint.ts'
import { badBodies } from '#test/harness/bad-bodies.ts'
import { startTellingHouse, type TellingHouse } from '#test/harness/telling-house.ts'

let house: TellingHouse

beforeEach(async () => {
  // A Saturday.
  house = await startTellingHouse(new Date('2026-01-31T10:00:00Z'))
})
afterEach(() => house.close())

const path = '/api/v1/routing'
const hook = (name: string) => ({ name, webhook_configs: [{ url: `https://hooks.example.org/${name}` }] })

const routing = {
  route: {
    receiver: 'ops',
    group_by: ['alertname'],
    routes: [
      { matchers: ['team="db"'], receiver: 'dba', group_by: ['cluster'], continue: true },
      { matchers: ['team="db"'], receiver: 'desk' },
      { matchers: ['team="web"'], receiver: 'web', mute_time_intervals: ['weekends', 'nights'] },
    ],
  },
  receivers: ['ops', 'dba', 'desk', 'web'].map(hook),
  time_intervals: [
    { name: 'weekends', time_intervals: [{ weekdays: ['saturday', 'sunday'] }] },
    { name: 'nights', time_intervals: [{ times: [{ start_time: '00:00', end_time: '06:00' }] }] },
  ],
}

const alerts = [
  { labels: { alertname: 'Slow', team: 'db', cluster: 'a', host: '1' } },
  { labels: { alertname: 'Down', team: 'db', cluster: 'a', host: '2' } },
  { labels: { alertname: 'Slow', team: 'web' } },
  { labels: { alertname: 'Slow' } },
]

interface ShownGroup {
  readonly labels: object
  readonly receiver: { readonly name: string }
  readonly alerts: readonly { readonly labels: object; readonly status: object }[]
}

const get = async (where: string) => (await house.ask('GET', where)).body

async function post(): Promise<void> {
  expect((await house.ask('PUT', path, routing)).status).toBe(200)
  expect((await house.ask('POST', '/api/v2/alerts', alerts)).status).toBe(200)
}

describe("Alertmanager's clients see the routing", () => {
  test.each<[string, () => Promise<void>]>([
    ['while what was accepted still waits', async () => undefined],
    ['once it is decided', () => house.settle()],
  ])('in who hears of an alert, %s', async (_when, meanwhile) => {
    await post()
    await meanwhile()
    const shown = (await get('/api/v2/alerts')) as { fingerprint: string; receivers: { name: string }[] }[]
    const receiversOf = (index: number) =>
      shown.find((one) => one.fingerprint === fingerprint(alerts[index]?.labels ?? {}))?.receivers
    expect(receiversOf(0)).toEqual([{ name: 'dba' }, { name: 'desk' }])
    expect(receiversOf(2)).toEqual([{ name: 'web' }])
    expect(receiversOf(3)).toEqual([{ name: 'ops' }])
    expect(await get('/api/v2/alerts?receiver=d.*')).toHaveLength(2)
    expect(await get('/api/v2/alerts?receiver=ops')).toHaveLength(1)
  })

  test('in the groups, and in what keeps them quiet', async () => {
    await post()
    const groups = (await get('/api/v2/alerts/groups')) as ShownGroup[]
    expect(groups.map(({ labels, receiver, alerts: some }) => [labels, receiver.name, some.length])).toEqual([
      [{ cluster: 'a' }, 'dba', 2],
      [{ alertname: 'Down' }, 'desk', 1],
      [{ alertname: 'Slow' }, 'desk', 1],
      [{ alertname: 'Slow' }, 'ops', 1],
      [{ alertname: 'Slow' }, 'web', 1],
    ])
    const web = groups.find(({ receiver }) => receiver.name === 'web')
    expect(web?.alerts[0]?.status).toMatchObject({ state: 'suppressed', mutedBy: ['weekends'] })
    const ops = groups.find(({ receiver }) => receiver.name === 'ops')
    expect(ops?.alerts[0]?.status).toMatchObject({ state: 'active', mutedBy: [] })
    expect(await get('/api/v2/alerts/groups?muted=false')).toHaveLength(4)
    expect(await get('/api/v2/alerts/groups?receiver=dba')).toMatchObject([{ labels: { cluster: 'a' } }])
    expect(await get('/api/v2/alerts/groups?filter=host="1"')).toMatchObject([
      { receiver: { name: 'dba' }, alerts: [{ labels: { host: '1' } }] },
      { receiver: { name: 'desk' } },
    ])
  })

  test('in the receivers, and in a configuration without secrets', async () => {
    await post()
    expect(await get('/api/v2/receivers')).toEqual(
      routing.receivers.map(({ name }) => ({ name, labels: {} })),
    )
    const { config } = (await get('/api/v2/status')) as { config: { original: string } }
    expect(config.original).toContain('- url: "https://hooks.example.org/<secret>"')
    expect(config.original).not.toContain('hooks.example.org/dba')
  })

  test('and the chats again, once it is removed', async () => {
    await post()
    expect((await house.ask('DELETE', path)).status).toBe(204)
    expect(await get('/api/v2/receivers')).toEqual([])
    expect((await house.ask('GET', path)).status).toBe(404)
    expect((await house.ask('DELETE', path)).status).toBe(404)
  })
})

describe('the routing is written', () => {
  test('and read as it was, but for what is secret', async () => {
    const put = await house.ask('PUT', path, routing)
    expect(put.body).toEqual(await get(path))
    const [first] = routing.receivers
    const shown = { ...first, webhook_configs: [{ url: 'https://hooks.example.org/<secret>' }] }
    expect(put.body).toMatchObject({ route: routing.route, time_intervals: routing.time_intervals })
    expect(put.body).toMatchObject({ receivers: [shown, {}, {}, {}] })
  })

  test('whole or not at all: one that cannot work leaves the old one', async () => {
    await house.ask('PUT', path, routing)
    const refused = await house.ask('PUT', path, { ...routing, route: { receiver: 'nobody' } })
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({ fields: [{ field: 'route.receiver' }] })
    expect(await get(path)).toMatchObject({ route: { receiver: 'ops' } })
  })

  test.each(badBodies)('not from %s', async (_what, body, status) => {
    expect((await house.ask('PUT', path, body)).status).toBe(status)
    expect((await house.ask('GET', path)).status).toBe(404)
  })

  test('nor from routes in routes in routes', async () => {
    const deep = `{"receivers":[{"name":"a"}],"route":${'{"receiver":"a","routes":['.repeat(49)}{}${']}'.repeat(49)}}`
    expect((await house.ask('PUT', path, deep)).status).toBe(200)
    const deeper = deep.replace('{}', '{"routes":[{"routes":[{}]}]}')
    expect((await house.ask('PUT', path, deeper)).status).toBe(400)
  })
})
