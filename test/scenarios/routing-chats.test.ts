import { afterEach, beforeEach, expect, test } from 'vitest'
import { messageThatSays, pass, push, textOf, threadOf } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeEach(async () => {
  house = await serveHouse()
})
afterEach(() => house.close())

const route = (chats: unknown) =>
  house.put('/api/v1/routing', {
    route: { receiver: 'nobody', routes: [{ matchers: ['team="db"'], receiver: 'dba' }] },
    receivers: [{ name: 'nobody' }, { name: 'dba', chats }],
  })

const ofDb = { check: 'a', title: 'Disk', labels: { team: 'db' } }
const ofWeb = { check: 'b', title: 'Page', labels: { team: 'web' } }

test.each([['all'], [['local']], [['Local chat']], [['slack', 'local']]])(
  'the chats %j hear of what is routed to them, and of nothing else',
  async (chats) => {
    expect((await route(chats)).status).toBe(200)
    await push(house, ofDb, ofWeb)
    expect(await messageThatSays(house, '#1 Disk')).toBeDefined()
    expect(await messageThatSays(house, '#2')).toBeUndefined()
  },
)

test('another chat is not told', async () => {
  expect((await route(['slack'])).status).toBe(200)
  await push(house, ofDb)
  expect(await house.localMessages()).toEqual([])
})

test('who heard of the beginning hears of the end, whatever the routing says by then', async () => {
  await push(house, ofWeb)
  await route(['slack'])
  await pass(house, '5m')
  await push(house, { ...ofWeb, state: 'ok' })
  const message = await messageThatSays(house, '#1 Page')
  expect([...threadOf(message), textOf(message)].join('\n')).toMatch(/cleared/)
})

test('a chat nobody knows is refused, with the names there are', async () => {
  const { status, body } = await route(['local', 'Locl chat'])
  expect(status).toBe(400)
  expect(body).toMatchObject({ fields: [{ field: 'receivers.1.chats.1' }] })
  expect(JSON.stringify(body)).toContain('Local chat')
})
