import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DiscordDoor, openDiscord } from '#bot/discord/app.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type FakeDiscord, fakeToken, openFakeDiscord } from '#test/harness/fake-discord.ts'
import { labelsOf, textOf } from '#test/harness/fake-discord-people.ts'
import type { FakeMessage } from '#test/harness/fake-discord-world.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'

let discord: FakeDiscord
let house: House
let door: DiscordDoor

beforeEach(async () => {
  discord = await openFakeDiscord()
  const { apiUrl, world } = discord
  house = await startHouse({ notifiers: { discord: discordNotifier({ token: fakeToken, apiUrl }) } })
  door = await openDiscord({ token: fakeToken, channelId: world.channel.id, apiUrl }, house.front)
})

afterEach(async () => {
  await door.close()
  await house.close()
  await discord.close()
})

async function livingMessage(says: string): Promise<FakeMessage> {
  return eventually(`a message on Discord that says "${says}"`, () =>
    discord.channelMessages().find((message) => textOf(message).includes(says)),
  )
}

async function breakPayments(): Promise<FakeMessage> {
  await house.rule()
  await house.executions(95)
  await house.executions(30, { status: 'FAILED' })
  await house.tick()
  return livingMessage('#1 Card payments are failing')
}

test('an alert is posted, one click settles it for everyone, and it says by itself when it is over', async () => {
  const posted = await breakPayments()
  expect(textOf(posted)).toContain('Value: **24 %** (limit 5 %)')
  expect(textOf(posted)).toMatch(/[▁-█]/)
  expect(labelsOf(posted)).toEqual(['Acknowledge', 'Resolve', 'Silence'])

  const seen = await discord.person('Ana').press(posted, 'Acknowledge')
  expect(seen.interaction.followUps).toEqual([])
  const acknowledged = await livingMessage('#1 Card payments are failing — acknowledged by Ana')
  expect(acknowledged.id).toBe(posted.id)
  const reply = await eventually('a line under the alert', () =>
    discord.channelMessages().find(({ referenceId }) => referenceId === posted.id),
  )
  expect(reply.content).toBe('Acknowledged by **Ana**.')

  house.clock.forward('133s')
  await house.executions(50)
  await house.tick()
  const cleared = await livingMessage('cleared after 2 min 13 s')
  expect(cleared.id).toBe(posted.id)
  expect(labelsOf(cleared)).toEqual([])
  await eventually('the same in the local chat', async () => {
    const [local] = await house.localMessages()
    return local?.message.headline === '#1 Card payments are failing — cleared after 2 min 13 s'
  })
})

test('of two quick clicks one counts, and the other person is told privately who was first', async () => {
  const posted = await breakPayments()
  const clicks = await Promise.all(
    ['Ana', 'Ben'].map((name) => discord.person(name).press(posted, 'Acknowledge')),
  )
  const whispers = await eventually('one of them is told', () => {
    const found = clicks
      .flatMap(({ interaction }) => interaction.original ?? [])
      .filter(({ isEphemeral }) => isEphemeral)
    return found.length > 0 ? found : undefined
  })
  expect(whispers.map(({ content }) => content)).toEqual([
    expect.stringMatching(/^Already acknowledged by (Ana|Ben) 0 s ago\.$/),
  ])
})

test('a list is answered privately, and its menu settles what it names', async () => {
  await breakPayments()
  const ana = discord.person('Ana')
  const list = await (await ana.command(['list'])).says('Card payments are failing')
  expect(list.isEphemeral).toBe(true)
  await (await ana.command(['ack'], { number: '1' })).says('#1')
  await livingMessage('— acknowledged by Ana')
  await (await ana.command(['show'], { number: '99' })).says('#99')
  await (await ana.command(['help'])).says('rule create')
})

test('a silence of one’s own length is asked for by form', async () => {
  const posted = await breakPayments()
  const ana = discord.person('Ana')
  const opened = await ana.pick(posted, 'Custom…')
  const faulty = await ana.fillIn(opened, { duration: 'a while' })
  const page = faulty.message()
  expect(labelsOf(page)).toEqual(['Try again'])
  const again = await ana.press(page, 'Try again')
  await ana.fillIn(again, { duration: '2h', reason: 'deploying' })
  await livingMessage('Silenced until')
})

test('a rule is made by form, with an error, a preview, and a save; then it watches', async () => {
  const ana = discord.person('Ana')
  await house.executions(70)
  await house.executions(30, { status: 'FAILED' })
  const subject = await ana.command(['rule', 'create'])
  const condition = await ana.fillIn(subject, {
    name: 'Cards bounce',
    kind: 'ROUTE_METRIC',
    severity: 'CRITICAL',
    app: 'payment-service',
    route: 'authorize-card',
  })
  const page = await condition.says('(2 of 3)')
  const faulty = await ana.fillIn(await ana.press(page, 'Continue'), { threshold: 'many' })
  await faulty.says('**Threshold**')
  const again = await ana.press(page, 'Try again')
  expect(JSON.stringify(again.modal())).toContain('"value":"many"')
  const previewed = await ana.fillIn(again, { threshold: '5%', window: '5m' })
  await previewed.says('Save this rule?')
  expect(labelsOf(page)).toEqual(['Save'])
  await (await ana.press(page, 'Save')).says('Saved: Cards bounce')
  await (await ana.command(['rule', 'list'])).says('Cards bounce')

  await house.tick()
  await livingMessage('#1 Cards bounce')
})

test('someone from another server is refused before the house hears of it', async () => {
  const posted = await breakPayments()
  const mallory = discord.person('Mallory', { guildId: '2999' })
  await (await mallory.press(posted, 'Resolve')).says('I only answer in the server Acme.')
  const stillOpen = await (await discord.person('Ana').command(['show'], { number: '1' })).says('FIRING')
  expect(textOf(stillOpen)).not.toContain('Mallory')
})

test('after a reconnect the buttons of an older message still work', async () => {
  const posted = await breakPayments()
  discord.gateway.askToReconnect()
  await eventually('the session is resumed', () => discord.gateway.resumes === 1)
  await discord.person('Ana').press(posted, 'Acknowledge')
  await livingMessage('— acknowledged by Ana')
})
