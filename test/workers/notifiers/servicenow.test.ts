import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serviceNowBase, serviceNowSettings } from '#engine/connection/servicenow.ts'
import { type NotifierRig, notifierContract } from '#test/contracts/notifier.ts'
import { aTelling, openedConnection } from '#test/harness/connection-things.ts'
import { after } from '#test/harness/engine-things.ts'
import { type FakeServiceNow, openFakeServiceNow } from '#test/harness/fake-servicenow.ts'
import { type Egress, openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { openDriver } from '#workers/notifiers/connections.ts'

const [username, password] = ['tocsin', 'servicenow-password']

function connectionTo(fake: FakeServiceNow, settings: object = {}) {
  return openedConnection({
    kind: 'servicenow',
    settings: { baseUrl: fake.url, username, ...settings },
    secrets: { password },
  })
}

const seen = { '1': 'open', '2': 'acknowledged', '6': 'resolved', '7': 'resolved' } as const

notifierContract('ServiceNow', { dropsDoubles: true, isLiving: true }, async (): Promise<NotifierRig> => {
  const fake = await openFakeServiceNow(username, password)
  return {
    connection: connectionTo(fake),
    open: openDriver,
    shown: () =>
      fake.incidents.map(({ short_description, state }) => ({
        text: short_description ?? '',
        state: seen[state as keyof typeof seen],
      })),
    complaints: fake.complaints,
    next: fake.next,
    close: fake.close,
  }
})

notifierContract(
  "ServiceNow's events",
  { dropsDoubles: true, isLiving: true },
  async (): Promise<NotifierRig> => {
    const fake = await openFakeServiceNow(username, password)
    return {
      connection: connectionTo(fake, { mode: 'event' }),
      open: openDriver,
      // Event Management folds what has one key into one alert.
      shown: () =>
        [...new Map(fake.events.map((event) => [event.message_key, event])).values()].map((event) => ({
          text: event.description,
          state:
            event.severity === '0'
              ? 'resolved'
              : /"acknowledged"/.test(event.additional_info)
                ? 'acknowledged'
                : 'open',
        })),
      complaints: fake.complaints,
      next: fake.next,
      close: fake.close,
    }
  },
)

describe('ServiceNow', () => {
  let fake: FakeServiceNow
  let egress: Egress

  beforeEach(async () => {
    fake = await openFakeServiceNow(username, password)
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
  const [taken, over] = [
    aTelling({ status: 'acknowledged', reason: 'acknowledged', acknowledgedBy: 'Ana' }),
    aTelling({ status: 'resolved', reason: 'recovered' }),
  ]

  test('opens an incident with what belongs to it', async () => {
    const receipt = await notifier({ assignmentGroup: 'Payments' }).post({}, aTelling(), 'd')
    expect(fake.incidents).toMatchObject([
      {
        short_description: '#7 Card payments are failing',
        correlation_id: 'tocsin-6a1a5f0e-0000-4000-8000-000000000007',
        assignment_group: 'Payments',
        urgency: '1',
        impact: '2',
        state: '1',
      },
    ])
    expect(receipt).toEqual({ sysId: fake.incidents[0]?.sys_id, number: 'INC0000001' })
    expect(fake.incidents[0]).not.toHaveProperty('caller_id')
  })

  test('writes down every turn', async () => {
    const receipt = await notifier().post({}, aTelling(), 'd')
    await notifier().reply(receipt, ['Acknowledged by ', { strong: 'Ana' }, '.'], 'd2', taken)
    expect(fake.incidents[0]?.notes).toEqual(['Acknowledged by Ana.'])
  })

  test('resolves with the code and the notes that this instance wants', async () => {
    const receipt = await notifier().post({}, aTelling(), 'd')
    await notifier({ closeCode: 'Solved (Permanently)', closeNotes: 'Gone.' }).update(receipt, over)
    expect(fake.incidents).toMatchObject([
      { state: '6', close_code: 'Solved (Permanently)', close_notes: expect.stringMatching(/^Gone\. \(#7/) },
    ])
  })

  test('says what may be wrong where it is not let', async () => {
    const receipt = await notifier().post({}, aTelling(), 'd')
    fake.next.push({ status: 200, body: { result: fake.incidents[0] } })
    fake.next.push({ status: 403, body: { error: { message: 'Data Policy Exception' } } })
    const told = notifier().update(receipt, over)
    await expect(told).rejects.toMatchObject({
      retry: 'never',
      fault: 'auth',
      message: expect.stringMatching(/another closeCode/),
    })
  })

  test('opens again what was resolved, and leaves alone what a person set', async () => {
    const receipt = await notifier().post({}, aTelling(), 'd')
    await notifier().update(receipt, over)
    await notifier().update(receipt, aTelling({ reason: 'reopened' }))
    expect(fake.incidents).toMatchObject([{ state: '2' }])
    Object.assign(fake.incidents[0] ?? {}, { state: '3' })
    await notifier().update(receipt, taken)
    expect(fake.incidents).toMatchObject([{ state: '3' }])
  })

  test.each([
    ['closed', () => Object.assign(fake.incidents[0] ?? {}, { state: '7', active: 'false' })],
    ['deleted', () => void fake.incidents.pop()],
  ])('makes a new one when the old one was %s and it fires', async (_, byHand) => {
    const receipt = await notifier().post({}, aTelling(), 'd')
    byHand()
    expect(await notifier().update(receipt, over)).toBeUndefined()
    const fresh = await notifier().update(receipt, aTelling({ reason: 'reopened' }))
    expect(fake.incidents.at(-1)).toMatchObject({ sys_id: fresh?.['sysId'], state: '1', active: 'true' })
  })

  test('sends events that Event Management folds by their key', async () => {
    const events = notifier({ mode: 'event' })
    await events.post({}, aTelling(), 'd')
    await events.update({}, over)
    expect(fake.events).toMatchObject([
      { severity: '1', resolution_state: 'New', time_of_event: '2026-11-21 00:00:00', source: 'Tocsin' },
      { severity: '0', resolution_state: 'Closing' },
    ])
    expect(new Set(fake.events.map(({ message_key }) => message_key)).size).toBe(1)
  })

  test('needs the name of an instance and nothing that could be another host', () => {
    const settings = (instance: string) => serviceNowSettings.safeParse({ instance, username })
    expect(serviceNowBase(settings('acme').data ?? expect.fail())).toBe('https://acme.service-now.com')
    for (const name of ['evil.example/', 'acme.evil.example', 'acme@evil', 'ACME', '', 'https://acme'])
      expect(settings(name).success, name).toBe(false)
    expect(serviceNowSettings.safeParse({ username }).success).toBe(false)
  })
})
