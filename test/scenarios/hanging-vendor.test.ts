import { afterEach, beforeEach, expect, test } from 'vitest'
import { anotherChat } from '#test/harness/another-chat.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'

/** More than there are workers, connections and everything else that could run out. */
const alertsAtOnce = 40

const vendors = ['slack', 'teams', 'discord'] as const
let answer: () => void
let house: House
let chats: Record<(typeof vendors)[number], ReturnType<typeof anotherChat>>

beforeEach(async () => {
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const hanging = (chat: Notifier): Notifier => ({
    ...chat,
    post: (...given) => answered.then(() => chat.post(...given)),
  })
  chats = { slack: anotherChat(), teams: anotherChat(), discord: anotherChat() }
  house = await startHouse({
    notifiers: {
      slack: hanging(chats.slack),
      teams: hanging(chats.teams),
      discord: hanging(chats.discord),
    },
  })
  for (const surface of vendors) {
    await house.front.rememberPlace({ surface, key: 'C1', name: '#alerts', address: { channel: 'C1' } })
  }
})

afterEach(async () => {
  answer()
  await house.close()
})

test('while every vendor hangs, the local chat, people and rules go on; the vendors hear when they answer again', async () => {
  for (let number = 1; number <= alertsAtOnce; number++) await house.rule({ name: `Rule ${number}` })
  await house.executions(10, { status: 'FAILED' })
  house.clock.forward('1s')
  await house.tick()
  await eventually(
    'every alert in the local chat',
    async () => (await house.localMessages()).length === alertsAtOnce,
  )
  const ana = await house.person('Ana')
  expect(await house.front.say('ack 1', ana)).toMatchObject({ kind: 'message' })
  await eventually('the edit', async () =>
    (await house.localMessages()).some(({ message }) => message.tone === 'acknowledged'),
  )
  expect(vendors.map((vendor) => chats[vendor].posts.length)).toEqual([0, 0, 0])

  answer()
  await house.settled()
  expect(vendors.map((vendor) => chats[vendor].posts.length)).toEqual([
    alertsAtOnce,
    alertsAtOnce,
    alertsAtOnce,
  ])
}, 60_000)
