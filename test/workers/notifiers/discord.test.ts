import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { message } from '#engine/message/message.ts'
import { type FakeDiscord, fakeToken, openFakeDiscord } from '#test/harness/fake-discord.ts'
import { textOf } from '#test/harness/fake-discord-people.ts'
import { Refusal } from '#test/harness/fake-discord-world.ts'
import { discordNotifier } from '#workers/notifiers/discord.ts'
import { DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'

const alert = message({ tone: 'critical', headline: '#42 orders are slow' })
const settled = message({ tone: 'resolved', headline: '#42 is over' })
const hour = 3_600_000

let discord: FakeDiscord
let notifier: Notifier

beforeEach(async () => {
  discord = await openFakeDiscord()
  notifier = discordNotifier({ token: fakeToken, apiUrl: discord.apiUrl })
})

afterEach(async () => {
  await notifier.close?.()
  await discord.close()
})

const post = (deliveryId = 'delivery-1') =>
  notifier.post({ channel: '300000000000003000' }, alert, deliveryId)
const contents = () => discord.channelMessages().map(({ content }) => content)
const failure = async (work: Promise<unknown>): Promise<DeliveryError> => {
  const error: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(DeliveryError)
  return error as DeliveryError
}

describe('a message on Discord', () => {
  test('is posted without pinging anyone, and its receipt leads back to it', async () => {
    const receipt = await post()
    expect(discord.channelMessages()).toMatchObject([
      { id: receipt['message'], content: '🔴 **#42 orders are slow**', allowedMentions: { parse: [] } },
    ])
    expect(receipt).toEqual({ channel: '300000000000003000', message: expect.any(String) })
  })

  test('posted again for the same delivery stays one message', async () => {
    const first = await post()
    expect(await post()).toEqual(first)
    expect(contents()).toHaveLength(1)
    await post('delivery-2')
    expect(contents()).toHaveLength(2)
  })

  test('is edited in place', async () => {
    const receipt = await post()
    expect(await notifier.update(receipt, settled)).toBeUndefined()
    expect(contents()).toEqual(['✅ **#42 is over**'])
  })

  test('is answered by a reply to it that shows no previews', async () => {
    const receipt = await post()
    await notifier.reply(receipt, [{ strong: 'Ana' }, ' acknowledged it'], 'delivery-2', alert)
    expect(discord.channelMessages()[1]).toMatchObject({
      content: '**Ana** acknowledged it',
      referenceId: receipt['message'],
      flags: 4,
      allowedMentions: { parse: [], replied_user: false },
    })
  })

  test('too old to be edited again is continued by a new one that refers to it', async () => {
    const receipt = await post()
    discord.world.skip(2 * hour)
    discord.world.oldEditsLeft = 0
    const renewed = await notifier.update(receipt, settled)
    expect(discord.channelMessages()[1]).toMatchObject({
      id: renewed?.['message'],
      referenceId: receipt['message'],
    })
    expect(contents()).toEqual(['🔴 **#42 orders are slow**', '✅ **#42 is over**'])
    expect(await notifier.update(renewed ?? {}, alert)).toBeUndefined()
  })

  test('too old to be edited does not hold up the edits of younger ones', async () => {
    const old = await post()
    discord.world.skip(2 * hour)
    discord.world.oldEditsLeft = 0
    const young = await post('delivery-2')
    await Promise.all([notifier.update(old, settled), notifier.update(young, settled)])
    expect(contents()).toEqual(['🔴 **#42 orders are slow**', '✅ **#42 is over**', '✅ **#42 is over**'])
  })

  test('deleted by hand is posted anew', async () => {
    const receipt = await post()
    discord.world.messages.clear()
    const renewed = await notifier.update(receipt, settled)
    expect(renewed?.['message']).toBe(discord.channelMessages()[0]?.id)
    await notifier.reply(receipt, ['still here'], 'delivery-2', alert)
    expect(contents()).toEqual(['✅ **#42 is over**', 'still here'])
  })

  test('rendered to the fake is what was meant', async () => {
    await notifier.post(
      { channel: '300000000000003000' },
      message({ headline: 'x', lines: [['*a*']] }),
      'delivery-1',
    )
    expect(discord.channelMessages().map(textOf)).toEqual(['**x**\n\\*a\\*'])
  })
})

describe('a failure on Discord', () => {
  test('a short 429 is waited for and the message arrives once', async () => {
    discord.next.push(new Refusal(429, 0, 'You are being rate limited.', 1))
    await post()
    expect(contents()).toHaveLength(1)
    expect(discord.log).toEqual([
      'POST /channels/300000000000003000/messages 429',
      'POST /channels/300000000000003000/messages 200',
    ])
  })

  test('a long 429 goes back to the queue with the time Discord named', async () => {
    discord.next.push(new Refusal(429, 0, 'You are being rate limited.', 30))
    const { retry, afterMs } = await failure(post())
    expect(retry).toBe('later')
    expect(afterMs).toBeGreaterThanOrEqual(30_000)
    expect(afterMs).toBeLessThan(31_000)
  })

  test.each([
    ['a server error', new Refusal(503, 0, 'Service Unavailable')],
    ['a broken connection', 'hang up' as const],
  ])('%s is tried later, by the queue and not at once', async (_, trouble) => {
    discord.next.push(trouble)
    expect(await failure(post())).toMatchObject({ retry: 'later', afterMs: undefined })
    expect(discord.log).toHaveLength(1)
    await post()
    expect(contents()).toHaveLength(1)
  })

  test.each([
    ['see nothing', /see this channel.*View Channel/],
    ['not write', /write in this channel.*Send Messages/],
  ] as const)('the bot that may %s is told what it lacks', async (botMay, words) => {
    discord.world.botMay = botMay
    const error = await failure(post())
    expect(error.retry).toBe('never')
    expect(error.message).toMatch(words)
  })

  test('an unknown channel is not tried again', async () => {
    const error = await failure(notifier.post({ channel: '3999' }, alert, 'delivery-1'))
    expect(error).toMatchObject({ retry: 'never', message: expect.stringContaining('no such channel') })
  })

  test('a destination without a channel is not tried at all', async () => {
    expect(await failure(notifier.post({}, alert, 'delivery-1'))).toMatchObject({ retry: 'never' })
    expect(discord.log).toEqual([])
  })

  test('a dead token is asked with once, and never appears in the message', async () => {
    const dead = discordNotifier({ token: 'dead.secret.token', apiUrl: discord.apiUrl })
    const errors = [
      await failure(dead.post({ channel: '300000000000003000' }, alert, 'delivery-1')),
      await failure(dead.post({ channel: '300000000000003000' }, alert, 'delivery-2')),
    ]
    for (const { retry, message } of errors) {
      expect(retry).toBe('never')
      expect(message).toContain('DISCORD_TOKEN')
      expect(message).not.toContain('secret')
    }
    expect(discord.log).toEqual(['POST /channels/300000000000003000/messages 401'])
    await dead.close?.()
  })
})
