import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { message } from '#engine/message/message.ts'
import { DeliveryError, type Notifier } from '#workers/notifiers/notifier.ts'
import { slackNotifier } from '#workers/notifiers/slack.ts'
import { startSlackApi, type SlackApi } from '#test/harness/slack-api.ts'

let api: SlackApi
let slack: Notifier

beforeEach(async () => {
  api = await startSlackApi()
  slack = slackNotifier({ botToken: 'xoxb-secret', apiUrl: api.url })
})
afterEach(() => api.close())

const alert = message({ tone: 'critical', headline: '#42 orders are failing' })
const receipt = { channel: 'C0ALERTS', ts: '1.1' }

const failure = async (call: Promise<unknown>) => {
  const error = await call.then(() => undefined).catch((error: unknown) => error)
  if (!(error instanceof DeliveryError)) throw new Error('expected a DeliveryError', { cause: error })
  return error
}

describe('the Slack notifier', () => {
  test('posts, and keeps where', async () => {
    expect(await slack.post({ channel: 'C0ALERTS' }, alert, 'delivery-1')).toEqual(receipt)
    expect(api.calls[0]).toMatchObject({
      method: 'chat.postMessage',
      token: 'xoxb-secret',
      sent: {
        channel: 'C0ALERTS',
        text: '🔴 #42 orders are failing',
        unfurl_links: 'false',
        unfurl_media: 'false',
        link_names: 'false',
        parse: 'none',
      },
    })
  })

  test('edits in place, and leaves no attachment of before behind', async () => {
    expect(await slack.update(receipt, alert)).toBeUndefined()
    expect(api.calls).toMatchObject([{ method: 'chat.update', sent: { ...receipt, attachments: [] } }])
  })

  test('adds a line to the thread', async () => {
    await slack.reply(receipt, ['Acknowledged by ', { strong: 'alice' }], 'delivery-2', alert)
    expect(api.calls).toMatchObject([
      {
        method: 'chat.postMessage',
        sent: { channel: 'C0ALERTS', thread_ts: '1.1', text: 'Acknowledged by *alice*' },
      },
    ])
  })

  test.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])(
    'posts anew what cannot be edited any more (%s)',
    async (error) => {
      api.answers['chat.update'] = { ok: false, error }
      api.answers['chat.postMessage'] = { ok: true, channel: 'C0ALERTS', ts: '7.7' }
      expect(await slack.update(receipt, alert)).toEqual({ channel: 'C0ALERTS', ts: '7.7' })
    },
  )
})

describe('what Slack refuses', () => {
  test.each([
    ['channel_not_found', 'never', /invite/u],
    ['not_in_channel', 'never', /invite/u],
    ['is_archived', 'never', /archived/u],
    ['invalid_auth', 'never', /SLACK_BOT_TOKEN/u],
    ['token_revoked', 'never', /SLACK_BOT_TOKEN/u],
    ['msg_too_long', 'never', /msg_too_long/u],
    ['internal_error', 'later', /internal_error/u],
    ['ratelimited', 'later', /ratelimited/u],
  ])('%s is tried again: %s', async (error, retry, words) => {
    api.answers['chat.postMessage'] = { ok: false, error }
    const failed = await failure(slack.post({ channel: 'C0ALERTS' }, alert, 'delivery-1'))
    expect(failed).toMatchObject({ retry, message: expect.stringMatching(words) })
  })

  test('a rate limit is waited out for as long as Slack says, by the queue and not by the client', async () => {
    api.answers['chat.update'] = { status: 429, headers: { 'retry-after': '17' } }
    expect(await failure(slack.update(receipt, alert))).toMatchObject({ retry: 'later', afterMs: 17_000 })
    expect(api.calls).toHaveLength(1)
  })

  test.each<[string, object | 'hang up', string]>([
    ['a rate limit without a time', { status: 429 }, 'later'],
    ['an outage', { status: 503 }, 'later'],
    ['a connection that breaks', 'hang up', 'later'],
    ['a proxy in the way', { status: 403 }, 'never'],
  ])('%s', async (_, answer, retry) => {
    api.answers['chat.postMessage'] = answer
    const failed = await failure(slack.post({ channel: 'C0ALERTS' }, alert, 'delivery-1'))
    expect(failed.retry).toBe(retry)
    expect(failed.message).not.toContain('xoxb-secret')
    expect(api.calls).toHaveLength(1)
  })

  test('a receipt that leads nowhere is not tried again', async () => {
    expect(await failure(slack.update({ channel: 'C0ALERTS' }, alert))).toMatchObject({ retry: 'never' })
    expect(api.calls).toEqual([])
  })
})
