import { afterEach, beforeEach, expect, test } from 'vitest'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { destinations } from '#db/schema/notifications.ts'
import { messageAbout } from '#test/harness/local-chat.ts'
import { fakeToken, openFakeDiscord } from '#test/harness/fake-discord.ts'
import { textOf } from '#test/harness/fake-discord-people.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'
import { type SlackApi, startSlackApi } from '#test/harness/slack-api.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'

let slack: SlackApi
let house: ServedHouse

beforeEach(async () => {
  slack = await startSlackApi()
  house = await serveHouse({
    notifiers: { slack: slackNotifier({ botToken: 'xoxb-secret', apiUrl: slack.url }) },
  })
  await house.post('/api/v1/contacts', { id: 'ada' })
})
afterEach(async () => {
  await house.close()
  await slack.close()
})

const toldOf = async (id: string) =>
  ((await house.get(`/api/v1/contacts/${id}/alerts`)).body as { alerts: object[] }).alerts

const posted = () =>
  slack.calls
    .filter(({ method }) => method.startsWith('chat.'))
    .map(({ method, sent }) => `${method} ${String(sent['channel'])}${sent['thread_ts'] ? ' in thread' : ''}`)

test('a direct message lives as the one in the channel does: put right by every click, answered in its thread', async () => {
  slack.answers['chat.postMessage'] = { ok: true, channel: 'D0ALICE', ts: '1.1' }
  const ana = await house.person('Ana')
  await house.front.say('contact ada media slack U0ALICE', ana)
  await house.front.say('contact ada hears payment-service', ana)
  await push(house, { check: 'disk', state: 'critical' })
  expect(posted()).toEqual(['chat.postMessage U0ALICE'])
  await house.front.say('ack 1', ana)
  await house.settled()
  expect(posted().slice(1)).toContain('chat.update D0ALICE')
  expect(posted().slice(1)).toContain('chat.postMessage D0ALICE in thread')
  await push(house, { check: 'disk', state: 'ok' })
  expect(posted().at(-1)).toBe('chat.postMessage D0ALICE in thread')
})

test('where somebody is told directly is no chat: it hears of nothing that is not for them', async () => {
  const ana = await house.person('Ana')
  await house.front.say('contact ada media slack U0ALICE', ana)
  await house.front.say('contact ada hears payment-service', ana)
  await push(house, { check: 'disk', state: 'critical' })
  await push(house, { entity: 'db-1', check: 'disk', state: 'critical' })
  await house.post('/api/v1/silences', { matchers: ['team="a"'], duration: '1h', reason: 'quiet' })
  await house.settled()
  expect(await messageAbout(house, 2)).toBeDefined()
  expect(posted()).toEqual(['chat.postMessage U0ALICE'])
  expect(JSON.stringify((await house.get('/api/v2/receivers')).body)).not.toContain('ada')
})

test('in Teams it is a conversation by its name, and one nobody knows is named', async () => {
  const address = {
    serviceUrl: 'https://smba.example',
    conversation: '19:ops',
    bot: '28:bot',
    kind: 'channel',
  }
  await rememberDestination(house.memory.db, { surface: 'teams', key: '19:ops', name: 'Ops', address })
  const ana = await house.person('Ana')
  await house.front.say('contact ada media teams Ops', ana)
  await house.front.say('contact ada hears payment-service', ana)
  await push(house, { check: 'disk', state: 'critical' })
  const rows = await house.memory.db.select().from(destinations)
  expect(rows.find(({ contactId }) => contactId === 'ada')).toMatchObject({ surface: 'teams', address })
  await house.front.say('contact ada media teams Oops', ana)
  await push(house, { check: 'load', state: 'critical' })
  expect((await toldOf('ada'))[0]).toMatchObject({
    status: 'FAILED',
    lastError: expect.stringContaining('Tocsin is in no conversation of teams called "Oops"'),
  })
})

test('a medium that nobody here delivers says so', async () => {
  const ana = await house.person('Ana')
  await house.front.say('contact ada media jabber ada@example.org', ana)
  await house.front.say('contact ada hears payment-service', ana)
  await push(house, { check: 'disk', state: 'critical' })
  expect((await toldOf('ada'))[0]).toMatchObject({
    status: 'FAILED',
    lastError: expect.stringContaining('Nothing carries jabber yet'),
  })
})

test('in Discord it is a channel by its id, whose message is put right and answered; another word is refused', async () => {
  const discord = await openFakeDiscord()
  const { apiUrl, world } = discord
  await house.close()
  house = await serveHouse({ notifiers: { discord: discordNotifier({ token: fakeToken, apiUrl }) } })
  try {
    await house.post('/api/v1/contacts', { id: 'ada' })
    const refused = await house.put('/api/v1/contacts/ada/media/discord', { address: '#ops' })
    expect(refused.status).toBe(400)
    expect(JSON.stringify(refused.body)).toContain('15 to 21 digits')
    const ana = await house.person('Ana')
    const put = await house.put('/api/v1/contacts/ada/media/discord', { address: world.channel.id })
    expect(put.status, put.text).toBe(200)
    await house.front.say('contact ada hears payment-service', ana)
    await push(house, { check: 'disk', title: 'Disk', state: 'critical' })
    const [posted, ...more] = discord.channelMessages()
    expect([textOf(posted ?? expect.fail('nothing was posted')), more]).toEqual([
      expect.stringContaining('#1 Disk'),
      [],
    ])
    await house.front.say('ack 1', ana)
    await push(house, { check: 'disk', title: 'Disk', state: 'ok' })
    const messages = discord.channelMessages()
    expect(textOf(messages[0] ?? expect.fail('it is gone'))).toContain('cleared')
    expect(messages.slice(1).every(({ referenceId }) => referenceId === posted?.id)).toBe(true)
    expect(messages.length).toBeGreaterThan(1)
    await push(house, { entity: 'db-1', check: 'disk', state: 'critical' })
    expect(discord.channelMessages()).toHaveLength(messages.length)
  } finally {
    await discord.close()
  }
})
