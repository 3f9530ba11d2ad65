import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { notifierContract } from '#test/contracts/notifier.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import { openAlertLog } from '#workers/notifiers/alert-log.ts'
import { openDriver } from '#workers/notifiers/connections.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'
import type { Outside } from '#workers/egress/outside.ts'

const nowhere: Outside = {
  request: () => Promise.reject(new Error('a log file asks nobody')),
  socketTo: () => Promise.reject(new Error('a log file asks nobody')),
  mail: {
    send: () => Promise.reject(new Error('a log file asks nobody')),
    close: () => undefined,
  },
  clock: () => after(60),
}

const connection = (settings: object = {}) => openedConnection({ kind: 'log-file', settings })

interface Entry {
  readonly title: string
  readonly summary: string
  readonly id: string
}

async function entriesOf(path: string): Promise<Entry[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Entry)
}

notifierContract('Log file', { dropsDoubles: false, isLiving: false, speaksHttp: false }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-log-'))
  let shown: { text: string }[] = []
  const open = (...[one, outside]: Parameters<typeof openDriver>): Notifier => {
    const notifier = openDriver(one, { ...outside, alertLog: openAlertLog(folder) })
    const look = async () => {
      const entries = await entriesOf(join(folder, 'alerts.log'))
      shown = entries.map(({ title, summary }) => ({ text: `${title}: ${summary}` }))
    }
    return {
      ...notifier,
      post: async (...told) => {
        const receipt = await notifier.post(...told)
        await look()
        return receipt
      },
      reply: async (...told) => {
        await notifier.reply(...told)
        await look()
      },
    }
  }
  return {
    connection: connection(),
    open,
    shown: () => shown,
    complaints: [],
    close: () => rm(folder, { recursive: true }),
  }
})

describe('a log file', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-log-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const notifier = (settings: object = {}) =>
    openDriver(connection(settings), { ...nowhere, alertLog: openAlertLog(join(folder, 'alerts')) })
  const path = (name = 'alerts.log') => join(folder, 'alerts', name)

  test('holds a line of JSON for every turn, and nobody else may read it', async () => {
    await notifier().post({}, aTelling(), 'd1')
    await notifier().reply({}, ['Cleared.'], 'd2', aTelling({ status: 'resolved', reason: 'recovered' }))
    expect(await entriesOf(path())).toMatchObject([
      {
        ts: after(60).toISOString(),
        id: 'd1',
        event: 'opened',
        key: 'tocsin-6a1a5f0e-0000-4000-8000-000000000007',
        severity: 'CRITICAL',
        environment: 'prod',
        source: 'payment-service',
        labels: { app: 'payment-service' },
        link: 'https://alerts.example.com/#show=7',
      },
      { id: 'd2', event: 'resolved', reason: 'recovered', summary: 'Cleared.' },
    ])
    expect((await stat(path())).mode & 0o777).toBe(0o640)
  })

  test('has whole lines when many are written at once', async () => {
    const one = notifier()
    const ids = Array.from({ length: 50 }, (_, at) => `d${at}`)
    await Promise.all(ids.map((id) => one.post({}, aTelling(), id)))
    expect((await entriesOf(path())).map(({ id }) => id)).toEqual(ids)
  })

  test('is moved on by its size, keeps so many and forgets the oldest', async () => {
    const one = notifier({ maxSizeMb: 0.01, maxFiles: 3 })
    for (let at = 0; at < 12; at += 1) await one.post({}, aTelling({ summary: 'x'.repeat(3500) }), `d${at}`)
    expect((await readdir(join(folder, 'alerts'))).sort()).toEqual([
      'alerts.log',
      'alerts.log.1',
      'alerts.log.2',
    ])
    const all = [path('alerts.log.2'), path('alerts.log.1'), path()].map(entriesOf)
    expect((await Promise.all(all)).flat().map(({ id }) => id)).toEqual(
      Array.from({ length: 6 }, (_, at) => `d${at + 6}`),
    )
    expect((await stat(path('alerts.log.1'))).size).toBeLessThanOrEqual(10_000)
  })

  test('that is moved away by somebody else begins anew', async () => {
    const one = notifier()
    await one.post({}, aTelling(), 'd1')
    await rename(path(), path('yesterday'))
    await one.post({}, aTelling(), 'd2')
    expect(await entriesOf(path('yesterday'))).toHaveLength(1)
    expect(await entriesOf(path())).toMatchObject([{ id: 'd2' }])
  })

  test('is not written where nobody said where', async () => {
    const told = openDriver(connection(), nowhere).post({}, aTelling(), 'd')
    await expect(told).rejects.toMatchObject({
      retry: 'never',
      message: expect.stringMatching(/TOCSIN_ALERT_LOG_DIR/),
    })
  })
})
