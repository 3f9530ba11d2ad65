import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { message } from '#engine/message/message.ts'
import { eventually } from '#test/harness/eventually.ts'
import { ask } from './ask.ts'
import { type ChatHouse, chatHouse, type ServedConsole, serveConsole } from './chat-house.ts'

let house: ChatHouse
let served: ServedConsole
let ours: Record<string, string>

beforeAll(async () => {
  house = chatHouse()
  served = await serveConsole(house)
  ours = { origin: served.url }
})
afterAll(() => served.close())

const say = (text: unknown, headers: Record<string, string> = ours) =>
  ask(`${served.url}/chat/say`, { method: 'POST', headers, body: { text } })

describe('the page', () => {
  test('comes with its scripts and styles, and with nothing from anywhere else', async () => {
    const page = await ask(served.url)
    expect(page.status).toBe(200)
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    expect(page.headers['content-security-policy']).toContain(
      "script-src 'self'; style-src 'self'; img-src 'self'",
    )
    expect(page.text).not.toMatch(/https?:\/\//)
    expect(page.text).not.toMatch(/<script>|<style|\son\w+=/)
    const assets = [...page.text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path)
    expect(assets.length).toBeGreaterThanOrEqual(3)
    for (const path of assets) {
      const asset = await ask(served.url + path)
      expect(asset.status).toBe(200)
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    }
  })

  test('is sent compressed to whoever can read that, and stays small', async () => {
    const [script] = /\/assets\/index-[^"]+\.js/.exec((await ask(served.url)).text) ?? []
    const zipped = await ask(`${served.url}${script}`, { headers: { 'accept-encoding': 'gzip' } })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(Number(zipped.headers['content-length'])).toBeLessThan(120_000)
  })

  test.each(['/assets/../index.html', '/assets/..%2f..%2fpackage.json', '/assets/constructor', '/assets/'])(
    '%s is no file',
    async (path) => {
      expect((await ask(served.url + path)).status).toBe(404)
    },
  )
})

describe('the chat', () => {
  test('lists messages oldest first, page by page', async () => {
    const numbers = [house.fire(), house.fire(), house.fire()]
    const last = await ask(`${served.url}/chat/messages?limit=2`)
    const ids = (reply: typeof last) => (reply.json['messages'] as { id: number }[]).map(({ id }) => id)
    expect(ids(last)).toEqual([2, 3])
    expect(ids(await ask(`${served.url}/chat/messages?limit=2&before=2`))).toEqual([1])
    expect(last.headers['cache-control']).toBe('no-store')
    const { incidents } = (await ask(`${served.url}/chat/incidents`)).json
    expect(incidents).toEqual(
      numbers.map((number) => ({ number, title: 'Card payments are failing', state: 'FIRING' })),
    )
  })

  test.each(['limit=0', 'limit=1000', 'limit=many', 'before=-1'])('refuses a page of %s', async (query) => {
    const reply = await ask(`${served.url}/chat/messages?${query}`)
    expect(reply.status).toBe(400)
    expect(reply.json['error']).toContain(query.split('=')[0])
  })

  test('answers what is said, and hands refusals on as answers', async () => {
    expect((await say('/alert help')).json).toMatchObject({ kind: 'message' })
    expect((await say('dance')).json).toEqual({
      kind: 'refused',
      because: 'I do not know "dance". Try /alert help',
    })
  })

  test('carries a form from its first step to its end', async () => {
    const { form } = (await say('rule create')).json as { form: { id: string } }
    const submit = (values: object) =>
      ask(`${served.url}/chat/forms/${form.id}`, { method: 'POST', headers: ours, body: { values } })
    expect((await submit({ name: '' })).json).toMatchObject({
      form: { step: 1, fields: [{ error: expect.any(String) }, {}, {}, {}, {}] },
    })
    expect((await submit({ name: 'Slow orders' })).json).toMatchObject({ form: { step: 2 } })
    expect((await ask(`${served.url}/chat/forms/${form.id}`)).json).toMatchObject({
      form: { id: form.id, step: 2 },
    })
    expect((await submit({})).json).toMatchObject({ form: { step: 3 } })
    expect((await submit({})).json).toMatchObject({
      kind: 'message',
      message: { headline: 'Saved: Slow orders' },
    })
  })

  test.each([
    ['no text', {}],
    ['an empty text', { text: '' }],
    ['a text that is none', { text: 42 }],
    ['a text without end', { text: 'x'.repeat(2001) }],
  ])('refuses %s', async (_, body) => {
    const reply = await ask(`${served.url}/chat/say`, { method: 'POST', headers: ours, body })
    expect(reply.status).toBe(400)
  })

  test('refuses broken JSON, too much of it, and fields without end', async () => {
    const post = (path: string, body: unknown) =>
      ask(served.url + path, { method: 'POST', headers: ours, body })
    expect((await post('/chat/say', '{"text":')).status).toBe(400)
    expect((await post('/chat/say', { text: 'x'.repeat(300_000) })).status).toBe(413)
    const values = Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`field${at}`, '']))
    expect((await post('/chat/forms/any', { values })).status).toBe(400)
  })

  test('says that something went wrong and where to look, and no more', async () => {
    const broken = chatHouse()
    const failing = await serveConsole({
      ...broken,
      front: { ...broken.front, say: () => Promise.reject(new Error('postgres://tocsin:secret@db refused')) },
    })
    const reply = await ask(`${failing.url}/chat/say`, {
      method: 'POST',
      headers: { origin: failing.url },
      body: { text: 'list' },
    })
    await failing.close()
    expect(reply.status).toBe(500)
    expect(reply.json['error']).toMatch(/^That did not work\. The log has the reason under .+\.$/)
  })
})

