import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTellingHouse, type TellingHouse } from '#test/harness/telling-house.ts'
import { openWebhookReceiver, type WebhookReceiver } from '#test/harness/webhook-receiver.ts'

let house: TellingHouse
let dba: WebhookReceiver
let ops: WebhookReceiver

beforeEach(async () => {
  house = await startTellingHouse(new Date('2026-01-31T10:00:00Z'))
  dba = await openWebhookReceiver()
  ops = await openWebhookReceiver()
  const receivers = Object.entries({ ops, dba }).map(([name, { url }]) => ({
    name,
    webhook_configs: [{ url }],
  }))
  const route = { receiver: 'ops', group_by: ['...'], group_wait: '0s' }
  expect((await house.ask('PUT', '/api/v1/routing', { route, receivers })).status).toBe(200)
})
afterEach(async () => {
  await house.close()
  await dba.close()
  await ops.close()
})

const path = '/api/v1/routing/matrix'

const notice = async (type: string) => {
  const body = { type, source: 'orders-cluster', component: `node-${type}` }
  expect((await house.ask('POST', '/api/v1/notices', body)).status).toBe(200)
  await house.settle()
}

const heardBy = (receiver: WebhookReceiver) =>
  receiver.attempts.flatMap(({ body }) => body.alerts.map(({ labels }) => labels['type']))

describe('the matrix of categories and severities', () => {
  test('decides who hears of a notice', async () => {
    const cell = { override: true, receivers: ['dba'] }
    const changed = await house.ask('PUT', path, {
      rows: { backups: { error: cell, warning: { override: true, receivers: [] } } },
    })
    expect(changed.status).toBe(200)
    await notice('backup-remote-provider-error')
    await notice('backup-create-failed')
    await notice('repair-segment-failed')
    expect(heardBy(dba)).toEqual(['backup-remote-provider-error'])
    expect(heardBy(ops)).toEqual(['repair-segment-failed'])
  })

  test('is shown with what each cell comes to, and where that comes from', async () => {
    await house.ask('PUT', `${path}/global/error`, { override: true, receivers: ['ops', 'dba'] })
    const { status, body } = await house.ask('PUT', `${path}/repairs/error`, {
      override: true,
      receivers: [],
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      otherRoutes: 0,
      receivers: expect.arrayContaining(['ops', 'dba']),
      rows: {
        global: { error: { override: true, hears: ['ops', 'dba'], from: 'global' } },
        nodes: { error: { override: false, hears: ['ops', 'dba'], from: 'global' } },
        repairs: {
          error: { override: true, hears: [], from: 'repairs' },
          info: { override: false, hears: ['ops'], from: 'first-route' },
        },
      },
    })
    expect((await house.ask('GET', path)).body).toEqual(body)
    const routing = (await house.ask('GET', '/api/v1/routing')).body as { route: { routes: object[] } }
    expect(routing.route.routes).toContainEqual({
      matchers: ['tocsin_severity="CRITICAL"'],
      routes: [
        { receiver: 'ops', continue: true },
        { receiver: 'dba', continue: true },
      ],
    })
  })

  test.each<[string, string, unknown, string]>([
    ['a row nobody knows', path, { rows: { backup: {} } }, 'rows'],
    ['a severity nobody knows', path, { rows: { backups: { critical: {} } } }, 'rows.backups'],
    [
      'a receiver nobody knows',
      `${path}/backups/error`,
      { override: true, receivers: ['dbo'] },
      'backups.error.receivers.0',
    ],
    ['a cell without its list', `${path}/backups/error`, { override: true }, 'receivers'],
    ['nothing', path, null, 'body'],
  ])('refuses %s', async (_what, where, body, field) => {
    const refused = await house.ask('PUT', where, body)
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({ fields: [{ field: expect.stringContaining(field) }] })
  })

  test('two who change it at once both get what they asked for, or are told', async () => {
    const change = (row: string) =>
      house.ask('PUT', `${path}/${row}/info`, { override: true, receivers: ['dba'] })
    const answers = await Promise.all([change('nodes'), change('repairs')])
    const { body } = await house.ask('GET', path)
    const { rows } = body as { rows: Record<string, { info: { override: boolean } }> }
    for (const [index, row] of ['nodes', 'repairs'].entries())
      expect(rows[row]?.info.override).toBe(answers[index]?.status === 200)
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
  })
})
