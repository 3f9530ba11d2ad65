import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DiscordDoor, openDiscord } from '#bot/discord/app.ts'
import { message } from '#engine/message/message.ts'
import { type DiscordFront, discordFront, fortyTwo } from '#test/harness/discord-front.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type FakeDiscord, fakeToken, openFakeDiscord, responderRoleId } from '#test/harness/fake-discord.ts'
import { labelsOf, textOf } from '#test/harness/fake-discord-people.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'

let discord: FakeDiscord
let front: DiscordFront
let notifier: Notifier
let door: DiscordDoor | undefined

beforeEach(async () => {
  discord = await openFakeDiscord()
  front = discordFront()
  notifier = discordNotifier({ token: fakeToken, apiUrl: discord.apiUrl })
})

afterEach(async () => {
  await door?.close()
  door = undefined
  await notifier.close?.()
  await discord.close()
})

async function open(settings: { responderRoleIds?: string[]; guildId?: string } = {}): Promise<void> {
  const { apiUrl, world } = discord
  door = await openDiscord({ token: fakeToken, channelId: world.channel.id, apiUrl, ...settings }, front)
}

async function postFortyTwo() {
  const receipt = await notifier.post({ channel: discord.world.channel.id }, fortyTwo, 'delivery-1')
  const posted = discord.world.messages.get(receipt['message'] ?? '')
  if (!posted) throw new Error('The alert was not posted')
  return { receipt, posted }
}

describe('opening the door', () => {
  test('registers the commands, remembers the place and asks for no more than it needs', async () => {
    await open()
    expect(discord.world.commands.map((command) => command['name'])).toEqual(['alert'])
    expect(front.places).toEqual([
      {
        surface: 'discord',
        key: '300000000000003000',
        name: '#alerts',
        address: { channel: '300000000000003000', guild: '2000' },
      },
    ])
    expect(discord.gateway.intents).toEqual([1])
  })

  test('says which variable is wrong when the token is refused', async () => {
    const settings = { token: 'wrong', channelId: '300000000000003000', apiUrl: discord.apiUrl }
    await expect(openDiscord(settings, front)).rejects.toThrow(/DISCORD_TOKEN/)
  })

  test('says at once that the gateway turned us away, instead of waiting for it', async () => {
    discord.gateway.turnAwayWith(4013)
    await expect(open()).rejects.toThrow(/gateway closed with code 4013/)
  })

  test('says which variable is wrong when the channel is not there', async () => {
    const settings = { token: fakeToken, channelId: '3999', apiUrl: discord.apiUrl }
    await expect(openDiscord(settings, front)).rejects.toThrow(/3999.*DISCORD_CHANNEL_ID/)
  })

  test('will not post into another server than the one it was given', async () => {
    await expect(open({ guildId: '2999' })).rejects.toThrow(/Acme.*DISCORD_GUILD_ID/)
  })
})

