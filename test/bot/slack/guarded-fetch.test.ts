import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guardedFetch } from '#bot/slack/guarded-fetch.ts'
import { listen } from '#test/harness/slack-http.ts'

let away: Awaited<ReturnType<typeof listen>>

beforeAll(async () => {
  const server = createServer((request, response) => {
    const redirect = request.url === '/moved' ? { location: 'http://127.0.0.1:9/' } : {}
    response.writeHead(request.url === '/moved' ? 302 : 200, redirect).end('hello')
  })
  away = await listen(server)
})
afterAll(() => away.close())

describe('the only way out of the Slack door', () => {
  test('leads to the API it was given', async () => {
    const response = await guardedFetch(`${away.origin}/api/`, [])(`${away.origin}/hello`)
    expect(await response.text()).toBe('hello')
  })

  test('leads to hosts named in the settings, with or without their port', async () => {
    for (const host of ['127.0.0.1', new URL(away.origin).host]) {
      expect((await guardedFetch(undefined, [host])(away.origin)).status).toBe(200)
    }
  })

  test.each([
    ['https://evil.example/hooks.slack.com'],
    ['https://hooks.slack.com.evil.example/'],
    ['https://hooks.slack.com@evil.example/'],
    ['http://169.254.169.254/latest/meta-data'],
    ['http://localhost:5432/'],
    ['https://[::1]/'],
  ])('does not lead to %s', async (url) => {
    await expect(guardedFetch(undefined, [])(url)).rejects.toThrow("not one of Slack's hosts")
  })

  test.each([['http://hooks.slack.com/x'], ['ftp://slack.com/x'], ['ws://slack.com/x']])(
    'does not go unencrypted: %s',
    async (url) => {
      await expect(guardedFetch(undefined, [])(url)).rejects.toThrow('without TLS')
    },
  )

  test('does not follow anybody elsewhere', async () => {
    await expect(guardedFetch(away.origin, [])(`${away.origin}/moved`)).rejects.toThrow()
  })
})
