import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sign } from '#bot/slack/signature.ts'
import { eventually } from '#test/harness/eventually.ts'
import { openSlackDoor } from '#test/harness/slack-door.ts'
import { event, slashCommand, type SignedParts } from '#test/harness/slack-http.ts'

let house: Awaited<ReturnType<typeof openSlackDoor>>

beforeAll(async () => {
  house = await openSlackDoor()
})
afterAll(() => house.close())

const secondsFromNow = (seconds: number) => `${Math.floor(Date.now() / 1000) + seconds}`

const list = () => slashCommand('list', { response_url: house.api.responseUrl })

describe('a request that Slack signed is heard', () => {
  test.each<[string, () => SignedParts]>([
    ['now', () => ({})],
    ['almost five minutes ago', () => ({ timestamp: secondsFromNow(-290) })],
    ['by a clock almost five minutes ahead', () => ({ timestamp: secondsFromNow(290) })],
    ['with the other secret, while one is being replaced', () => ({ secret: 'second-secret' })],
    ['with a charset', () => ({ contentType: 'application/x-www-form-urlencoded; charset=utf-8' })],
    ['with a type in capitals', () => ({ contentType: 'Application/X-WWW-Form-Urlencoded' })],
  ])('%s', async (_, parts) => {
    const before = house.front.said.length
    const response = await house.send(list(), parts())
    expect(response.status).toBe(200)
    await eventually('the command', () => house.front.said.length > before)
  })

  test('url_verification answers with the challenge', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'abc' })
    const response = await house.send(body, { contentType: 'application/json; charset=utf-8' })
    expect(await response.json()).toEqual({ challenge: 'abc' })
  })
})

describe('a request that Slack did not sign now, for us, once, is refused without a word (abuse cases 11 and 12)', () => {
  const missing = { 'x-slack-signature': '' }
  test.each<[string, () => SignedParts, string]>([
    ['a wrong secret', () => ({ secret: 'guessed' }), 'no signing secret of ours'],
    ['a signature of another length', () => ({ signature: 'v0=00' }), 'no signing secret of ours'],
    ['an empty signature', () => ({ headers: missing }), 'no signing secret of ours'],
    [
      'a signature of another version',
      () => ({ signature: `v1=${'0'.repeat(64)}` }),
      'no signing secret of ours',
    ],
    ['a timestamp five minutes old', () => ({ timestamp: secondsFromNow(-302) }), 'too old'],
    ['a timestamp in the future', () => ({ timestamp: secondsFromNow(302) }), 'in the future'],
    ['a timestamp an hour in the future', () => ({ timestamp: secondsFromNow(3600) }), 'in the future'],
    ['a timestamp that is no number', () => ({ timestamp: 'now' }), 'not a number'],
    ['a timestamp written another way', () => ({ timestamp: `0${secondsFromNow(0)}` }), 'not a number'],
    ['a timestamp with decimals', () => ({ timestamp: `${secondsFromNow(0)}.0` }), 'not a number'],
  ])('%s', async (_, parts, because) => {
    const heard = house.front.said.length
    const response = await house.send(list(), parts())
    expect([response.status, await response.text()]).toEqual([401, ''])
    expect(house.front.said).toHaveLength(heard)
    expect(house.front.logged.at(-1)).toMatchObject({ level: 40, because: expect.stringContaining(because) })
    expect(house.front.refused.at(-1)).toMatchObject({
      door: 'slack',
      actor: { name: expect.stringContaining('127.0.0.1') },
      because: expect.stringContaining(because),
    })
  })

  test.each([
    ['no headers at all', {}],
    ['no timestamp', { 'x-slack-signature': 'v0=0' }],
    ['no signature', { 'x-slack-request-timestamp': secondsFromNow(0) }],
  ])('%s', async (_, headers: Record<string, string>) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const response = await fetch(house.url, {
      method: 'POST',
      headers: { ...type, ...headers },
      body: list(),
    })
    expect(response.status).toBe(401)
    expect(house.front.logged.at(-1)).toMatchObject({ because: 'it is not signed' })
  })

  test('the same request a second time', async () => {
    const [body, timestamp] = [list(), secondsFromNow(0)]
    expect((await house.send(body, { timestamp })).status).toBe(200)
    expect((await house.send(body, { timestamp })).status).toBe(401)
    expect(house.front.logged.at(-1)).toMatchObject({ because: 'it was received before' })
  })

  test('a signature moved to another body, or to another time', async () => {
    const timestamp = secondsFromNow(0)
    const signature = sign('first-secret', timestamp, list())
    expect((await house.send(list(), { timestamp, signature })).status).toBe(401)
    expect((await house.send(list(), { timestamp: secondsFromNow(-1), signature })).status).toBe(401)
  })

  test('an unsigned url_verification', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'abc' })
    expect((await house.send(body, { secret: 'guessed', contentType: 'application/json' })).status).toBe(401)
  })

  test('a body no Slack would send', async () => {
    const response = await house.send(`text=${'x'.repeat(1024 * 1024)}`).catch(() => undefined)
    // The rest of the body is not read, so the client may see the connection end before the answer.
    expect(response?.status ?? 413).toBe(413)
    expect((await house.send(list())).status).toBe(200)
  })

  test('signed nonsense is a bad request and harms nobody', async () => {
    expect((await house.send('payload=%7Bnonsense')).status).toBe(400)
    expect((await house.send('{nonsense', { contentType: 'application/json' })).status).toBe(400)
    expect((await house.send(list())).status).toBe(200)
  })
})