describe('a typed command (abuse case 12: from another server)', () => {
  test('is answered to the one who typed it', async () => {
    await open()
    const seen = await discord.person('Ana').command(['list'])
    const answer = await seen.says('#42 orders are slow')
    expect(answer.isEphemeral).toBe(true)
    expect(front.met).toEqual([
      { surface: 'discord', tenant: '2000', externalId: expect.any(String), name: 'Ana', mayOnlyLook: false },
    ])
  })

  test('reaches the house as the line one would have typed elsewhere', async () => {
    await open()
    await discord.person('Ana').command(['silence'], { duration: 'until tomorrow', number: '42' })
    await discord.person('Ana').command(['rule', 'list'])
    expect(front.said).toEqual(['silence 42 until tomorrow', 'rule list'])
  })

  test('is kept alive while the house is slow', async () => {
    await open()
    const { promise, resolve } = Promise.withResolvers<void>()
    front.holdUp = promise
    const seen = await discord.person('Ana').command(['list'])
    expect(seen.message()).toMatchObject({ isDeferred: true, isEphemeral: true })
    resolve()
    await seen.says('#42 orders are slow')
  })

  test('opens its form from a page when the house was too slow for a modal', async () => {
    await open()
    const ana = discord.person('Ana')
    const { promise, resolve } = Promise.withResolvers<void>()
    front.holdUp = promise
    const seen = await ana.command(['rule', 'create'])
    resolve()
    const page = await seen.says('Create a rule (1 of 3)')
    const opened = await ana.press(page, 'Continue')
    expect(opened.modal()).toMatchObject({ title: 'Create a rule (1 of 3)' })
  })

  test('whose answer holds a menu is answered privately again when something is picked', async () => {
    await open()
    const ana = discord.person('Ana')
    const listed = await ana.command(['list'])
    const picked = await ana.pick(listed.message(), 'Acknowledge: #42 orders are slow')
    expect((await picked.says('#42 acknowledged')).isEphemeral).toBe(true)
    expect(textOf(listed.message())).toContain('1 open alert')
  })

  test('that is refused after a long wait is refused in the place kept for the answer', async () => {
    await open()
    const { promise, resolve } = Promise.withResolvers<void>()
    front.holdUp = promise
    const seen = await discord.person('Ana').command(['ack'], { number: '99' })
    resolve()
    await seen.says('I do not know "ack 99".')
    expect(seen.interaction.followUps).toEqual([])
  })

  test('of an older set, with an option we cannot read, is answered too', async () => {
    await open()
    const ana = discord.person('Ana')
    await (await ana.command(['ack'], { number: 42 })).says('That did not work')
    await (await ana.command(['list'])).says('#42 orders are slow')
  })

  test('that fails is answered with what to look for in the log', async () => {
    await open()
    const ana = discord.person('Ana')
    const listed = await ana.command(['list'])
    const broken = await ana.press(listed.message(), 'Break')
    const id = broken.interaction.id
    await broken.says(`That did not work, and it is our fault. In the log it is interaction ${id}.`)
    expect(front.logged.join('')).toContain(`"interaction":"${id}"`)
    expect(front.logged.join('')).toContain('the database is gone')
  })

  test.each([
    ['another server', '2999'],
    ['a direct message', null],
  ])('from %s is refused and never reaches the house', async (_, guildId) => {
    await open()
    const stranger = discord.person('Mallory', { guildId })
    await (await stranger.command(['list'])).says('I only answer in the server Acme.')
    const { posted } = await postFortyTwo()
    await (await stranger.press(posted, 'Acknowledge')).says('I only answer in the server Acme.')
    expect(front.met).toEqual([])
    expect(front.said).toEqual([])
    expect(front.refused).toHaveLength(2)
    expect(front.refused[0]).toMatchObject({
      door: 'discord',
      actor: { name: expect.stringMatching(guildId ?? /direct message/) },
    })
  })
})

describe('the living message (abuse cases 12 and 13)', () => {
  test('is edited by the workers after a click, and the click itself shows nothing more', async () => {
    await open()
    const { receipt, posted } = await postFortyTwo()
    const seen = await discord.person('Ana').press(posted, 'Acknowledge')
    expect(front.acknowledgedBy).toBe('Ana')
    expect(seen.interaction.followUps).toEqual([])
    await notifier.update(receipt, message({ tone: 'acknowledged', headline: '#42 acknowledged by Ana' }))
    expect(discord.channelMessages().map((one) => one.content)).toEqual(['👀 **#42 acknowledged by Ana**'])
    expect(labelsOf(posted)).toEqual([])
  })

  test('tells the second of two quick clicks who was first', async () => {
    await open()
    const { posted } = await postFortyTwo()
    const [first, second] = [
      discord.person('Ana').press(posted, 'Acknowledge'),
      discord.person('Ben').press(posted, 'Acknowledge'),
    ]
    expect((await first).interaction.followUps).toEqual([])
    const refusal = await (await second).says('Already acknowledged by Ana.')
    expect(refusal.isEphemeral).toBe(true)
    expect(posted.edits).toBe(0)
  })

  test('does what is picked from its menu', async () => {
    await open()
    const { posted } = await postFortyTwo()
    await discord.person('Ana').pick(posted, 'Acknowledge it')
    expect(front.acknowledgedBy).toBe('Ana')
  })

  test('answers a look with a private message', async () => {
    await open()
    const { posted } = await postFortyTwo()
    const seen = await discord.person('Ana').press(posted, 'Details')
    expect((await seen.says('#42 in full')).isEphemeral).toBe(true)
    expect(textOf(posted)).toContain('#42 FIRING')
  })

  test('tells a click that took long what came of it', async () => {
    await open()
    front.acknowledgedBy = 'Ben'
    const { promise, resolve } = Promise.withResolvers<void>()
    front.holdUp = promise
    const { posted } = await postFortyTwo()
    const seen = await discord.person('Ana').press(posted, 'Acknowledge')
    resolve()
    expect((await seen.says('Already acknowledged by Ben.')).isEphemeral).toBe(true)
    expect(textOf(posted)).toContain('#42 FIRING')
  })

  test('lets those without the responder role only look', async () => {
    await open({ responderRoleIds: [responderRoleId] })
    const { posted } = await postFortyTwo()
    await (await discord.person('Ben').press(posted, 'Acknowledge')).says('Only responders may acknowledge.')
    await discord.person('Ana', { roles: [responderRoleId] }).press(posted, 'Acknowledge')
    expect(front.acknowledgedBy).toBe('Ana')
  })

  test('a button nobody knows any more says so', async () => {
    await open()
    const { posted } = await postFortyTwo()
    const old = { type: 2, style: 2, label: 'Old', custom_id: 'from-version-zero' }
    posted.components = [{ type: 1, components: [old] }]
    await (await discord.person('Ana').press(posted, 'Old')).says('too old')
  })
})

