import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { requires } from '#test/harness/requires.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

const amtool = requires('amtool')
let house: ServedHouse

beforeAll(async () => {
  if ('path' in amtool) house = await serveHouse({ movable: false })
})
afterAll(() => house?.close())

/** What it prints; it fails by itself on any answer it does not understand. */
async function run(...words: readonly string[]): Promise<string> {
  if ('missing' in amtool) throw new Error(amtool.missing)
  const { stdout } = await promisify(execFile)(amtool.path, [`--alertmanager.url=${house.url}`, ...words])
  return stdout.trim()
}

const queryAlerts = async (...words: readonly string[]) =>
  JSON.parse(await run('alert', 'query', '--output=json', ...words)) as { labels: Record<string, string> }[]

const querySilences = async (...words: readonly string[]) =>
  JSON.parse(await run('silence', 'query', '--output=json', ...words)) as {
    id: string
    comment: string
    endsAt: string
    status: { state: string }
  }[]

const toldOf = async (name: string) => {
  await house.settled()
  const alerts = (await house.localMessages()).filter(({ message }) => message.headline.startsWith('#'))
  return alerts.filter((row) => JSON.stringify(row.message).includes(name))
}

test('amtool adds an alert, and the chat tells it', async (context) => {
  if ('missing' in amtool) return context.skip(amtool.missing)
  await run(
    'alert',
    'add',
    'alertname=DiskFull',
    'severity=critical',
    'instance=db-1',
    '--annotation=summary=No space left',
  )
  expect(await queryAlerts()).toMatchObject([{ labels: { alertname: 'DiskFull', instance: 'db-1' } }])
  expect(await queryAlerts('alertname=~Disk.*', 'severity!=warning')).toHaveLength(1)
  expect(await queryAlerts('severity=warning')).toEqual([])
  const [told] = await eventually('the message', async () => {
    const rows = await toldOf('DiskFull')
    return rows.length > 0 && rows
  })
  expect(told?.message.tone).toBe('critical')
  expect(JSON.stringify(told?.message)).toContain('No space left')
})

test('amtool silences, finds, changes and expires', async (context) => {
  if ('missing' in amtool) return context.skip(amtool.missing)
  const id = await run(
    'silence',
    'add',
    'alertname=Noisy',
    '--author=ada',
    '--comment=Moving racks',
    '--duration=1h',
  )
  expect(id).toMatch(/^[\da-f-]{36}$/)
  await run('alert', 'add', 'alertname=Noisy', 'severity=critical')
  expect(await queryAlerts('alertname=Noisy')).toEqual([])
  expect(await queryAlerts('--silenced', 'alertname=Noisy')).toHaveLength(1)
  expect(await toldOf('Noisy')).toEqual([])
  expect(await querySilences('alertname=Noisy')).toMatchObject([
    { id, comment: 'Moving racks', status: { state: 'active' } },
  ])

  await run('silence', 'update', id, '--comment=Still moving', '--duration=2h')
  expect(await querySilences('alertname=Noisy')).toMatchObject([{ id, comment: 'Still moving' }])

  await run('silence', 'expire', id)
  expect(await querySilences('alertname=Noisy')).toEqual([])
  expect(await querySilences('--expired', 'alertname=Noisy')).toMatchObject([
    { status: { state: 'expired' } },
  ])
  await eventually('the message that was kept back', async () => (await toldOf('Noisy')).length === 1)
})

test('amtool shows the configuration and finds its way in it', async (context) => {
  if ('missing' in amtool) return context.skip(amtool.missing)
  expect(await run('config', 'show')).toContain('- name: "Local chat"')
  expect(await run('config', 'routes', 'show')).toContain('receiver: Local chat')
  expect(await run('config', 'routes', 'test', 'severity=critical')).toBe('Local chat')
})

test('amtool reads what keeps alerts quiet beside the routes', async (context) => {
  if ('missing' in amtool) return context.skip(amtool.missing)
  const made = await house.post('/api/v1/inhibitions', {
    name: 'Racks: "cause"\n# of hosts',
    source: ['kind="rack"', 'severity=~"critical|warning"'],
    target: ['kind="host"'],
    equal: ['rack'],
  })
  expect(made.status).toBe(201)
  const shown = await run('config', 'show')
  expect(shown).toContain(`  # "Racks: \\"cause\\"\\n# of hosts"
  - source_matchers: ["kind=\\"rack\\"","severity=~\\"critical|warning\\""]
    target_matchers: ["kind=\\"host\\""]
    equal: ["rack"]`)
  expect(await run('config', 'routes', 'show')).toContain('receiver: Local chat')
})

test('amtool reads the routing, and nothing secret in it', async (context) => {
  if ('missing' in amtool) return context.skip(amtool.missing)
  const routing = {
    global: { resolve_timeout: '1m' },
    route: {
      receiver: 'ops',
      group_by: ['alertname', 'cluster'],
      group_wait: '0',
      repeat_interval: '1d12h',
      routes: [
        { matchers: ['team="db"', 'severity=~"critical|warning"'], receiver: 'dba', continue: true },
        {
          matchers: ['team=~"d.*"'],
          mute_time_intervals: ['nights'],
          group_by: ['...'],
          routes: [
            { matchers: ['severity!=info'], receiver: 'desk', active_time_intervals: ['office hours'] },
          ],
        },
      ],
    },
    receivers: [
      { name: 'ops', chats: 'all' },
      {
        name: 'dba',
        webhook_configs: [
          { url: 'https://key:word@hooks.example.org/T0/secret', max_alerts: 5, timeout: '2s' },
          { url: 'http://10.1.2.3:8080/?token=secret', send_resolved: false },
        ],
      },
      { name: 'desk', webhook_configs: [] },
    ],
    time_intervals: [
      { name: 'nights', time_intervals: [{ times: [{ start_time: '22:00', end_time: '24:00' }] }] },
      {
        name: 'office hours',
        time_intervals: [
          {
            weekdays: ['monday:friday'],
            months: ['1:6', 'december'],
            days_of_month: ['1:-2'],
            years: [2026, '2027:2030'],
            location: 'Europe/Berlin',
          },
        ],
      },
    ],
  }
  expect((await house.put('/api/v1/routing', routing)).status).toBe(200)
  expect(await run('config', 'routes', 'show')).toContain('{severity=~"critical|warning",team="db"}')
  const test = (...labels: readonly string[]) => run('config', 'routes', 'test', ...labels)
  expect(await test('team=db', 'severity=critical')).toBe('dba,desk')
  expect(await test('team=db', 'severity=info')).toBe('ops')
  expect(await test('team=web')).toBe('ops')
  const shown = await run('config', 'show')
  expect(shown).toContain('https://hooks.example.org/<secret>')
  expect(shown).not.toMatch(/key|word|T0|token/)
  expect((await house.remove('/api/v1/routing')).status).toBe(204)
  expect(await test('team=web')).toBe('Local chat')
})
