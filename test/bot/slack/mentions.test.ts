import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { openSlackDoor } from '#test/harness/slack-door.ts'
import { event } from '#test/harness/slack-http.ts'

let house: Awaited<ReturnType<typeof openSlackDoor>>

beforeEach(async () => {
  house = await openSlackDoor()
})
afterEach(() => house.close())

const json = { contentType: 'application/json' }
const mention = (text: string, parts: Record<string, unknown> = {}) =>
  event({ type: 'app_mention', text, ...parts })
const direct = (text: string, parts: Record<string, unknown> = {}) =>
  event({ type: 'message', channel_type: 'im', channel: 'D0ALICE', text, ...parts })

describe('a mention in a channel', () => {
  test('is a command like any other, answered to that person only, in the same thread', async () => {
    await house.send(mention('<@U0BOT> list', { thread_ts: '9.9' }), json)
    const [answer] = await house.api.heard('chat.postEphemeral')
    expect(answer?.sent).toMatchObject({ channel: 'C0ALERTS', user: 'U0ALICE', thread_ts: '9.9' })
    expect(answer?.sent['text']).toBe('One alert is open')
  })

  test('names nobody, so the name is looked up, once', async () => {
    await house.send(mention('<@U0BOT> list'), json)
    await house.api.heard('chat.postEphemeral')
    await house.send(mention('<@U0BOT> list'), json)
    await house.api.heard('chat.postEphemeral', 2)
    expect(house.front.met).toMatchObject([{ name: 'alice' }, { name: 'alice' }])
    expect(await house.api.heard('users.info')).toHaveLength(1)
  })

  test('delivered again by Slack is answered once', async () => {
    const body = mention('<@U0BOT> list')
    await house.send(body, json)
    await house.send(body, { ...json, headers: { 'x-slack-retry-num': '1' }, timestamp: later() })
    await house.send(mention('<@U0BOT> ack 42'), json)
    await eventually('the last command', () => house.front.said.includes('ack 42'))
    expect(house.front.said).toEqual(['list', 'ack 42'])
  })

  test('that needs a form offers a button, because only a click can open one', async () => {
    await house.send(mention('<@U0BOT> rule create'), json)
    const [answer] = await house.api.heard('chat.postEphemeral')
    expect(JSON.stringify(answer?.sent)).toContain('"value":"rule create"')
    expect(house.front.said).toEqual([])
  })

  test('of a guest from another company is refused', async () => {
    await house.send(mention('<@U0BOT> ack 42', { user_team: 'T0OTHER' }), json)
    const [answer] = await house.api.heard('chat.postEphemeral')
    expect(JSON.stringify(answer)).toContain('members of the workspace')
    expect(house.front.said).toEqual([])
  })
})

describe('a direct message', () => {
  test('is a command, with what Slack escaped undone', async () => {
    await house.send(direct('find a &lt; b &amp; c'), json)
    const [answer] = await house.api.heard('chat.postMessage')
    expect(house.front.said).toEqual(['find a < b & c'])
    expect(answer?.sent).toMatchObject({ channel: 'D0ALICE' })
  })

  test.each([
    ['our own', { bot_id: 'B0BOT', user: 'U0BOT' }],
    ['an edit', { subtype: 'message_changed' }],
    ['one in a channel, which is nobody talking to us', { channel_type: 'channel' }],
  ])('%s is not heard', async (_, parts) => {
    await house.send(direct('list', parts), json)
    await house.send(direct('ack 42'), json)
    await eventually('the last command', () => house.front.said.includes('ack 42'))
    expect(house.front.said).toEqual(['ack 42'])
  })
})

describe('the Home tab', () => {
  test('is the open list', async () => {
    await house.send(event({ type: 'app_home_opened', tab: 'home' }), json)
    const [published] = await house.api.heard('views.publish')
    expect(published?.sent).toMatchObject({ user_id: 'U0ALICE', view: { type: 'home' } })
    expect(JSON.stringify(published)).toContain('This is the list')
  })

  test('is left alone while somebody looks at the messages tab', async () => {
    await house.send(event({ type: 'app_home_opened', tab: 'messages' }), json)
    await house.send(direct('ack 42'), json)
    await eventually('the last command', () => house.front.said.includes('ack 42'))
    expect(house.api.calls.filter(({ method }) => method === 'views.publish')).toEqual([])
  })
})

/** A redelivery is signed anew. */
function later(): string {
  return `${Math.floor(Date.now() / 1000) + 1}`
}
