import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openTeams } from '#bot/teams/app.ts'
import { smallFront } from '#test/harness/teams-front.ts'
import type { TeamsClient } from '#test/harness/teams-client.ts'
import {
  clientOf,
  openTeamsDoor,
  simulatedSettings,
  startTeamsHouse,
  teamsApp,
  type TeamsHouse,
} from '#test/harness/teams-house.ts'

let house: TeamsHouse
let ann: TeamsClient

beforeAll(async () => {
  // botbuilder prints the key list on every forged signature.
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  house = await startTeamsHouse()
  ann = clientOf(house, house, conversation)
  house.connector.install(conversation)
})
afterAll(() => house[Symbol.asyncDispose]())

const conversation = '19:general@thread.tacv2'
const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow
const list = { type: 'message', text: 'list' }

describe('who may speak at /api/messages (abuse case 12)', () => {
  it('Teams, about someone of our tenant', async () => {
    const posted = house.connector.messages.length
    expect(await ann.send(list)).toEqual({ status: 200, body: undefined })
    expect(house.connector.messages).toHaveLength(posted + 1)
  })

  it('Teams, when our clocks differ by less than five minutes', async () => {
    expect((await ann.send(list, { claims: { exp: seconds(-200) } })).status).toBe(200)
    expect((await ann.send(list, { claims: { nbf: seconds(200) } })).status).toBe(200)
  })

  it.each([
    ['nobody without a token', 'no token'],
    ['nobody with a token signed by a stranger', { signedBy: 'stranger' }],
    ['nobody with an unsigned token', { signedBy: 'nobody' }],
    ['nobody who signs with our public key as a secret', { signedBy: 'public key as secret' }],
    ['nobody whose key is not endorsed for Teams', { signedBy: 'unendorsed' }],
    ['nobody whose key is not published', { header: { kid: 'unknown' } }],
    ['nobody with a token for another bot', { claims: { aud: 'another-bot' } }],
    ['nobody with a token from another issuer', { claims: { iss: 'https://evil.example' } }],
    [
      'nobody with a token of another bot or the emulator',
      { claims: { iss: 'https://sts.windows.net/x/', ver: '1.0', appid: teamsApp.id } },
    ],
    ['nobody with a token for another service', { claims: { serviceurl: 'https://evil.example/' } }],
    ['nobody with a token that names no service', { claims: { serviceurl: undefined } }],
    ['nobody with a token that ran out', { claims: { exp: seconds(-3600) } }],
    ['nobody with a token that is not valid yet', { claims: { nbf: seconds(3600) } }],
  ] as const)('%s', async (_, forged) => {
    const before = house.front.met.length
    const refused = house.front.refused.length
    expect(await ann.send(list, forged)).toEqual({ status: 401, body: undefined })
    expect(house.front.met).toHaveLength(before)
    expect(house.front.refused.slice(refused)).toEqual([
      expect.objectContaining({ door: 'teams', because: expect.stringContaining('does not prove') }),
    ])
  })

  it('nobody with something else than a bearer token', async () => {
    const headers = { 'content-type': 'application/json', authorization: 'Basic YTpi' }
    const activity = { ...list, channelId: 'msteams', serviceUrl: house.connector.serviceUrl }
    const body = { ...activity, from: { id: '1' }, recipient: { id: '2' }, conversation: { id: '3' } }
    expect((await ann.sendRaw(JSON.stringify(body), headers)).status).toBe(401)
  })

  it.each([
    ['another tenant', { conversation: { id: '19:x', tenantId: 'other' }, channelData: {} }],
    ['a chat shared with another tenant', { channelData: { tenant: { id: 'other' } } }],
    ['a guest’s own tenant', { from: { id: '29:eve', tenantId: 'other' } }],
    ['no tenant at all', { conversation: { id: '19:x' }, channelData: {} }],
  ])('nobody from %s, though Teams vouches for the message', async (_, changes) => {
    const before = house.front.met.length
    expect(await ann.send({ ...list, ...changes })).toEqual({ status: 403, body: undefined })
    expect(await ann.invoke('task/fetch', { data: { command: 'rule create' } }, changes)).toMatchObject({
      status: 403,
    })
    expect(house.front.met).toHaveLength(before)
    expect(house.front.refused.at(-1)).toMatchObject({ because: expect.stringContaining('tenant') })
  })

  it.each([
    ['another channel', { channelId: 'webchat' }],
    ['the channel that botbuilder checks differently', { channelId: 'AseChannel' }],
    ['an activity without a service address, which botbuilder would not compare', { serviceUrl: '' }],
    ['an activity without a sender', { from: undefined }],
  ])('nobody over %s', async (_, changes) => {
    expect(await ann.send({ ...list, ...changes })).toMatchObject({ status: 400 })
  })

  it('nobody with a body that is not small JSON', async () => {
    const authorization = `Bearer ${house.identity.token(teamsApp.id, house.connector.serviceUrl)}`
    const json = { 'content-type': 'application/json', authorization }
    expect((await ann.sendRaw('{', json)).status).toBe(400)
    expect((await ann.sendRaw('[]', json)).status).toBe(400)
    expect((await ann.sendRaw('{}', { ...json, 'content-type': 'text/plain' })).status).toBe(415)
    expect((await ann.sendRaw(JSON.stringify('x'.repeat(300_000)), json)).status).toBe(413)
    expect((await fetch(house.messagesUrl)).status).toBe(405)
  })
})

