import { afterEach, beforeEach, expect, test } from 'vitest'
import { notifications } from '#db/schema/notifications.ts'
import { vendorPaces } from '#engine/notify/vendor-pace.ts'
import type { Person } from '#engine/person.ts'
import { eventually } from '#test/harness/eventually.ts'
import { push } from '#test/harness/pushed.ts'
import { openRationedSlack, type RationedSlack } from '#test/harness/rationed-slack.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'

/** Forty times what the channel takes in a second: a minute of ten thousand is no other storm for who tells it. */
const alerts = 40

let slack: RationedSlack
let house: House
let ana: Person

beforeEach(async () => {
  slack = await openRationedSlack()
  const notifier = slackNotifier({ botToken: 'xoxb-test', apiUrl: slack.apiUrl })
  house = await startHouse({
    notifiers: { slack: notifier },
    paceOf: (medium) => (medium === 'slack' ? vendorPaces.slack : { concurrency: 4, everyMs: 0 }),
  })
  await house.front.rememberPlace({
    surface: 'slack',
    key: 'T1/C1',
    name: '#alerts',
    address: { channel: 'C0ALERTS' },
  })
  ana = await house.person('Ana')
})
afterEach(async () => {
  await house.close()
  await slack.close()
})

const checks = Array.from({ length: alerts }, (_, number) => `check ${number}`)

function pushAll(state: 'critical' | 'ok', some: readonly string[] = checks): Promise<void> {
  return push(house, ...some.map((check) => ({ check, state })))
}

async function unsettled(): Promise<number> {
  const rows = await house.memory.db.select({ state: notifications.state }).from(notifications)
  return rows.filter(({ state }) => state === 'PENDING' || state === 'HELD').length
}

async function everythingTold(): Promise<void> {
  await eventually('everything to be told', async () => (await unsettled()) === 0, 40_000)
}

test('more alerts than a channel can be told are one message there, kept true until all is over', async () => {
  await pushAll('critical')
  await everythingTold()
  const [digest] = slack.messages
  expect(slack.messages).toHaveLength(1)
  expect(digest?.said).toContain('40 alerts at once: 40 firing, 0 acknowledged, 0 resolved')
  expect(digest?.said).toContain('/alert ack 1')
  expect(await house.localMessages()).toHaveLength(alerts)

  // Calm again: what happens to one of them is told by itself, and the digest knows it too.
  expect(await house.front.say('ack 7', ana)).toMatchObject({ kind: 'message' })
  await everythingTold()
  await eventually('the digest to know', () => digest?.said.includes('39 firing, 1 acknowledged') === true)
  expect(slack.messages.filter(({ thread }) => thread === undefined)).toHaveLength(2)
  expect(slack.messages[1]?.said).toMatch(/#7 .*acknowledged by Ana/)

  await pushAll('ok')
  await everythingTold()
  await eventually(
    'the digest to be over',
    () => digest?.said.includes('0 firing, 0 acknowledged, 40 resolved') === true,
  )
  expect(digest?.said).not.toContain('"actions"')

  house.clock.forward('1m')
  await push(house, { check: 'another one', state: 'critical' })
  await everythingTold()
  expect(slack.messages.filter(({ thread }) => thread === undefined)).toHaveLength(3)

  const rows = await house.memory.db.select().from(notifications)
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['DELIVERED']))
  expect(slack.refusals).toEqual([])
}, 90_000)

test('what is kept quiet is not counted, and who takes over edits the message that is there', async () => {
  await house.front.say('silence where entity=quiet for 1h', ana)
  await everythingTold()
  const before = slack.messages.length
  const quiet = checks.map((check) => ({ check, entity: 'quiet', state: 'critical' as const }))
  const loud = checks.slice(10).map((check) => ({ check, state: 'critical' as const }))
  await push(house, ...quiet, ...loud)
  await eventually(
    'nothing to wait but what is quiet',
    async () => (await unsettled()) === 2 * alerts,
    40_000,
  )
  const digests = slack.messages.slice(before)
  expect(digests).toMatchObject([{ said: expect.stringContaining('30 alerts at once: 30 firing') }])

  house = await house.restart()
  await pushAll('ok', checks.slice(10))
  await eventually('the digest to be over', () => digests[0]?.said.includes('30 resolved') === true, 40_000)
  expect(slack.messages).toHaveLength(before + 1)
  expect(slack.refusals).toEqual([])
}, 120_000)
