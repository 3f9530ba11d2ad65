import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { opsgenieEndWarning, opsgenieKey, opsgenieSettings } from '#engine/connection/opsgenie.ts'
import { type NotifierRig, notifierContract } from '#test/contracts/notifier.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import { type FakeOpsgenie, openFakeOpsgenie } from '#test/harness/fake-opsgenie.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { opsgenieDriver } from '#workers/notifiers/opsgenie.ts'
import { tellingLess } from '#workers/notifiers/telling-less.ts'

const apiKey = '0f1e2d3c-aaaa-bbbb-cccc-0123456789ab'

function connectionTo(fake: FakeOpsgenie, settings: object = {}) {
  return openedConnection({
    kind: 'opsgenie',
    settings: { baseUrl: fake.url, ...settings },
    secrets: { apiKey },
  })
}

const rigOf = (preset: 'opsgenie-eu' | 'jsm') => async (): Promise<NotifierRig> => {
  const fake = await openFakeOpsgenie(apiKey, { isSuccessor: preset === 'jsm' })
  return {
    connection: connectionTo(fake, { preset }),
    open: tellingLess((connection, outside) => opsgenieDriver(connection, outside, 0)),
    shown: () =>
      fake.alerts.map(({ message, status, acknowledged }) => ({
        text: message,
        state: status === 'closed' ? 'resolved' : acknowledged ? 'acknowledged' : 'open',
      })),
    complaints: fake.complaints,
    next: fake.next,
    close: fake.close,
  }
}

notifierContract('Opsgenie', { dropsDoubles: true, isLiving: true }, rigOf('opsgenie-eu'))
notifierContract('Jira Service Management', { dropsDoubles: true, isLiving: true }, rigOf('jsm'))

describe('Opsgenie', () => {
  let fake: FakeOpsgenie
  let egress: Egress

  beforeEach(async () => {
    fake = await openFakeOpsgenie(apiKey)
    egress = openEgress(['127.0.0.1'], 4)
  })
  afterEach(async () => {
    await egress.close()
    await fake.close()
  })

  const notifier = (settings: object = {}) =>
    opsgenieDriver(
      connectionTo(fake, { preset: 'opsgenie-us', ...settings }),
      openOutside(egress, () => after(0)),
      0,
    )

  test.each([
    ['CRITICAL', 'P1'],
    ['WARNING', 'P3'],
    ['INFO', 'P5'],
  ] as const)('has %s as %s', async (severity, priority) => {
    await notifier().post({}, aTelling({ severity }), 'd')
    expect(fake.alerts).toMatchObject([{ priority, count: 1 }])
  })

  test('follows what gets worse, also after it was acknowledged', async () => {
    await notifier().post({}, aTelling({ severity: 'WARNING' }), 'd')
    await notifier().update({}, aTelling({ status: 'acknowledged', reason: 'acknowledged' }))
    await notifier().update({}, aTelling({ reason: 'severity-rise', title: 'Much worse' }))
    expect(fake.alerts).toMatchObject([
      { priority: 'P1', message: '#7 Much worse', acknowledged: false, count: 2 },
    ])
  })

  test('is open to be taken again when an acknowledgement ends, and not when nothing but its text changes', async () => {
    await notifier().post({}, aTelling(), 'd')
    await notifier().update({}, aTelling({ status: 'acknowledged', reason: 'acknowledged' }))
    await notifier().update({}, aTelling({ reason: 'edit' }))
    expect(fake.alerts).toMatchObject([{ acknowledged: true }])
    await notifier().update({}, aTelling({ reason: 'unacknowledged' }))
    expect(fake.alerts).toMatchObject([{ acknowledged: false, status: 'open' }])
  })

  test('waits for as long as it names in its own way', async () => {
    fake.next.push({ status: 429, headers: { 'x-ratelimit-period-in-sec': '60' } })
    const told = notifier().post({}, aTelling(), 'd')
    await expect(told).rejects.toMatchObject({ retry: 'later', afterMs: 60_000 })
  })

  test('keeps a note of every turn, by the name of who did it', async () => {
    await notifier().post({}, aTelling(), 'd')
    const taken = aTelling({ status: 'acknowledged', reason: 'acknowledged', acknowledgedBy: 'Ana' })
    await notifier().reply({}, ['Still failing.'], 'd2', aTelling({ reason: 'reminder' }))
    await notifier().update({}, taken)
    await notifier().reply({}, ['Acknowledged by Ana.'], 'd3', taken)
    expect(fake.alerts[0]?.notes).toEqual(['Still failing.', '#7 was acknowledged by Ana.'])
  })

  test('says yes and then no: that is a refusal', async () => {
    fake.refusesAfterwards = true
    const error: unknown = await notifier()
      .post({}, aTelling(), 'd')
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ retry: 'never', message: expect.stringMatching(/responders and tags/) })
  })

  test('opens another alert when what was closed begins again', async () => {
    await notifier().post({}, aTelling(), 'd')
    await notifier().update({}, aTelling({ status: 'resolved' }))
    await notifier().update({}, aTelling({ reason: 'reopened' }))
    expect(fake.alerts.map(({ status }) => status)).toEqual(['closed', 'open'])
  })
})

describe('what is entered for Opsgenie', () => {
  test('is a key, or the address that has it in it', () => {
    expect(opsgenieKey(apiKey)).toBe(apiKey)
    expect(opsgenieKey(`https://api.opsgenie.com/v1/json/prometheus?apiKey=${apiKey}`)).toBe(apiKey)
    expect(opsgenieKey('not a key')).toBeUndefined()
  })

  test.each([
    ['opsgenie-us', '2027-03-26T12:00:00Z', /ends in 10 days .*Jira Service Management/],
    ['opsgenie-eu', '2027-04-04T12:00:00Z', /ends in 1 day /],
    ['opsgenie-us', '2027-04-05T00:00:00Z', /has ended/],
  ])('with %s on %s is warned of', (preset, day, words) => {
    expect(opsgenieEndWarning(opsgenieSettings.parse({ preset }), new Date(day))).toMatch(words)
  })

  test('for its successor is nothing to warn of', () => {
    expect(opsgenieEndWarning(opsgenieSettings.parse({}), after(0))).toBeUndefined()
  })
})
