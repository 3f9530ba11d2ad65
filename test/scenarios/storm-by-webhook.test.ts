import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openServer } from '#bot/api/server.ts'
import { digests, notifications } from '#db/schema/notifications.ts'
import type { IntegrationKind } from '#engine/medium.ts'
import { vendorPaces } from '#engine/notify/vendor-pace.ts'
import type { Person } from '#engine/person.ts'
import { eventually } from '#test/harness/eventually.ts'
import { discordWebhookRation, openFakeDiscordWebhook } from '#test/harness/fake-discord-webhook.ts'
import { openFakeSlackWebhook, slackWebhookRation } from '#test/harness/fake-slack-webhook.ts'
import { openFakeTeamsWorkflow, teamsWorkflowRation } from '#test/harness/fake-teams-workflow.ts'
import type { FakeVendor } from '#test/harness/fake-vendor.ts'
import { push } from '#test/harness/pushed.ts'
import { send } from '#test/harness/send.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

/** More than are told one by one at a message a second. */
const alerts = 30
const checks = Array.from({ length: alerts }, (_, number) => `check ${number}`)

interface Room extends FakeVendor {
  readonly webhook: string
  /** Each message as it stands, oldest first. */
  readonly said: () => readonly string[]
}

let house: House
let room: Room
let ana: Person

async function openRoom(kind: IntegrationKind): Promise<Room> {
  if (kind === 'slack-webhook') {
    const slack = await openFakeSlackWebhook(slackWebhookRation)
    return { ...slack, said: () => slack.posted.map(plain) }
  }
  if (kind === 'teams-workflow') {
    const teams = await openFakeTeamsWorkflow(teamsWorkflowRation)
    return { ...teams, said: () => teams.posted.map(plain) }
  }
  const discord = await openFakeDiscordWebhook(discordWebhookRation)
  return { ...discord, said: () => discord.messages.map(plain) }
}

/** Discord's and Teams' dialects escape what Slack's does not. */
function plain(message: object): string {
  return JSON.stringify(message).replaceAll('\\', '')
}

beforeEach(async () => {
  house = await startHouse({
    paceOf: (medium) => (medium === 'local' ? { concurrency: 4, everyMs: 0 } : vendorPaces[medium]),
  })
  ana = await house.person('Ana')
})
afterEach(async () => {
  await house.close()
  await room.close()
})

async function connect(kind: IntegrationKind): Promise<void> {
  room = await openRoom(kind)
  const server = await openServer({
    desk: house.desk,
    log: pino({ level: 'silent' }),
    access: { kind: 'loopback' },
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const connection = { name: 'room', kind, secrets: { url: room.webhook } }
  expect(await send('POST', `${url}/api/v1/connections`, { body: connection })).toMatchObject({ status: 201 })
  const receiver = { name: 'ops', chats: ['local'], connections: ['room'] }
  const routing = { route: { receiver: 'ops' }, receivers: [receiver] }
  expect(await send('PUT', `${url}/api/v1/routing`, { body: routing })).toMatchObject({ status: 200 })
  await server.close()
}

function pushAll(state: 'critical' | 'ok', some: readonly string[] = checks): Promise<void> {
  return push(house, ...some.map((check) => ({ check, title: check, state })))
}

async function unsettled(): Promise<number> {
  const rows = await house.memory.db.select({ state: notifications.state }).from(notifications)
  return rows.filter(({ state }) => state === 'PENDING' || state === 'HELD').length
}

async function everythingTold(): Promise<void> {
  await eventually('everything to be told', async () => (await unsettled()) === 0, 60_000)
}

async function expectNothingLost(): Promise<void> {
  const rows = await house.memory.db.select().from(notifications)
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['DELIVERED']))
  expect(room.complaints).toEqual([])
}

/** As long as the next digest has to wait, and a moment more: whoever looks leaves alone what became due just now. */
async function aMinuteLater(): Promise<void> {
  house.clock.forward('64s')
  await house.sweep()
}

