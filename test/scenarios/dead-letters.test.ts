import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { destinations, notifications } from '#db/schema/notifications.ts'
import { type AnotherChat, anotherChat, busy, gone } from '#test/harness/another-chat.ts'
import { aMinute } from '#test/harness/local-chat.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import { listNotificationsOf, retryNotification } from '#db/repositories/told-notifications.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'

let house: House
let chat: AnotherChat

beforeEach(async () => {
  chat = anotherChat()
  house = await startHouse({ notifiers: { slack: chat } })
  await house.front.rememberPlace({ surface: 'slack', key: 'C1', name: '#ops', address: { channel: 'C1' } })
  await house.rule()
})
afterEach(() => house.close())

async function sweepAfter(duration: string): Promise<void> {
  house.clock.forward(duration)
  await house.sweep()
  await house.settled()
}

async function headlines(): Promise<string[]> {
  return (await house.localMessages()).map(({ message }) => message.headline)
}

test('a message that was given up is one alert in another place, over when something gets through', async () => {
  chat.trouble = gone()
  await aMinute(house, 'failing')
  await sweepAfter('5s')
  await sweepAfter('5s')
  const told = (await headlines()).filter((line) => line.includes('cannot be reached'))
  expect(told).toEqual([expect.stringMatching(/^#2 Slack #ops cannot be reached/)])
  expect(JSON.stringify(await house.localMessages())).toContain('1 message was not delivered')

  chat.trouble = undefined
  await house.front.say('ack 1', await house.person('Ana'))
  await house.settled()
  await sweepAfter('5s')
  expect(chat.posts.map(({ headline }) => headline)).toEqual([expect.stringContaining('#1 Card payments')])
  expect((await headlines()).filter((line) => line.includes('cannot be reached'))).toEqual([
    expect.stringMatching(/cannot be reached — cleared/),
  ])
})

test('a place that goes on failing is asked one thing at a time, and is told everything once it works', async () => {
  chat.trouble = busy()
  for (let number = 2; number <= 8; number++) await house.rule({ name: `Rule ${number}` })
  await aMinute(house, 'failing')
  const atFirst = chat.calls
  expect(atFirst).toBeGreaterThanOrEqual(5)
  await sweepAfter('4s')
  expect(chat.calls, 'while it pauses').toBe(atFirst)
  await sweepAfter('20s')
  expect(chat.calls, 'one finds out').toBe(atFirst + 1)
  chat.trouble = undefined
  await sweepAfter('5m')
  await sweepAfter('5m')
  expect(chat.posts.filter(({ headline }) => headline.includes('cannot be reached'))).toEqual([])
  expect(new Set(chat.posts.map(({ headline }) => headline)).size).toBe(8)
})

test('who answers three times that it is no more hears nothing, until somebody says anew where it is', async () => {
  chat.trouble = new DeliveryError('It is no more.', { retry: 'never', fault: 'gone', status: 410 })
  for (let number = 2; number <= 4; number++) await house.rule({ name: `Rule ${number}` })
  await aMinute(house, 'failing')
  const places = async () =>
    (await house.memory.db.select().from(destinations)).filter(({ active }) => active)
  expect(await places()).toHaveLength(1)
  const { db } = house.memory
  const [lost] = await db.select().from(notifications).where(eq(notifications.state, 'FAILED'))
  const [alert] = await db
    .select()
    .from(alerts)
    .where(eq(alerts.incidentId, lost?.incidentId ?? ''))
  const told = await listNotificationsOf(db, 'prod', alert?.id ?? '')
  const failed = told.find(({ state }) => state === 'FAILED')
  expect(failed?.attemptLog).toMatchObject([{ outcome: 'failed', status: 410, snippet: 'It is no more.' }])

  chat.trouble = undefined
  await house.front.rememberPlace({ surface: 'slack', key: 'C1', name: '#ops', address: { channel: 'C1' } })
  await retryNotification(house.memory.db, failed?.id ?? '', house.clock.now())
  await house.desk.announce([failed?.id ?? ''])
  await house.settled()
  expect(chat.posts).toHaveLength(1)
  const [row] = (await house.memory.db.select().from(notifications)).filter(({ id }) => id === failed?.id)
  expect(row).toMatchObject({ state: 'DELIVERED', attempts: 2, lastError: null })
  await expect(retryNotification(house.memory.db, failed?.id ?? '', house.clock.now())).rejects.toThrow(
    'only what FAILED can be tried again',
  )
})