describe('who is speaking', () => {
  const rename = (name: string, cookie: string) =>
    ask(`${served.url}/chat/me`, { method: 'PUT', headers: { ...ours, cookie }, body: { name } })

  test('a browser is the same person on every visit, and keeps its name', async () => {
    const first = await ask(`${served.url}/chat/me`)
    expect(first.json).toEqual({ name: 'you', role: 'OPERATOR' })
    expect(first.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=31536000$/)
    const named = await rename('  Ada\u202e \n Lovelace ', first.cookie ?? '')
    expect(named.json['name']).toBe('Ada Lovelace')
    await say('help', { ...ours, cookie: named.cookie ?? '' })
    await say('help', { ...ours, cookie: named.cookie ?? '' })
    const [one, other] = house.said.slice(-2)
    expect(one?.person).toMatchObject({ name: 'Ada Lovelace', surface: 'local' })
    expect(other?.person.id).toBe(one?.person.id)
  })

  test('two browsers are two people', async () => {
    await say('help')
    await say('help')
    const [one, other] = house.said.slice(-2)
    expect(other?.person.id).not.toBe(one?.person.id)
  })

  test.each(['', '   ', '\u0000\u202e'])('%j is no name', async (name) => {
    expect((await rename(name, '')).status).toBe(400)
  })

  test('a name is cut, not refused, and a cookie that makes no sense is nobody', async () => {
    expect((await rename('👩‍🚀'.repeat(100), '')).json['name']).toBe('👩‍🚀'.repeat(60))
    expect(
      (await ask(`${served.url}/chat/me`, { headers: { cookie: 'tocsin_person=../..;.' } })).json['name'],
    ).toBe('you')
  })
})

describe('the stream', () => {
  const listen = async () => {
    const leave = new AbortController()
    const response = await fetch(`${served.url}/chat/stream`, { signal: leave.signal })
    let text = ''
    void (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
    })().catch(() => undefined)
    return { response, heard: () => text, leave: () => leave.abort() }
  }

  test('tells the time at once, then every new message and every edit', async () => {
    const stream = await listen()
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
    expect(stream.response.headers.get('cache-control')).toBe('no-store')
    await eventually('the time', () => stream.heard().includes('event: alive\ndata: 20'))
    const number = house.fire({ title: 'Disks are full' })
    await eventually('the alert', () => stream.heard().includes(`#${number} Disks are full`))
    await say(`ack ${number}`)
    await eventually('the edit', () => stream.heard().includes('"tone":"acknowledged"'))
    stream.leave()
  })

  test('survives text that looks like its own framing', async () => {
    const stream = await listen()
    house.post(message({ headline: 'a\n\nevent: message\ndata: {}\n\n' }))
    await eventually('the message', () =>
      stream.heard().includes(String.raw`a\n\nevent: message\ndata: {}\n\n`),
    )
    stream.leave()
  })

  test('an open stream does not keep the house from closing', async () => {
    const other = await serveConsole(chatHouse())
    const response = await fetch(`${other.url}/chat/stream`)
    await other.close()
    await response.text()
    expect(response.status).toBe(200)
  })
})
