import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDiscord } from '#bot/discord/app.ts'
import { type DiscordHouse, discordHouse } from '#test/harness/discord-house.ts'
import { eventually } from '#test/harness/eventually.ts'
import { fakeToken } from '#test/harness/fake-discord.ts'
import { textOf } from '#test/harness/fake-discord-people.ts'

let house: DiscordHouse

beforeEach(async () => {
  house = await discordHouse()
})
afterEach(() => house.close())

describe('opening the door', () => {
  test('registers the commands, remembers the place and asks for no more than it needs', async () => {
    await house.open()
    expect(house.discord.world.commands.map((command) => command['name'])).toEqual(['alert'])
    expect(house.front.places).toEqual([
      {
        surface: 'discord',
        key: '300000000000003000',
        name: '#alerts',
        address: { channel: '300000000000003000', guild: '2000' },
      },
    ])
    expect(house.discord.gateway.intents).toEqual([1])
  })

  test('says which variable is wrong when the token is refused', async () => {
    const settings = { token: 'wrong', channelId: '300000000000003000', apiUrl: house.discord.apiUrl }
    await expect(openDiscord(settings, house.front)).rejects.toThrow(/DISCORD_TOKEN/)
  })

  test('says at once that the gateway turned us away, instead of waiting for it', async () => {
    house.discord.gateway.turnAwayWith(4013)
    await expect(house.open()).rejects.toThrow(/gateway closed with code 4013/)
  })

  test('says which variable is wrong when the channel is not there', async () => {
    const settings = { token: fakeToken, channelId: '3999', apiUrl: house.discord.apiUrl }
    await expect(openDiscord(settings, house.front)).rejects.toThrow(/3999.*DISCORD_CHANNEL_ID/)
  })

  test('will not post into another server than the one it was given', async () => {
    await expect(house.open({ guildId: '2999' })).rejects.toThrow(/Acme.*DISCORD_GUILD_ID/)
  })
})

describe('a typed command (abuse case 12: from another server)', () => {
  test('is answered to the one who typed it', async () => {
    await house.open()
    const seen = await house.discord.person('Ana').command(['list'])
    const answer = await seen.says('#42 orders are slow')
    expect(answer.isEphemeral).toBe(true)
    expect(house.front.met).toEqual([
      { surface: 'discord', tenant: '2000', externalId: expect.any(String), name: 'Ana', mayOnlyLook: false },
    ])
  })

  test('reaches the house as the line one would have typed elsewhere', async () => {
    await house.open()
    await house.discord.person('Ana').command(['silence'], { duration: 'until tomorrow', number: '42' })
    await house.discord.person('Ana').command(['rule', 'list'])
    expect(house.front.said).toEqual(['silence 42 until tomorrow', 'rule list'])
  })

  test('is kept alive while the house is slow', async () => {
    await house.open()
    const { promise, resolve } = Promise.withResolvers<void>()
    house.front.holdUp = promise
    const seen = await house.discord.person('Ana').command(['list'])
    expect(seen.message()).toMatchObject({ isDeferred: true, isEphemeral: true })
    resolve()
    await seen.says('#42 orders are slow')
  })

  test('opens its form from a page when the house was too slow for a modal', async () => {
    await house.open()
    const ana = house.discord.person('Ana')
    const { promise, resolve } = Promise.withResolvers<void>()
    house.front.holdUp = promise
    const seen = await ana.command(['rule', 'create'])
    resolve()
    const page = await seen.says('Create a rule (1 of 3)')
    const opened = await ana.press(page, 'Continue')
    expect(opened.modal()).toMatchObject({ title: 'Create a rule (1 of 3)' })
  })

  test('whose answer holds a menu is answered privately again when something is picked', async () => {
    await house.open()
    const ana = house.discord.person('Ana')
    const listed = await ana.command(['list'])
    const picked = await ana.pick(listed.message(), 'Acknowledge: #42 orders are slow')
    expect((await picked.says('#42 acknowledged')).isEphemeral).toBe(true)
    expect(textOf(listed.message())).toContain('1 open alert')
  })

  test('that is refused after a long wait is refused in the place kept for the answer', async () => {
    await house.open()
    const { promise, resolve } = Promise.withResolvers<void>()
    house.front.holdUp = promise
    const seen = await house.discord.person('Ana').command(['ack'], { number: '99' })
    resolve()
    await seen.says('I do not know "ack 99".')
    expect(seen.interaction.followUps).toEqual([])
  })

  test('of an older set, with an option we cannot read, is answered too', async () => {
    await house.open()
    const ana = house.discord.person('Ana')
    await (await ana.command(['ack'], { number: 42 })).says('That did not work')
    await (await ana.command(['list'])).says('#42 orders are slow')
  })

  test('that fails is answered with what to look for in the log', async () => {
    await house.open()
    const ana = house.discord.person('Ana')
    const listed = await ana.command(['list'])
    const broken = await ana.press(listed.message(), 'Break')
    const id = broken.interaction.id
    await broken.says(`That did not work, and it is our fault. In the log it is interaction ${id}.`)
    expect(house.front.logged.join('')).toContain(`"interaction":"${id}"`)
    expect(house.front.logged.join('')).toContain('the database is gone')
  })

  test.each([
    ['another server', '2999'],
    ['a direct message', null],
  ])('from %s is refused and never reaches the house', async (_, guildId) => {
    await house.open()
    const stranger = house.discord.person('Mallory', { guildId })
    await (await stranger.command(['list'])).says('I only answer in the server Acme.')
    const { posted } = await house.postFortyTwo()
    await (await stranger.press(posted, 'Acknowledge')).says('I only answer in the server Acme.')
    expect(house.front.met).toEqual([])
    expect(house.front.said).toEqual([])
    expect(house.front.refused).toHaveLength(2)
    expect(house.front.refused[0]).toMatchObject({
      door: 'discord',
      actor: { name: expect.stringMatching(guildId ?? /direct message/) },
    })
  })
})

