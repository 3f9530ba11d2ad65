import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NotifierRig, notifierContract } from '#test/contracts/notifier.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import { type FakePagerDuty, openFakePagerDuty } from '#test/harness/fake-pagerduty.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { openDriver } from '#workers/notifiers/connections.ts'

const routingKey = '0123456789abcdef0123456789abcdef'

function connectionTo(fake: FakePagerDuty, settings: object = {}) {
  return openedConnection({
    kind: 'pagerduty',
    settings: { baseUrl: fake.url, ...settings },
    secrets: { routingKey },
  })
}

async function rig(): Promise<NotifierRig> {
  // Its minute is long enough for the hostile texts, one after the other.
  let asked = 0
  const fake = await openFakePagerDuty(routingKey, () => after((asked += 1)))
  const state = { triggered: 'open', acknowledged: 'acknowledged', resolved: 'resolved' } as const
  return {
    connection: connectionTo(fake),
    open: openDriver,
    shown: () => fake.alerts.map(({ summary, status }) => ({ text: summary, state: state[status] })),
    complaints: fake.complaints,
    next: fake.next,
    close: fake.close,
  }
}

notifierContract('PagerDuty', { dropsDoubles: true, isLiving: true }, rig)

describe('PagerDuty', () => {
  let fake: FakePagerDuty
  let egress: Egress

  beforeEach(async () => {
    fake = await openFakePagerDuty(routingKey, () => after(0))
    egress = openEgress(['127.0.0.1'], 4)
  })
  afterEach(async () => {
    await egress.close()
    await fake.close()
  })

  const notifier = (settings: object = {}) =>
    openDriver(
      connectionTo(fake, settings),
      openOutside(egress, () => after(0)),
    )

  test.each([
    ['CRITICAL', {}, 'critical'],
    ['WARNING', {}, 'warning'],
    ['INFO', { leastSeverity: 'INFO' }, 'info'],
    ['CRITICAL', { severities: { CRITICAL: 'error' } }, 'error'],
  ] as const)('calls %s with %j %s', async (severity, settings, theirs) => {
    await notifier(settings).post({}, aTelling({ severity }), 'd')
    expect(fake.alerts).toMatchObject([
      { severity: theirs, key: 'tocsin-6a1a5f0e-0000-4000-8000-000000000007' },
    ])
  })

  test('hears no information, until it is more than that', async () => {
    const receipt = await notifier().post({}, aTelling({ severity: 'INFO' }), 'd')
    expect(
      await notifier().update(receipt, aTelling({ severity: 'INFO', status: 'acknowledged' })),
    ).toBeUndefined()
    expect(fake.log).toEqual([])
    const known = await notifier().update(receipt, aTelling({ severity: 'WARNING' }))
    expect(fake.alerts).toMatchObject([{ status: 'triggered' }])
    await notifier().update(known ?? {}, aTelling({ severity: 'INFO', status: 'resolved' }))
    expect(fake.alerts).toMatchObject([{ status: 'resolved' }])
  })

  test('sees information beside its incidents where that is wanted, and calls nobody', async () => {
    const told = notifier({ changeEvents: true })
    const receipt = await told.post({}, aTelling({ severity: 'INFO' }), 'd')
    await told.update(receipt, aTelling({ severity: 'INFO', status: 'resolved' }))
    expect(fake.changes).toEqual([expect.stringContaining('#7 Card payments are failing')])
    expect(fake.alerts).toEqual([])
    const known = await told.update(receipt, aTelling({ severity: 'CRITICAL' }))
    expect(known).toEqual({ told: 'yes' })
    expect(fake.alerts).toMatchObject([{ status: 'triggered' }])
    expect(fake.complaints).toEqual([])
  })

  test('says where to find the right key where it does not know this one', async () => {
    const wrong = { ...connectionTo(fake), secrets: { routingKey: 'f'.repeat(32) } }
    const outside = openOutside(egress, () => after(0))
    await expect(openDriver(wrong, outside).post({}, aTelling(), 'd')).rejects.toMatchObject({
      retry: 'never',
      fault: 'auth',
      message: expect.stringMatching(/integration key: copy it anew/),
    })
    expect(fake.log).toEqual(['POST /v2/enqueue 400'])
  })

  test('opens another incident when what was over begins again', async () => {
    const receipt = await notifier().post({}, aTelling(), 'd')
    await notifier().update(receipt, aTelling({ status: 'resolved' }))
    await notifier().update(receipt, aTelling({ reason: 'reopened' }))
    expect(fake.alerts.map(({ status }) => status)).toEqual(['resolved', 'triggered'])
  })

  test('hears of what is over before it heard that it began, and keeps no orphan', async () => {
    await notifier().post({}, aTelling({ status: 'resolved' }), 'd')
    expect(fake.alerts).toEqual([])
    expect(fake.dropped).toBe(1)
  })

  test('is told without details where they are too much for it', async () => {
    fake.mostBytes = 900
    await notifier().post({}, aTelling({ labels: { long: 'x'.repeat(2000) } }), 'd')
    expect(fake.alerts).toMatchObject([
      { details: undefined, summary: expect.stringMatching(/details left out/) },
    ])
    expect(fake.log).toEqual(['POST /v2/enqueue 400', 'POST /v2/enqueue 202'])
  })

  test('is never sent more than it takes', async () => {
    const alert = aTelling().subject
    const labels = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`l${at}`, 'y'.repeat(10_000)]))
    await notifier().post({}, aTelling({ labels, summary: alert?.title ?? '' }), 'd')
    expect(fake.alerts).toMatchObject([{ details: undefined }])
    expect(fake.log).toEqual(['POST /v2/enqueue 202'])
  })

  test('takes 120 events a minute, and says so', async () => {
    const said = Array.from({ length: 121 }, (_, at) =>
      notifier().post({}, aTelling({ key: `k${at}` }), `d${at}`),
    )
    const refused = (await Promise.allSettled(said)).filter(({ status }) => status === 'rejected')
    expect(refused).toMatchObject([{ reason: { retry: 'later', fault: 'rate-limited' } }])
  })
})
