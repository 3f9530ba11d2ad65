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