describe('a broken line', () => {
  test('asked to reconnect, the bot resumes and hears what was pressed meanwhile', async () => {
    await house.open()
    const { posted } = await house.postFortyTwo()
    house.discord.gateway.askToReconnect()
    const pressed = house.discord.person('Ana').pressWithoutWaiting(posted, 'Acknowledge')
    await eventually('the press is answered', () => pressed.callback !== undefined)
    await eventually('the session is resumed', () => house.discord.gateway.resumes === 1)
    expect(house.front.said).toEqual(['ack 42'])
    await (await house.discord.person('Ben').command(['list'])).says('#42 orders are slow')
  })

  test('cut without warning, it comes back', async () => {
    await house.open()
    house.discord.gateway.cut(4000)
    await eventually('the session is resumed', () => house.discord.gateway.resumes === 1)
    await (await house.discord.person('Ana').command(['list'])).says('#42 orders are slow')
  })

  test('thrown out of its session, it begins a new one', async () => {
    await house.open()
    house.discord.gateway.invalidateSession()
    await eventually('the bot identifies anew', () => house.discord.gateway.intents.length === 2)
    await (await house.discord.person('Ana').command(['list'])).says('#42 orders are slow')
  })

  test('closed for good, it says so in the log and does not end the process', async () => {
    await house.open()
    house.discord.gateway.cut(4014)
    await eventually('it is logged', () =>
      house.front.logged.some((line) => line.includes('closed for good')),
    )
  })

  test('an answer that comes too late for Discord is logged, and the next one works', async () => {
    await house.open()
    const { promise, resolve } = Promise.withResolvers<void>()
    house.front.holdUp = promise
    const { posted } = await house.postFortyTwo()
    house.discord.person('Ana').pressWithoutWaiting(posted, 'Acknowledge')
    house.discord.world.skip(4000)
    resolve()
    await eventually('it is logged', () =>
      house.front.logged.some((line) => line.includes('Unknown interaction')),
    )
    await (await house.discord.person('Ben').command(['list'])).says('#42 orders are slow')
  })
})
