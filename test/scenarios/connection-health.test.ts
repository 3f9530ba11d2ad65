import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Answering, type HttpReceiver, openHttpReceiver } from '#test/harness/http-receiver.ts'
import { messageThatSays, pass, push, textOf } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let receiver: HttpReceiver
let status: number
let id: string

const answer: Answering = (response) => response.writeHead(status).end('a secret page')

beforeEach(async () => {
  house = await serveHouse()
  receiver = await openHttpReceiver((...call) => answer(...call))
  const { body } = await house.post('/api/v1/connections', {
    name: 'hooks',
    kind: 'webhook',
    settings: { tls: { mode: 'INSECURE' } },
    secrets: { url: `${receiver.url}/hook` },
  })
  id = (body as { id: string }).id
  await house.put('/api/v1/routing', {
    route: { receiver: 'ops' },
    receivers: [{ name: 'ops', chats: ['local'], connections: ['hooks'] }],
  })
})
afterEach(async () => {
  await receiver.close()
  await house.close()
})

async function health(): Promise<unknown> {
  const { body } = await house.get('/api/v1/connections')
  const { connections } = body as { connections: { id: string; health: unknown }[] }
  const { body: alone } = await house.get(`/api/v1/connections/${id}`)
  const listed = connections.find((one) => one.id === id)?.health
  expect((alone as { health: unknown }).health).toEqual(listed)
  // The guide's paths say the same.
  const guide = '/api/v1/admin/outbound-connections'
  expect((await house.get(guide)).body).toMatchObject([{ id, health: listed }])
  expect((await house.get(`${guide}/${id}`)).body).toMatchObject({ health: listed })
  return listed
}

test.each([401, 403])(
  'credentials that do not hold (%i) are seen in the list, told elsewhere, and over once they do',
  async (refusal) => {
    expect(await health()).toEqual({ state: 'OK', since: null, problem: null })
    status = refusal
    await push(house, { title: 'Disk' })
    await pass(house, '5s')
    expect(receiver.requests).toHaveLength(1)
    expect(await health()).toMatchObject({
      state: 'TROUBLED',
      since: expect.any(String),
      problem: expect.stringMatching(/Its credentials do not hold: enter them anew/),
    })
    const told = await messageThatSays(house, '#2 Webhook hooks cannot be reached')
    expect(textOf(told)).toContain('credentials do not hold')
    expect(textOf(told)).not.toContain('secret page')
    status = 200
    await push(house, { title: 'Disk', state: 'ok' })
    await push(house, { check: 'other', title: 'Other' })
    await pass(house, '5s')
    expect(await health()).toMatchObject({ state: 'OK' })
  },
)

test('who is told that there is no such place three times is shown as gone', async () => {
  status = 410
  for (const check of ['a', 'b', 'c', 'd']) await push(house, { check, title: check })
  expect(receiver.requests).toHaveLength(3)
  expect(await health()).toMatchObject({ state: 'GONE', problem: expect.stringContaining('410') })
})

test('that nobody checks whom it speaks to is shown for as long as it is so', async () => {
  for (const path of ['/api/v1/connections', `/api/v1/connections/${id}`])
    expect((await house.get(path)).text).toContain('INSECURE: anybody between here and there can read')
})
