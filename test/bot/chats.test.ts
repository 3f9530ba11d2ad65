import { createHmac } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Bot, startBot } from '#bot/app.ts'
import type { ChatSettings } from '#bot/chats.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import {
  localSlackProgram,
  localSlackSettings,
  startLocalSlack,
  type LocalSlack,
} from '#test/harness/local-slack.ts'

let house: House
let slack: LocalSlack
let bot: Bot
let page: string

/** The doors as they stand in production: behind Fastify, on the one port. */
async function open(chats: ChatSettings): Promise<Bot> {
  return startBot({
    desk: house.desk,
    memory: house.memory,
    log: house.desk.log,
    host: '127.0.0.1',
    port: 0,
    access: { kind: 'loopback' },
    page,
    chats,
  })
}

beforeEach(async (context) => {
  if ('missing' in localSlackProgram) return context.skip(localSlackProgram.missing)
  page = await mkdtemp(join(tmpdir(), 'tocsin-page-'))
  await mkdir(join(page, 'assets'))
  await writeFile(join(page, 'index.html'), '<!doctype html><title>Tocsin</title>')
  house = await startHouse()
  slack = await startLocalSlack()
  const { botToken, signingSecret, alertChannel } = localSlackSettings
  bot = await open({
    slack: { botToken, signingSecrets: [signingSecret], channel: alertChannel, apiUrl: slack.apiUrl },
  })
})

afterEach(async () => {
  await bot?.close()
  await slack?.close()
  await house?.close()
  if (page) await rm(page, { recursive: true, force: true })
})

function post(body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${bot.url}/slack/events`, { method: 'POST', body, headers })
}

function signed(body: string, secret = localSlackSettings.signingSecret): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')
  return {
    'content-type': 'application/json',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${digest}`,
  }
}

const challenge = JSON.stringify({ type: 'url_verification', challenge: 'hello, Tocsin' })

describe("Slack's door on the one port", () => {
  test('answers what Slack signed, byte for byte', async () => {
    const answer = await post(challenge, signed(challenge))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('hello, Tocsin')
  })

  test('refuses what it did not sign', async () => {
    expect((await post(challenge, { 'content-type': 'application/json' })).status).toBe(401)
    expect((await post(challenge, signed(challenge, 'another secret'))).status).toBe(401)
    expect((await post(challenge, signed(challenge.replace('hello', 'hullo')))).status).toBe(401)
  })

  test('is open beside the local chat and the API, and Teams has no door where it is not set up', async () => {
    expect(bot.chats).toEqual(['Slack (http)'])
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${bot.url}/`)).status).toBe(200)
    expect((await fetch(`${bot.url}/api/messages`, { method: 'POST', body: '{}' })).status).toBe(404)
  })
})