describe('a bot whose replies are signed by Entra itself', () => {
  it.each([
    ['SingleTenant', teamsApp.secret],
    ['MultiTenant', teamsApp.secret],
    ['UserAssignedMSI', ''],
  ] as const)('checks who speaks just the same when it is %s', async (appType, secret) => {
    const { accessToken: _, ...settings } = simulatedSettings(house)
    const door = await openTeamsDoor({ ...settings, appType, secret }, house.front)
    const client = clientOf(house, door, conversation)
    const open = { type: 'invoke', name: 'composeExtension/fetchTask', value: { commandId: 'rule-create' } }
    expect(await client.send(open)).toMatchObject({ status: 200, body: { task: { type: 'continue' } } })
    expect((await client.send(open, { signedBy: 'stranger' })).status).toBe(401)
    expect((await client.send(open, 'no token')).status).toBe(401)
    await door.close()
  })
})

describe('a bot without an app id', () => {
  const settings = {
    appId: '',
    appType: 'SingleTenant',
    tenantId: '',
    secret: '',
    allowedTenants: [],
    anonymousOnLoopback: false,
  } as const

  it('does not start, because botbuilder would let everyone in', async () => {
    await expect(openTeams(settings, smallFront())).rejects.toThrow('Teams has no app id')
    await expect(openTeams({ ...settings, appId: ' ' }, smallFront())).rejects.toThrow('Teams has no app id')
  })

  it('does not start with an app id and no tenant either', async () => {
    await expect(openTeams({ ...settings, appId: 'a' }, smallFront())).rejects.toThrow('knows no tenant')
  })

  it('speaks with this machine alone when development asks for it', async () => {
    await using house = await startTeamsHouse({ appId: '', anonymousOnLoopback: true })
    const developer = clientOf(house, house, conversation)
    const fetchForm = {
      type: 'invoke',
      name: 'composeExtension/fetchTask',
      value: { commandId: 'rule-create' },
    }
    expect((await developer.send(fetchForm, 'no token')).status).toBe(200)
    expect(
      (await developer.send({ ...fetchForm, serviceUrl: 'https://evil.example/' }, 'no token')).status,
    ).toBe(403)
    for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
      const headers = { 'content-type': 'application/json', [header]: '203.0.113.7' }
      expect((await developer.sendRaw('{}', headers)).status).toBe(401)
    }
  })
})
