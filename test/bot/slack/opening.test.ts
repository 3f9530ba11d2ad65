import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSlack, type SlackSettings } from '#bot/slack/app.ts'
import { startSlackApi, type SlackApi } from '#test/harness/slack-api.ts'
import { slackFront } from '#test/harness/slack-front.ts'

let api: SlackApi

beforeEach(async () => {
  api = await startSlackApi()
})
afterEach(() => api.close())

const open = (parts: Partial<SlackSettings> = {}, front = slackFront()) =>
  openSlack(
    { botToken: 'xoxb-1', signingSecrets: ['s'], channel: 'C0ALERTS', apiUrl: api.url, ...parts },
    front,
  )

describe('opening the Slack door', () => {
  test('learns whose workspace it is, and where alerts go', async () => {
    const front = slackFront()
    const door = await open({}, front)
    expect(door).toMatchObject({ mode: 'http', teamId: 'T0HOME' })
    expect(front.places).toEqual([
      { surface: 'slack', key: 'C0ALERTS', name: '#alerts', address: { channel: 'C0ALERTS' } },
    ])
    expect(api.calls.map(({ token }) => token)).toEqual(['xoxb-1', 'xoxb-1'])
    await door.close()
  })

  test('finds a channel by name among the few the bot is in', async () => {
    const front = slackFront()
    api.answers['users.conversations'] = { ok: true, channels: [{ id: 'C0OPS', name: 'ops' }] }
    await (await open({ channel: '#ops' }, front)).close()
    expect(front.places).toMatchObject([{ key: 'C0OPS', name: '#ops' }])
  })

  test('keeps the id where the app may not look up the name', async () => {
    const front = slackFront()
    api.answers['conversations.info'] = { ok: false, error: 'missing_scope' }
    await (await open({}, front)).close()
    expect(front.places).toMatchObject([{ key: 'C0ALERTS', name: 'C0ALERTS' }])
  })

  test.each<[string, string, object | 'hang up', Partial<SlackSettings>, RegExp]>([
    [
      'a wrong bot token',
      'auth.test',
      { ok: false, error: 'invalid_auth' },
      {},
      /SLACK_BOT_TOKEN was refused.*xoxb-/su,
    ],
    ['a Slack out of reach', 'auth.test', 'hang up', {}, /could not be reached.*SLACK_BOT_TOKEN/su],
    ['a Slack that is down', 'auth.test', { status: 503 }, {}, /could not be reached/u],
    [
      'a channel the bot cannot see',
      'conversations.info',
      { ok: false, error: 'channel_not_found' },
      {},
      /SLACK_CHANNEL is "C0ALERTS".*\/invite/su,
    ],
    [
      'a channel name the bot does not know',
      'users.conversations',
      { ok: true, channels: [] },
      { channel: '#nowhere' },
      /SLACK_CHANNEL is "#nowhere".*\/invite/su,
    ],
    [
      'a wrong app token',
      'apps.connections.open',
      { ok: false, error: 'invalid_auth' },
      { appToken: 'xapp-1' },
      /SLACK_APP_TOKEN was refused.*xapp-/su,
    ],
    ['no signing secret', 'api.test', {}, { signingSecrets: [] }, /SLACK_SIGNING_SECRET is missing/u],
  ])('%s ends in one sentence that names the setting', async (_, method, answer, settings, sentence) => {
    api.answers[method] = answer
    const front = slackFront()
    await expect(open(settings, front)).rejects.toThrow(sentence)
    expect(front.places).toEqual([])
  })

  test('never shows a token', async () => {
    api.answers['auth.test'] = { ok: false, error: 'invalid_auth' }
    const front = slackFront()
    const failure = await open({ botToken: 'xoxb-secret' }, front).catch((error: unknown) => error)
    expect(String(failure) + JSON.stringify(front.logged)).not.toContain('xoxb-secret')
  })
})