describe('the unsigned certificate test', () => {
  test('is answered with 200 and nothing else in it is looked at', async () => {
    const heard = house.front.said.length
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = `ssl_check=1&${list()}`
    expect((await fetch(house.url, { method: 'POST', headers, body })).status).toBe(200)
    expect(house.front.said).toHaveLength(heard)
  })
})

describe('a request of somebody who is not ours (abuse case 12)', () => {
  test('from another workspace is refused politely', async () => {
    const [heard, met] = [house.front.said.length, house.front.met.length]
    const told = house.api.calls.length
    await house.send(slashCommand('ack 42', { team_id: 'T0OTHER', response_url: house.api.responseUrl }))
    await eventually('an answer', () => house.api.calls.length > told)
    expect(house.api.calls.at(-1)).toMatchObject({
      method: 'response_url',
      sent: { response_type: 'ephemeral', blocks: expect.arrayContaining([expect.anything()]) },
    })
    expect(JSON.stringify(house.api.calls.at(-1))).toContain('only work for the members of the workspace')
    expect([house.front.said.length, house.front.met.length]).toEqual([heard, met])
    expect(house.front.refused.at(-1)).toMatchObject({
      door: 'slack',
      actor: { name: 'U0ALICE of T0OTHER' },
    })
  })

  test('an event of another workspace is not heard at all', async () => {
    const heard = house.front.said.length
    const body = event(
      { type: 'app_mention', text: '<@U0BOT> list' },
      { team_id: 'T0OTHER', authorizations: [] },
    )
    expect((await house.send(body, { contentType: 'application/json' })).status).toBe(200)
    expect(house.front.said).toHaveLength(heard)
    expect(house.front.logged.at(-1)).toMatchObject({ msg: 'refused a request of another workspace' })
  })

  test('an answer is never sent to a host that is not Slack', async () => {
    const logged = house.front.logged.length
    await house.send(
      slashCommand('list', { team_id: 'T0OTHER', response_url: 'http://169.254.169.254/latest' }),
    )
    const line = await eventually('the refusal in the log', () =>
      house.front.logged.slice(logged).find(({ msg }) => String(msg).startsWith('could not tell')),
    )
    expect(JSON.stringify(line)).toContain("not one of Slack's hosts")
  })
})
