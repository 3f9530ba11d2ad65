import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSlack, type SlackDoor } from '#bot/slack/app.ts'
import { eventually } from '#test/harness/eventually.ts'
import { startSlackApi, type SlackApi } from '#test/harness/slack-api.ts'
import { slackFront, type SlackFront } from '#test/harness/slack-front.ts'
import { startSlackSocket } from '#test/harness/slack-socket.ts'

let api: SlackApi
let socket: Awaited<ReturnType<typeof startSlackSocket>>
let front: SlackFront
let door: SlackDoor

beforeEach(async () => {
  api = await startSlackApi()
  socket = await startSlackSocket()
  front = slackFront()
  api.answers['apps.connections.open'] = { ok: true, url: socket.url }
  const settings = {
    botToken: 'xoxb-1',
    appToken: 'xapp-1',
    signingSecrets: [],
    channel: 'C0ALERTS',
    apiUrl: api.url,
  }
  door = await openSlack(settings, front)
})
afterEach(async () => {
  await door.close()
  await socket.close()
  await api.close()
})

const command = (text: string, parts: Record<string, string> = {}) => ({
  command: '/alert',
  text,
  team_id: 'T0HOME',
  user_id: 'U0ALICE',
  user_name: 'alice',
  channel_id: 'C0ALERTS',
  trigger_id: text,
  response_url: api.responseUrl,
  ...parts,
})

const opened = () => api.calls.filter(({ method }) => method === 'apps.connections.open')

describe('Socket Mode', () => {
  test('hears commands without any address of ours, and opens with the app token', async () => {
    expect(door).toMatchObject({ mode: 'socket', teamId: 'T0HOME' })
    expect(door.handle).toBeUndefined()
    expect(opened()).toMatchObject([{ token: 'xapp-1' }])
    expect(await socket.deliver(command('list'))).toBe(true)
    const [answer] = await api.heard('response_url')
    expect(answer?.sent).toMatchObject({ response_type: 'ephemeral', text: 'One alert is open' })
  })

  test('acknowledges a command delivered twice both times, and does it once', async () => {
    await socket.deliver(command('ack 42'))
    await socket.deliver(command('ack 42'))
    await socket.deliver(command('list'))
    await eventually('the last command', () => front.said.includes('list'))
    expect(front.said).toEqual(['ack 42', 'list'])
  })

  test('refuses another workspace here too', async () => {
    await socket.deliver(command('ack 42', { team_id: 'T0OTHER' }))
    const [answer] = await api.heard('response_url')
    expect(JSON.stringify(answer)).toContain('members of the workspace')
    expect(front.said).toEqual([])
  })

  test('is open again right after Slack closes it', async () => {
    socket.connections[0]?.close()
    await eventually('a second connection', () => socket.connections.length === 2)
    expect(await socket.deliver(command('list'))).toBe(true)
  })

  test('is open again right after Slack asks to reconnect', async () => {
    socket.connections[0]?.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
    await eventually('a second connection', () => socket.connections.length === 2)
    expect(await socket.deliver(command('list'))).toBe(true)
  })

  test('outlives a time in which Slack refuses to open it', async () => {
    const before = opened().length
    api.answers['apps.connections.open'] = { ok: false, error: 'invalid_auth' }
    socket.connections[0]?.close()
    await eventually('a refused try', () => opened().length > before)
    api.answers['apps.connections.open'] = { ok: true, url: socket.url }
    await eventually('a second connection', () => socket.connections.length === 2)
    expect(await socket.deliver(command('list'))).toBe(true)
    expect(front.logged.map(({ msg }) => msg)).toContain(
      'the Slack socket could not be opened again; trying on',
    )
  })

  test('stays closed once the door is closed', async () => {
    const before = opened().length
    await door.close()
    expect(socket.connections[0]?.readyState).not.toBe(1)
    expect(opened()).toHaveLength(before)
  })
})
