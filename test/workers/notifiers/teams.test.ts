import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { message } from '#engine/message/message.ts'
import { startTeamsConnector, type TeamsConnector } from '#test/harness/teams-connector.ts'
import { DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'
import { teamsNotifier } from '#workers/notifiers/teams.ts'

const app = { id: 'app-1', secret: 'the-secret' }
const identity = { appId: app.id, secret: app.secret, appType: 'SingleTenant', tenantId: 'tenant-1' } as const
const firing = message({ tone: 'critical', headline: '#1 orders fail' })
const cleared = message({ tone: 'resolved', headline: '#1 orders fail — cleared after 3 min' })

let connector: TeamsConnector
let notifier: Notifier
let conversations = 0

beforeAll(async () => {
  connector = await startTeamsConnector(app)
})
afterAll(() => connector.close())
beforeEach(() => {
  notifier = open()
})

function open(
  changes: { appId?: string; secret?: string; anonymousOnLoopback?: boolean; serviceOrigins?: string[] } = {},
) {
  const { tokenUrl, origin } = connector
  return teamsNotifier({
    ...identity,
    tokenUrl,
    anonymousOnLoopback: false,
    serviceOrigins: [origin],
    ...changes,
  })
}

/** Each test speaks in a conversation of its own, so that nobody meets another's rate limit. */
function place(kind = 'channel') {
  const conversation = `19:${(conversations += 1)}@thread.tacv2`
  connector.install(conversation)
  return { serviceUrl: connector.serviceUrl, conversation, kind, bot: '28:app-1' }
}

async function failureOf(work: Promise<unknown>): Promise<DeliveryError> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(DeliveryError)
  return error as DeliveryError
}

describe('the hands of Teams', () => {
  it('post one message and edit it in place', async () => {
    const receipt = await notifier.post(place(), firing, 'd1')
    expect(await notifier.update(receipt, cleared)).toBeUndefined()
    const posted = connector.messages.find(({ id }) => id === receipt['activity'])
    expect(posted).toMatchObject({ edits: 1, activity: { summary: cleared.headline } })
    expect(posted?.activity.text).toBeUndefined()
    expect(connector.complaints).toEqual([])
  })

  it('reply in the thread of a channel, and in a chat with the next message', async () => {
    for (const [kind, thread] of [
      ['channel', true],
      ['groupChat', false],
    ] as const) {
      const receipt = await notifier.post(place(kind), firing, 'd2')
      await notifier.reply(
        receipt,
        ['**Ann** has it ', { time: '2026-11-21T03:04:00.000Z', style: 'clock' }],
        'd3',
        firing,
      )
      const reply = connector.messages.at(-1)
      expect(reply?.activity.text).toBe('**Ann** has it 2026-11-21 03:04 UTC')
      expect(reply?.activity).toMatchObject({ textFormat: 'plain' })
      expect(reply?.conversation).toBe(
        `${receipt['conversation']}${thread ? `;messageid=${receipt['activity']}` : ''}`,
      )
    }
  })

  it('ask for one token however many messages wait for it', async () => {
    const before = connector.tokensGranted()
    await Promise.all([place(), place(), place()].map((where) => notifier.post(where, firing, 'd4')))
    await notifier.post(place(), firing, 'd5')
    expect(connector.tokensGranted() - before).toBe(1)
  })

  it('ask for a new token once when theirs was withdrawn', async () => {
    await notifier.post(place(), firing, 'd6')
    connector.revokeTokens()
    await expect(notifier.post(place(), firing, 'd7')).resolves.toHaveProperty('activity')
    connector.failNext({ status: 401, code: 'Unauthorized' }, { status: 401, code: 'Unauthorized' })
    expect(await failureOf(notifier.post(place(), firing, 'd8'))).toMatchObject({ retry: 'never' })
  })

  it.each([412, 429, 500, 502, 503, 504])('try again later after %i', async (status) => {
    connector.failNext({ status, code: 'Busy' })
    expect(await failureOf(notifier.post(place(), firing, 'd9'))).toMatchObject({
      retry: 'later',
      afterMs: undefined,
    })
  })

  it('wait as long as Teams says', async () => {
    connector.failNext({ status: 429, code: 'TooManyRequests', retryAfterSeconds: 7 })
    expect(await failureOf(notifier.post(place(), firing, 'd10'))).toMatchObject({
      retry: 'later',
      afterMs: 7000,
    })
  })

  it('are told to slow down after seven messages in a second', async () => {
    const where = place()
    await Promise.all(Array.from({ length: 7 }, () => notifier.post(where, firing, 'd11')))
    expect(await failureOf(notifier.post(where, firing, 'd12'))).toMatchObject({
      retry: 'later',
      afterMs: 1000,
    })
  })

  it('give up where the app was removed or the message is gone', async () => {
    const where = place()
    const receipt = await notifier.post(where, firing, 'd13')
    const gone = await failureOf(notifier.update({ ...receipt, activity: '1' }, cleared))
    expect(gone).toMatchObject({
      retry: 'never',
      message: expect.stringContaining('ActivityNotFoundInConversation'),
    })
    connector.uninstall(where.conversation)
    const removed = await failureOf(notifier.update(receipt, cleared))
    expect(removed).toMatchObject({
      retry: 'never',
      message: expect.stringContaining('install it there again'),
    })
  })

  it('say what to check when the secret is wrong, without saying the secret', async () => {
    const error = await failureOf(open({ secret: 'not-the-secret' }).post(place(), firing, 'd14'))
    expect(error).toMatchObject({ retry: 'never', message: expect.stringContaining('invalid_client') })
    expect(error.message).not.toContain('not-the-secret')
  })

  it('try again later when nobody answers', async () => {
    const closed = await startTeamsConnector(app)
    await closed.close()
    const unreachable = open({ serviceOrigins: [closed.origin] })
    const where = { ...place(), serviceUrl: closed.serviceUrl }
    expect(await failureOf(unreachable.post(where, firing, 'd15'))).toMatchObject({ retry: 'later' })
  })
})

describe('where the token may go', () => {
  it.each([
    'https://evil.example/teams/',
    'https://evil.trafficmanager.net/teams/',
    'https://smba.trafficmanager.net.evil.example/',
    'https://smba.trafficmanager.net:8443/',
    'http://smba.trafficmanager.net/teams/',
    'https://user:password@smba.trafficmanager.net/',
    'http://127.0.0.1:1/teams/',
    'not an address',
  ])('never to %s', async (serviceUrl) => {
    const before = connector.tokensGranted()
    const error = await failureOf(notifier.post({ ...place(), serviceUrl }, firing, 'd16'))
    expect(error).toMatchObject({ retry: 'never', message: expect.stringContaining('not a Bot Connector') })
    expect(error.message).not.toContain('password')
    expect(connector.tokensGranted()).toBe(before)
  })

  it('nowhere without an app id: then only this machine is written to', async () => {
    const anonymous = open({ appId: '', anonymousOnLoopback: true, serviceOrigins: [] })
    const error = await failureOf(anonymous.post(place(), firing, 'd17'))
    expect(error.message).toContain('HTTP 401')
    const elsewhere = { ...place(), serviceUrl: 'https://evil.example/' }
    expect(await failureOf(anonymous.post(elsewhere, firing, 'd18'))).toMatchObject({ retry: 'never' })
  })
})
