import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireAccess } from '#bot/console/access.ts'
import { countAttempts } from '#bot/console/attempts.ts'
import { ask } from './ask.ts'
import { chatHouse, type ServedConsole, serveConsole } from './chat-house.ts'

const token = 'correct-horse-battery-staple'
const body = { text: 'list' }

describe('on loopback', () => {
  let served: ServedConsole
  beforeAll(async () => {
    served = await serveConsole(chatHouse(), { publicUrl: 'https://alerts.example.com' })
  })
  afterAll(() => served.close())
  const port = () => new URL(served.url).port
  const say = (headers: Record<string, string>) =>
    ask(`${served.url}/chat/say`, { method: 'POST', headers, body })

  test.each([
    'localhost',
    '127.0.0.1:8080',
    '[::1]:3000',
    'tocsin.localhost',
    'alerts.example.com',
    'LOCALHOST:3000',
  ])('answers at %s', async (host) => {
    expect((await ask(served.url, { headers: { host } })).status).toBe(200)
    expect((await ask(`${served.url}/chat/messages`, { headers: { host } })).status).toBe(200)
  })

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.5:3000', 'a b'])(
    'answers nothing to a page that made us believe its name %j is ours',
    async (host) => {
      for (const path of ['/', '/chat/messages', '/chat/incidents', '/chat/stream', '/chat/me']) {
        const reply = await ask(served.url + path, { headers: { host } })
        expect(reply.status).toBeGreaterThanOrEqual(400)
        expect(reply.text).not.toContain('messages')
      }
      const posted = await ask(`${served.url}/chat/say`, {
        method: 'POST',
        headers: { host, origin: `http://${host}` },
        body,
      })
      expect(posted.status).toBeGreaterThanOrEqual(400)
    },
  )

  test('accepts a change from its own page, told by Origin or by Sec-Fetch-Site', async () => {
    expect((await say({ origin: served.url })).status).toBe(200)
    expect((await say({ host: `localhost:${port()}`, origin: `http://localhost:${port()}` })).status).toBe(
      200,
    )
    expect((await say({ host: 'alerts.example.com', origin: 'https://alerts.example.com' })).status).toBe(200)
    expect((await say({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame or a file', { origin: 'null' }],
    ['an Origin that is none', { origin: 'evil' }],
    ['another site that hides its Origin', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['no browser at all', {}],
  ])('refuses a change from %s', async (_, headers) => {
    const reply = await say(headers)
    expect(reply.status).toBe(403)
    expect(reply.json['kind']).toBeUndefined()
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json-seq',
    '',
  ])('refuses a change sent as %j, which a form of another site could send', async (type) => {
    const reply = await say({ origin: served.url, 'content-type': type })
    expect(reply.status).toBe(415)
  })

  test('lets no other site read, not even with the browser of somebody who may', async () => {
    const reply = await ask(`${served.url}/chat/messages`, { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(reply.status).toBe(403)
    expect(reply.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('answers no preflight of another site', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const reply = await ask(`${served.url}/chat/say`, { method: 'OPTIONS', headers })
    expect(reply.status).toBe(404)
    expect(reply.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('with a token', () => {
  let now = new Date('2026-11-21T03:00:00Z')
  let served: ServedConsole
  beforeAll(async () => {
    served = await serveConsole(chatHouse({ clock: () => now }), { access: { kind: 'token', token } })
  })
  afterAll(() => served.close())
  const host = 'alerts.internal:3000'
  const ours = { host, origin: `http://${host}` }
  const signIn = (given: string, headers: Record<string, string> = ours) =>
    ask(`${served.url}/chat/sign-in`, { method: 'POST', headers, body: { token: given } })
  const me = (headers: Record<string, string>) =>
    ask(`${served.url}/chat/me`, { headers: { host, ...headers } })

  test('shows the page to anybody, and the chat to nobody without it', async () => {
    expect((await ask(served.url, { headers: { host } })).status).toBe(200)
    for (const path of ['/chat/messages', '/chat/incidents', '/chat/stream', '/chat/me', '/chat/forms/1']) {
      const reply = await ask(served.url + path, { headers: { host } })
      expect(reply.status).toBe(401)
    }
    expect((await ask(`${served.url}/chat/say`, { method: 'POST', headers: ours, body })).status).toBe(401)
  })

  test('exchanges it for a cookie that is not the token and cannot be read by scripts', async () => {
    const reply = await signIn(token)
    expect(reply.status).toBe(200)
    expect(reply.cookie).not.toContain(token)
    expect(reply.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/)
    expect((await me({ cookie: reply.cookie ?? '' })).status).toBe(200)
    const said = await ask(`${served.url}/chat/say`, {
      method: 'POST',
      headers: { ...ours, cookie: reply.cookie ?? '' },
      body,
    })
    expect(said.status).toBe(200)
  })

  test('a session is not enough for another site to act with', async () => {
    const cookie = (await signIn(token)).cookie ?? ''
    const headers = { host, origin: 'https://evil.example', cookie }
    expect((await ask(`${served.url}/chat/say`, { method: 'POST', headers, body })).status).toBe(403)
    expect((await signIn(token, { host, origin: 'https://evil.example' })).status).toBe(403)
  })

  test('a session ends after thirty days, and cannot be made longer by its owner', async () => {
    const cookie = (await signIn(token)).cookie ?? ''
    const [, made = '', proof = ''] = /=(\w+)\.(.+)$/.exec(cookie) ?? []
    now = new Date(now.getTime() + 31 * 86_400_000)
    expect((await me({ cookie })).status).toBe(401)
    const later = (Number.parseInt(made, 36) + 31 * 86_400_000).toString(36)
    expect((await me({ cookie: `tocsin_session=${later}.${proof}` })).status).toBe(401)
    expect((await me({ cookie: 'tocsin_session=.' })).status).toBe(401)
    expect((await me({ cookie: `tocsin_session=${token}` })).status).toBe(401)
  })

  test('guessing is slow after ten tries and forgiven after a minute, and keeps nobody out who knows it', async () => {
    for (let guess = 0; guess < 10; guess++) expect((await signIn(`guess ${guess}`)).status).toBe(401)
    const stopped = await signIn('guess 11')
    expect(stopped.status).toBe(429)
    expect(stopped.headers['retry-after']).toBe('60')
    expect((await me({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await signIn(token)).status).toBe(200)
    now = new Date(now.getTime() + 61_000)
    expect((await signIn('guess 12')).status).toBe(401)
  })

  test('behind https the cookie is only ever sent over https', async () => {
    const behind = await serveConsole(chatHouse(), {
      access: { kind: 'token', token },
      publicUrl: 'https://alerts.example.com',
    })
    const headers = { host: 'alerts.example.com', origin: 'https://alerts.example.com' }
    const reply = await ask(`${behind.url}/chat/sign-in`, { method: 'POST', headers, body: { token } })
    await behind.close()
    expect(reply.headers['set-cookie']?.[0]).toMatch(/; Secure$/)
  })
})

describe('the same guard before an API', () => {
  const serve = async (access: Parameters<typeof requireAccess>[0]['access']) => {
    const app = Fastify()
    app.addHook('onRequest', requireAccess({ access, clock: () => new Date(), callers: 'programs' }))
    app.get('/rules', async () => ({ rules: [] }))
    app.post('/rules', async () => ({ saved: true }))
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    return { url, close: () => app.close() }
  }

  test('programs come in with the token as Bearer, and only with it', async () => {
    const api = await serve({ kind: 'token', token })
    const get = (authorization?: string) =>
      ask(`${api.url}/rules`, { headers: authorization ? { authorization } : {} })
    const [right, wrong, none, basic] = [
      await get(`Bearer ${token}`),
      await get('Bearer nope'),
      await get(),
      await get('Basic eDp5'),
    ]
    const headers = { authorization: `bearer ${token}` }
    const posted = await ask(`${api.url}/rules`, { method: 'POST', headers, body: {} })
    await api.close()
    expect([right, wrong, none, basic, posted].map(({ status }) => status)).toEqual([200, 401, 401, 401, 200])
    expect(none.headers['www-authenticate']).toBe('Bearer')
  })

  test('while somebody guesses, everybody at that address waits alike, and a client with an old token is no guesser', async () => {
    let pauses = 0
    const attempts = countAttempts(async () => void pauses++)
    const app = Fastify()
    const clock = () => new Date()
    app.addHook(
      'onRequest',
      requireAccess({ access: { kind: 'token', token }, clock, callers: 'programs', attempts }),
    )
    app.get('/rules', async () => ({ rules: [] }))
    const get = async (given: string) => {
      const headers = { host: 'x', authorization: `Bearer ${given}` }
      return (await app.inject({ url: '/rules', headers })).statusCode
    }
    for (let again = 0; again < 30; again++) expect(await get('the-old-token')).toBe(401)
    expect([await get(token), pauses]).toEqual([200, 0])
    for (let guess = 0; guess < 9; guess++) expect(await get(`guess-${guess}`)).toBe(401)
    expect([await get('guess-9'), pauses]).toEqual([429, 1])
    expect([await get(token), pauses]).toEqual([200, 2])
    await app.close()
  })

  test('on loopback a program needs nothing, and a page of another site still gets nothing', async () => {
    const api = await serve({ kind: 'loopback' })
    const post = (headers: Record<string, string>) =>
      ask(`${api.url}/rules`, { method: 'POST', headers, body: {} })
    const replies = [
      await post({}),
      await post({ origin: 'https://evil.example' }),
      await post({ host: 'evil.example' }),
    ]
    await api.close()
    expect(replies.map(({ status }) => status)).toEqual([200, 403, 421])
  })
})