test.each(['slack-webhook', 'teams-workflow'] as const)(
  'where nothing can be edited a storm is a digest now and then: %s',
  async (kind) => {
    await connect(kind)
    await pushAll('critical')
    await everythingTold()
    expect(room.said()).toHaveLength(1)
    expect(room.said()[0]).toContain('30 alerts at once: 30 firing, 0 acknowledged, 0 resolved')
    expect(room.said()[0]).toContain('#1 check 0')
    expect(room.said()[0]).toContain('once a minute at most')

    // All of it ends, which is nothing to be told one by one either; and not before a minute is over.
    const over = checks.slice(5)
    await pushAll('ok', over)
    await eventually('only their ends to wait here', async () => (await unsettled()) === over.length)
    expect(room.said()).toHaveLength(1)
    await aMinuteLater()
    await everythingTold()
    expect(room.said()).toHaveLength(2)
    expect(room.said()[1]).toContain('30 alerts at once: 5 firing, 0 acknowledged, 25 resolved')
    expect(room.said()[1]).toContain('Resolved since the last digest')
    expect(room.said()[1]).toContain('#6 check 5')

    // It is calm: what happens to one of those that go on is told by itself, and so is what begins.
    await house.front.say('ack 3', ana)
    await pushAll('critical', ['another one'])
    await everythingTold()
    expect(room.said()).toHaveLength(4)
    const calm = room.said().slice(2).join(' ')
    expect(calm).toContain('#3 check 2')
    expect(calm).toContain('Ana')
    expect(calm).toContain('#31 another one')

    // The last of those a digest told of are told by a digest, those with a message of their own by one.
    await aMinuteLater()
    await pushAll('ok', [...checks.slice(0, 5), 'another one'])
    await everythingTold()
    const last = room.said().slice(4)
    expect(last).toHaveLength(3)
    expect(last.filter((said) => said.includes('30 alerts at once: '))).toHaveLength(1)
    await expectNothingLost()
  },
  120_000,
)

test('whoever takes over keeps the time between two digests, and what is told over and over is true', async () => {
  await connect('slack-webhook')
  await pushAll('critical')
  await everythingTold()
  await pushAll('ok', checks.slice(1))
  house = await house.restart()
  await eventually('the ends to wait', async () => (await unsettled()) === alerts - 1)
  expect(room.said()).toHaveLength(1)
  await aMinuteLater()
  await everythingTold()
  expect(room.said()[1]).toContain('30 alerts at once: 1 firing, 0 acknowledged, 29 resolved')
  expect(await house.memory.db.$count(digests)).toBe(1)
  await expectNothingLost()
}, 120_000)

test('what was told one by one and ends all at once is told by a digest', async () => {
  await connect('slack-webhook')
  const some = checks.slice(0, 16)
  for (const check of some) await pushAll('critical', [check])
  await everythingTold()
  expect(room.said()).toHaveLength(some.length)
  await pushAll('ok', some)
  await everythingTold()
  expect(room.said()).toHaveLength(some.length + 1)
  expect(room.said().at(-1)).toContain('16 alerts at once: 0 firing, 0 acknowledged, 16 resolved')
  await expectNothingLost()
}, 120_000)

test("Discord's webhook edits, so a storm is one living message there", async () => {
  await connect('discord-webhook')
  await pushAll('critical')
  await everythingTold()
  await pushAll('ok')
  await everythingTold()
  expect(room.said()).toHaveLength(1)
  expect(room.said()[0]).toContain('30 alerts at once: 0 firing, 0 acknowledged, 30 resolved')
  await expectNothingLost()
}, 120_000)

test('a vendor that asks to wait is waited for, and hears all of it then', async () => {
  await connect('slack-webhook')
  room.next.push({ status: 429, headers: { 'retry-after': '3' } })
  await pushAll('critical')
  await eventually('it to be refused', () => room.log.length === 1)
  house.clock.forward('4s')
  await house.sweep()
  await everythingTold()
  expect(room.said()).toHaveLength(1)
  expect(room.said()[0]).toContain('30 alerts at once: 30 firing')
  await expectNothingLost()
}, 60_000)

test('a digest that was taken while the line went dead comes twice, and nothing that ended meanwhile is forgotten', async () => {
  await connect('slack-webhook')
  room.next.push('take it and hang up')
  await pushAll('critical')
  await eventually('it to be taken', () => room.said().length === 1)
  await pushAll('ok', checks.slice(20))
  house.clock.forward('64s')
  await house.sweep()
  await everythingTold()
  expect(room.said().at(-1)).toContain('20 firing, 0 acknowledged')
  const rows = await house.memory.db.select().from(notifications)
  expect(rows.filter(({ state }) => state === 'FAILED')).toEqual([])
}, 60_000)