describe('a rule by form', () => {
  test('goes from modal to page to modal, keeps values on an error, and saves after the preview', async () => {
    await open()
    const ana = discord.person('Ana')
    const opened = await ana.command(['rule', 'create'])
    expect(opened.modal()).toMatchObject({ title: 'Create a rule (1 of 3)' })

    const faulty = await ana.fillIn(opened, { name: 'Taken', kind: 'LOG_PATTERN' })
    const page = await faulty.says('**Name**: There is a rule of this name.')
    expect(page.isEphemeral).toBe(true)

    const again = await ana.press(page, 'Try again')
    expect(JSON.stringify(again.modal())).toContain('"value":"Taken"')
    const next = await ana.fillIn(again, { name: 'Slow orders' })
    await next.says('Create a rule (2 of 3)')
    expect(next.message().id).toBe(page.id)

    const threshold = await ana.press(page, 'Continue')
    const previewed = await ana.fillIn(threshold, { threshold: '500' })
    await previewed.says('It would have fired twice: Slow orders above 500')

    const saved = await ana.press(page, 'Save')
    await saved.says('Rule "Slow orders" is saved')
    expect(front.rules).toEqual([{ name: 'Slow orders', kind: 'LOG_PATTERN', threshold: '500' }])
    expect(labelsOf(page)).toEqual([])
    expect(discord.channelMessages()).toEqual([])
  })

  test('opened from the living message never overwrites it', async () => {
    await open()
    const ana = discord.person('Ana')
    const { posted } = await postFortyTwo()
    const opened = await ana.press(posted, 'New rule')
    const next = await ana.fillIn(opened, { name: 'Slow orders' })
    expect((await next.says('Create a rule (2 of 3)')).isEphemeral).toBe(true)
    expect(textOf(posted)).toContain('#42 FIRING')
  })

  test('that is gone refuses and leaves the page as it was', async () => {
    await open()
    const ana = discord.person('Ana')
    const opened = await ana.command(['rule', 'create'])
    const page = (await ana.fillIn(opened, { name: 'Slow orders' })).message()
    const stale = await ana.press(page, 'Continue')
    const done = await ana.fillIn(stale, { threshold: '500' })
    await ana.press(done.message(), 'Save')
    await (await ana.fillIn(stale, { threshold: '600' })).says('This form was closed.')
    expect(textOf(page)).toContain('is saved')
    expect(front.rules).toHaveLength(1)
  })
})

describe('a broken line', () => {
  test('asked to reconnect, the bot resumes and hears what was pressed meanwhile', async () => {
    await open()
    const { posted } = await postFortyTwo()
    discord.gateway.askToReconnect()
    const pressed = discord.person('Ana').pressWithoutWaiting(posted, 'Acknowledge')
    await eventually('the press is answered', () => pressed.callback !== undefined)
    await eventually('the session is resumed', () => discord.gateway.resumes === 1)
    expect(front.said).toEqual(['ack 42'])
    await (await discord.person('Ben').command(['list'])).says('#42 orders are slow')
  })

  test('cut without warning, it comes back', async () => {
    await open()
    discord.gateway.cut(4000)
    await eventually('the session is resumed', () => discord.gateway.resumes === 1)
    await (await discord.person('Ana').command(['list'])).says('#42 orders are slow')
  })

  test('thrown out of its session, it begins a new one', async () => {
    await open()
    discord.gateway.invalidateSession()
    await eventually('the bot identifies anew', () => discord.gateway.intents.length === 2)
    await (await discord.person('Ana').command(['list'])).says('#42 orders are slow')
  })

  test('closed for good, it says so in the log and does not end the process', async () => {
    await open()
    discord.gateway.cut(4014)
    await eventually('it is logged', () => front.logged.some((line) => line.includes('closed for good')))
  })

  test('an answer that comes too late for Discord is logged, and the next one works', async () => {
    await open()
    const { promise, resolve } = Promise.withResolvers<void>()
    front.holdUp = promise
    const { posted } = await postFortyTwo()
    discord.person('Ana').pressWithoutWaiting(posted, 'Acknowledge')
    discord.world.skip(4000)
    resolve()
    await eventually('it is logged', () => front.logged.some((line) => line.includes('Unknown interaction')))
    await (await discord.person('Ben').command(['list'])).says('#42 orders are slow')
  })
})
