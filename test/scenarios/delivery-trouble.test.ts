import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { perform } from '#bot/perform.ts'
import { notifications } from '#db/schema/notifications.ts'
import { plainLine } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import { type AnotherChat, anotherChat, busy, gone } from '#test/harness/another-chat.ts'
import { aMinute, messageAbout } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let chat: AnotherChat
let ana: Person

beforeEach(async () => {
  chat = anotherChat()
  house = await startHouse({ notifiers: { slack: chat } })
  await house.front.rememberPlace({
    surface: 'slack',
    key: 'T1/C1',
    name: '#alerts',
    address: { channel: 'C1' },
  })
  ana = await house.person('Ana')
  await house.rule()
})

afterEach(() => house.close())

async function sweepAfter(duration: string): Promise<void> {
  house.clock.forward(duration)
  await house.sweep()
  await house.settled()
}

function rowsThatAre(state: 'PENDING' | 'FAILED' | 'DELIVERED') {
  return house.memory.db.select().from(notifications).where(eq(notifications.state, state))
}

test('both chats get the message, the edit and the line in the thread', async () => {
  await aMinute(house, 'failing')
  await house.front.say('ack 1', ana)
  await aMinute(house, 'healthy')
  expect((await messageAbout(house, 1))?.thread).toHaveLength(2)
  expect(chat.posts).toHaveLength(1)
  expect(chat.updates.map((message) => message.tone)).toEqual(['acknowledged', 'resolved'])
  expect(chat.replies.map(plainLine)).toEqual([
    'Acknowledged by Ana.',
    'It cleared by itself after 1 min 1 s.',
  ])
  expect(await rowsThatAre('DELIVERED')).toHaveLength(6)
})

test('each telling says what it is about, how that stands, and why it is told now', async () => {
  await aMinute(house, 'failing')
  await house.front.say('ack 1', ana)
  await aMinute(house, 'healthy')
  const told = [...chat.posts, ...chat.repliedTo].map(({ subject }) => subject)
  expect(told).toMatchObject([
    { number: 1, environment: 'prod', status: 'firing', reason: 'first', acknowledgedBy: null },
    { status: 'acknowledged', reason: 'acknowledged', acknowledgedBy: 'Ana', resolvedAt: null },
    { status: 'resolved', reason: 'recovered', resolvedAt: expect.any(String) },
  ])
  expect(new Set(told.map((subject) => subject?.key)).size).toBe(1)
  expect(JSON.stringify((await messageAbout(house, 1))?.message)).not.toContain('"subject"')
})

test('a chat that is down for a while hears later, in order and once; the other chat does not wait for it', async () => {
  chat.trouble = busy()
  await aMinute(house, 'failing')
  expect((await messageAbout(house, 1))?.message.tone).toBe('critical')
  await house.front.say('ack 1', ana)
  expect((await messageAbout(house, 1))?.message.tone).toBe('acknowledged')
  expect(chat.calls).toBe(1)

  await sweepAfter('10s')
  expect(chat.calls).toBe(2)
  await sweepAfter('2s')
  expect(chat.calls).toBe(2)
  chat.trouble = undefined
  await sweepAfter('10s')
  expect(chat.posts.map((message) => message.tone)).toEqual(['acknowledged'])
  expect(chat.replies).toEqual([])
  expect(await rowsThatAre('PENDING')).toEqual([])
})

test('a chat that names a time is not asked before it', async () => {
  chat.trouble = busy(60_000)
  await aMinute(house, 'failing')
  chat.trouble = undefined
  await sweepAfter('30s')
  await house.front.say('ack 1', ana)
  await house.settled()
  expect(chat.posts).toEqual([])
  await sweepAfter('40s')
  expect(chat.posts).toHaveLength(1)
})

test('what can never be delivered is given up with its reason, and later news is tried again', async () => {
  chat.trouble = gone()
  await aMinute(house, 'failing')
  expect(await rowsThatAre('FAILED')).toEqual([
    expect.objectContaining({ reason: 'first', lastError: 'The channel is gone.', attempts: 1 }),
  ])
  await sweepAfter('10m')
  expect(chat.calls).toBe(1)
  chat.trouble = undefined
  await house.front.say('ack 1', ana)
  await house.settled()
  expect(chat.posts.map((message) => message.tone)).toEqual(['acknowledged'])
})

test('a message posted just before its thread broke is not posted again, nor what was already said', async () => {
  await aMinute(house, 'failing')
  chat.replyTrouble = busy()
  await house.front.say('ack 1', ana)
  await house.settled()
  expect(chat.updates).toHaveLength(1)
  await house.front.say('silence 1 1h', ana)
  await house.settled()
  chat.replyTrouble = undefined
  await sweepAfter('10s')
  expect(chat.posts).toHaveLength(1)
  expect(chat.replies.map(plainLine)).toEqual([
    'Acknowledged by Ana.',
    expect.stringMatching(/^Ana silenced it until/),
  ])
})

test('a bug in a notifier is tried again later like any trouble, and does not repeat the post', async () => {
  await aMinute(house, 'failing')
  chat.replyTrouble = new TypeError('cannot read properties of undefined')
  await house.front.say('ack 1', ana)
  await house.settled()
  expect(await rowsThatAre('PENDING')).toEqual([
    expect.objectContaining({ attempts: 1, lastError: expect.stringContaining('TypeError') }),
  ])
  chat.replyTrouble = undefined
  await sweepAfter('10s')
  expect([chat.posts.length, chat.replies.length]).toEqual([1, 1])
})

test('a row whose job was lost is found by the sweep', async () => {
  await aMinute(house, 'failing')
  const lost = { ...house.desk, announce: () => Promise.resolve() }
  await perform(lost, { name: 'acknowledge', numbers: [1] }, ana)
  expect((await messageAbout(house, 1))?.message.tone).toBe('critical')
  await sweepAfter('4s')
  expect((await messageAbout(house, 1))?.message.tone).toBe('acknowledged')
})

test('a place that was taken away hears nothing more', async () => {
  chat.trouble = busy()
  await aMinute(house, 'failing')
  await house.front.forgetPlace('slack', 'T1/C1')
  chat.trouble = undefined
  await sweepAfter('10s')
  expect(chat.posts).toEqual([])
  expect(await rowsThatAre('PENDING')).toEqual([])
})

test('after a restart the buttons of an older message still work, and the message is edited, not posted anew', async () => {
  await aMinute(house, 'failing')
  house = await house.restart()
  expect(await house.front.say('ack 1', ana)).toMatchObject({ kind: 'message' })
  expect((await messageAbout(house, 1))?.message.tone).toBe('acknowledged')
  expect(await house.localMessages()).toHaveLength(1)
  expect([chat.posts.length, chat.updates.length]).toEqual([1, 1])
})
