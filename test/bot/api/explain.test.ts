import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { explainFromAfar } from '#bot/cli/explain.ts'
import { tokenFromAfar } from '#bot/cli/token.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { startTellingHouse, type TellingHouse } from '#test/harness/telling-house.ts'

let house: TellingHouse

const chat = (name: string) => ({ surface: 'slack', key: name, name, address: { channel: name } }) as const

beforeEach(async () => {
  house = await startTellingHouse(new Date('2026-01-31T10:00:00Z'))
  for (const name of ['#ops', '#db']) await rememberDestination(house.memory.db, chat(name))
})
afterEach(() => house.close())

const routing = {
  route: {
    receiver: 'ops',
    routes: [{ matchers: ['team="db"'], receiver: 'dba', mute_time_intervals: ['weekends'] }],
  },
  receivers: [
    { name: 'ops', chats: ['#ops'] },
    { name: 'dba', chats: ['#db'], webhook_configs: [{ url: 'https://hooks.example.org/secret' }] },
  ],
  time_intervals: [{ name: 'weekends', time_intervals: [{ weekdays: ['saturday', 'sunday'] }] }],
}

const suppose = (body: unknown) => house.ask('POST', '/api/v1/routing/explain', body)

describe('who would hear of something that has not happened', () => {
  test('without a routing: every chat', async () => {
    const { status, body } = await suppose({ entity: 'db-1', check: 'disk' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      about: 'db-1:disk',
      severity: 'critical',
      seen: false,
      routes: null,
      chats: { told: ['#db', '#ops'], untold: [] },
    })
  })

  test('by a routing: whom its route names, what keeps it quiet, and who does not hear', async () => {
    await house.ask('PUT', '/api/v1/routing', routing)
    const { body } = await suppose({ entity: 'db-1', labels: { team: 'db' } })
    expect(body).toMatchObject({
      routes: [{ matchers: ['team="db"'], receiver: 'dba', webhooks: 1, quietBy: ['weekends'] }],
      chats: { told: ['#db'], untold: ['#ops'] },
    })
    expect(JSON.stringify(body)).not.toContain('secret')
  })

  test('also by its category and severity, which it has without saying so', async () => {
    await house.ask('PUT', '/api/v1/routing', routing)
    await house.ask('PUT', '/api/v1/routing/matrix/service-checks/warning', {
      override: true,
      receivers: ['#db'],
    })
    const heard = async (severity: string) => (await suppose({ entity: 'web-1', severity })).body
    expect(await heard('warning')).toMatchObject({ chats: { told: ['#db'] } })
    expect(await heard('critical')).toMatchObject({ chats: { told: ['#ops'] } })
  })

  test.each<[string, unknown, string]>([
    ['nothing', null, 'body'],
    ['no entity', {}, 'entity'],
    ['a severity nobody knows', { entity: 'x', severity: 'bad' }, 'severity'],
    ['labels that are no text', { entity: 'x', labels: { a: 1 } }, 'labels.a'],
  ])('%s is refused', async (_what, body, field) => {
    expect(await suppose(body)).toMatchObject({ status: 400, body: { fields: [{ field }] } })
  })
})

describe('who hears of an alert', () => {
  const post = () =>
    house.ask('POST', '/api/v2/alerts', [{ labels: { alertname: 'Slow', team: 'db', severity: 'critical' } }])

  test('by its number, with what keeps it quiet', async () => {
    await house.ask('PUT', '/api/v1/routing', routing)
    await post()
    await house.settle()
    const silence = {
      matchers: [{ name: 'team', value: 'db', isRegex: false }],
      startsAt: '2026-01-31T10:00:00Z',
      endsAt: '2026-01-31T12:00:00Z',
      createdBy: 'ana',
      comment: 'moving racks',
    }
    expect((await house.ask('POST', '/api/v2/silences', silence)).status).toBe(200)
    expect((await house.ask('GET', '/api/v1/alerts/1/explain')).body).toMatchObject({
      about: '#1 Slow',
      severity: 'critical',
      seen: true,
      quiet: ['The chats are silenced until 2026-01-31 12:00 UTC.'],
      routes: [{ receiver: 'dba' }],
      chats: { told: ['#db'], untold: ['#ops'] },
    })
  })

  test('of one that is over, as bad as it was', async () => {
    const disk = { type: 'service', entity: 'db-1', check: 'disk', initial_failure_delay: 0 }
    for (const state of ['warning', 'ok']) {
      await house.ask('POST', '/api/v1/events', { ...disk, state })
      await house.settle()
    }
    expect((await house.ask('GET', '/api/v1/alerts/1/explain')).body).toMatchObject({ severity: 'warning' })
  })

  test('of one that is not there it says so', async () => {
    expect(await house.ask('GET', '/api/v1/alerts/77/explain')).toMatchObject({ status: 404 })
    expect(await house.ask('GET', '/api/v1/alerts/x/explain')).toMatchObject({ status: 400 })
  })
})

test('the command line asks the house that runs', async () => {
  await house.ask('PUT', '/api/v1/routing', routing)
  const place = { PUBLIC_URL: house.url, TOCSIN_TOKEN: undefined, host: '', port: 0 }
  expect(await explainFromAfar('db-1:disk', place)).toBe(
    'db-1:disk, being critical\n  receiver ops: the first route\n  chats told: #ops\n  chats not told: #db',
  )
  await expect(explainFromAfar('77', place)).rejects.toThrow('There is no alert #77.')
  await expect(explainFromAfar('77', { ...place, PUBLIC_URL: 'http://127.0.0.1:9' })).rejects.toThrow(
    'no house answers at http://127.0.0.1:9',
  )
})

test('the command line makes, lists and revokes tokens', async () => {
  const place = { PUBLIC_URL: house.url, TOCSIN_TOKEN: undefined, host: '', port: 0 }
  expect(await tokenFromAfar(['list'], place)).toBe('There are no tokens besides TOCSIN_TOKEN.')
  const [token = ''] = (await tokenFromAfar(['add', 'ci', 'viewer', 'prod'], place)).split('\n')
  expect(await tokenFromAfar(['list'], place)).toMatch(/^ci: VIEWER in prod, made \d{4}-\d\d-\d\d by api$/)
  const asCi = { ...place, TOCSIN_TOKEN: token }
  await expect(tokenFromAfar(['list'], asCi)).rejects.toThrow('This needs the role ADMIN')
  await expect(tokenFromAfar(['add', 'x', 'KING'], place)).rejects.toThrow('cannot be read')
  expect(await tokenFromAfar(['revoke', 'ci'], place)).toBe('ci opens nothing any more.')
  await expect(tokenFromAfar(['revoke', 'ci'], place)).rejects.toThrow('there is no token called "ci"')
  await expect(tokenFromAfar(['burn'], place)).rejects.toThrow('token list, token add')
})
