import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { message } from '#engine/message/message.ts'
import { type DiscordHouse, discordHouse } from '#test/harness/discord-house.ts'
import { responderRoleId } from '#test/harness/fake-discord.ts'
import { labelsOf, textOf } from '#test/harness/fake-discord-people.ts'

let house: DiscordHouse

beforeEach(async () => {
  house = await discordHouse()
})
afterEach(() => house.close())

describe('the living message (abuse cases 12 and 13)', () => {
  test('is edited by the workers after a click, and the click itself shows nothing more', async () => {
    await house.open()
    const { receipt, posted } = await house.postFortyTwo()
    const seen = await house.discord.person('Ana').press(posted, 'Acknowledge')
    expect(house.front.acknowledgedBy).toBe('Ana')
    expect(seen.interaction.followUps).toEqual([])
    await house.notifier.update(
      receipt,
      message({ tone: 'acknowledged', headline: '#42 acknowledged by Ana' }),
    )
    expect(house.discord.channelMessages().map((one) => one.content)).toEqual([
      '👀 **#42 acknowledged by Ana**',
    ])
    expect(labelsOf(posted)).toEqual([])
  })

  test('tells the second of two quick clicks who was first', async () => {
    await house.open()
    const { posted } = await house.postFortyTwo()
    const [first, second] = [
      house.discord.person('Ana').press(posted, 'Acknowledge'),
      house.discord.person('Ben').press(posted, 'Acknowledge'),
    ]
    expect((await first).interaction.followUps).toEqual([])
    const refusal = await (await second).says('Already acknowledged by Ana.')
    expect(refusal.isEphemeral).toBe(true)
    expect(posted.edits).toBe(0)
  })

  test('does what is picked from its menu', async () => {
    await house.open()
    const { posted } = await house.postFortyTwo()
    await house.discord.person('Ana').pick(posted, 'Acknowledge it')
    expect(house.front.acknowledgedBy).toBe('Ana')
  })

  test('answers a look with a private message', async () => {
    await house.open()
    const { posted } = await house.postFortyTwo()
    const seen = await house.discord.person('Ana').press(posted, 'Details')
    expect((await seen.says('#42 in full')).isEphemeral).toBe(true)
    expect(textOf(posted)).toContain('#42 FIRING')
  })

  test('tells a click that took long what came of it', async () => {
    await house.open()
    house.front.acknowledgedBy = 'Ben'
    const { promise, resolve } = Promise.withResolvers<void>()
    house.front.holdUp = promise
    const { posted } = await house.postFortyTwo()
    const seen = await house.discord.person('Ana').press(posted, 'Acknowledge')
    resolve()
    expect((await seen.says('Already acknowledged by Ben.')).isEphemeral).toBe(true)
    expect(textOf(posted)).toContain('#42 FIRING')
  })

  test('lets those without the responder role only look', async () => {
    await house.open({ responderRoleIds: [responderRoleId] })
    const { posted } = await house.postFortyTwo()
    await (
      await house.discord.person('Ben').press(posted, 'Acknowledge')
    ).says('Only responders may acknowledge.')
    await house.discord.person('Ana', { roles: [responderRoleId] }).press(posted, 'Acknowledge')
    expect(house.front.acknowledgedBy).toBe('Ana')
  })

  test('a button nobody knows any more says so', async () => {
    await house.open()
    const { posted } = await house.postFortyTwo()
    const old = { type: 2, style: 2, label: 'Old', custom_id: 'from-version-zero' }
    posted.components = [{ type: 1, components: [old] }]
    await (await house.discord.person('Ana').press(posted, 'Old')).says('too old')
  })
})
