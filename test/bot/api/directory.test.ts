import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FlapjackTool, flapjackTool } from '#test/harness/flapjack-tool.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let tool: FlapjackTool

beforeAll(async () => {
  house = await serveHouse()
  tool = flapjackTool(house)
})
afterAll(() => house.close())
beforeEach(() => tool.forget())

const api = '/api/v1'
const ada = { id: 'ada', firstName: 'Ada', timezone: 'Europe/London' }

async function adaHears(): Promise<void> {
  expect((await house.post(`${api}/contacts`, ada)).status).toBe(201)
  const email = { address: 'ada@example.com', intervalSeconds: 300 }
  expect((await house.put(`${api}/contacts/ada/media/email`, email)).status).toBe(200)
  const shop = { id: 'shop', name: 'Shop', contacts: ['ada'] }
  expect((await house.post(`${api}/entities`, shop)).status).toBe(201)
}

describe('contacts, media, rules and entities', () => {
  test('what is created here pages on the next event, and is the same in Flapjack’s words', async () => {
    await adaHears()
    const rule = { contactId: 'ada', tags: ['http'], criticalMedia: ['email'], criticalBlackhole: false }
    const created = await house.post(`${api}/notification-rules`, rule)
    expect(created).toMatchObject({ status: 201, body: { contactId: 'ada', tags: ['http'], infoMedia: [] } })
    await tool.push('shop', 'HTTP', 'critical')
    expect(await tool.paged()).toEqual(['ada email problem'])
    expect((await tool.get('/contacts/ada')).body).toMatchObject({
      contacts: [{ first_name: 'Ada', links: { entities: ['shop'], media: ['ada_email'] } }],
    })
    expect((await house.get(`${api}/contacts/ada`)).body).toMatchObject({
      ...ada,
      lastName: null,
      media: { email: { address: 'ada@example.com', intervalSeconds: 300, rollupThreshold: null } },
      entities: [{ id: 'shop', name: 'Shop' }],
      notificationRules: [expect.any(String)],
    })
    expect((await house.get(`${api}/entities/shop`)).body).toEqual({
      id: 'shop',
      name: 'Shop',
      tags: [],
      contacts: ['ada'],
      checks: ['shop:HTTP'],
    })
  })

  test('changes name only what changes, and count for the next event', async () => {
    await adaHears()
    const hours = {
      start_time: '2014-01-13 08:00:00',
      end_time: '2014-01-13 18:00:00',
      rrules: [{ rule_type: 'Daily' }],
    }
    await house.post(`${api}/notification-rules`, { id: 'r1', contactId: 'ada', criticalMedia: ['email'] })
    const changed = await house.patch(`${api}/notification-rules/r1`, {
      timeRestrictions: [hours],
      criticalBlackhole: true,
    })
    expect(changed.body).toMatchObject({
      criticalMedia: ['email'],
      criticalBlackhole: true,
      timeRestrictions: [{ start_time: '2014-01-13 08:00:00', rrules: [{ rule_type: 'Daily' }] }],
    })
    const moved = { lastName: 'King', timezone: null, removeEntities: ['shop'], addEntities: ['ALL'] }
    expect((await house.patch(`${api}/contacts/ada`, moved)).body).toMatchObject({
      firstName: 'Ada',
      lastName: 'King',
      timezone: null,
      entities: [{ id: 'ALL' }],
    })
    await tool.push('elsewhere', 'HTTP', 'critical')
    expect(await tool.paged()).toEqual([])
    expect((await house.remove(`${api}/notification-rules/r1`)).status).toBe(204)
    await tool.push('elsewhere', 'Other', 'critical')
    expect(await tool.paged()).toEqual(['ada email problem'])
    const named = { name: 'store', addTags: ['a', 'b'], removeTags: ['b'], addContacts: ['ada', 'nobody'] }
    expect((await house.patch(`${api}/entities/shop`, named)).body).toMatchObject({
      name: 'store',
      tags: ['a'],
      contacts: ['ada'],
    })
    expect((await house.remove(`${api}/contacts/ada/media/email`)).status).toBe(204)
    expect((await house.remove(`${api}/contacts/ada/media/email`)).status).toBe(404)
    expect((await house.remove(`${api}/contacts/ada`)).status).toBe(204)
    expect((await house.get(`${api}/contacts/ada`)).status).toBe(404)
  })

  test('lists come in pages, each thing once', async () => {
    await adaHears()
    for (const id of ['c1', 'c2', 'c3']) await house.post(`${api}/contacts`, { id })
    for (const id of ['r1', 'r2']) await house.post(`${api}/notification-rules`, { id, contactId: 'ada' })
    expect(await allOf('contacts')).toEqual(['ada', 'c1', 'c2', 'c3'])
    expect(await allOf('notification-rules', 'contactId=ada&')).toEqual(['r1', 'r2'])
    expect(await allOf('notification-rules', 'contactId=c1&')).toEqual([])
    expect(await allOf('entities')).toEqual(['ALL', 'shop'])
  })
})

async function allOf(what: string, filter = ''): Promise<unknown[]> {
  const ids: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`
    const { body } = await house.get(`${api}/${what}?${filter}limit=1${from}`)
    const { nextCursor, ...rest } = body as { nextCursor: string | null } & Record<string, { id: string }[]>
    const [page = []] = Object.values(rest)
    expect(page.length).toBeLessThanOrEqual(1)
    ids.push(...page.map(({ id }) => id))
    cursor = nextCursor
  }
  return ids
}

describe('maintenances', () => {
  interface Created {
    readonly id: string
  }

  test('one that begins now keeps it quiet until it is ended', async () => {
    await adaHears()
    await tool.push('shop', 'HTTP', 'ok')
    const wanted = { entities: ['SHOP'], durationSeconds: 3600, summary: 'New disks' }
    const created = await house.post(`${api}/maintenances`, wanted)
    expect(created).toMatchObject({ status: 201, body: { checks: ['shop:HTTP'] } })
    await tool.push('shop', 'HTTP', 'critical')
    expect(await tool.paged()).toEqual([])
    const { id } = created.body as Created
    const listed = await house.get(`${api}/maintenances?only=running&kind=scheduled`)
    expect(listed.body).toMatchObject({
      maintenances: [
        {
          id,
          kind: 'scheduled',
          summary: 'New disks',
          createdBy: 'the API',
          checks: [{ entity: 'shop', check: 'HTTP' }],
        },
      ],
      nextCursor: null,
    })
    house.clock.forward('1m')
    expect((await house.remove(`${api}/maintenances/${id}`)).status).toBe(204)
    expect((await house.remove(`${api}/maintenances/${id}`)).status).toBe(409)
    await tool.push('shop', 'HTTP', 'critical')
    expect(await tool.paged()).toEqual(['ada email problem'])
    expect((await house.get(`${api}/maintenances?only=running`)).body).toMatchObject({ maintenances: [] })
  })

  test('they are listed latest first, in pages', async () => {
    await adaHears()
    const ids: string[] = []
    for (const minutes of [10, 30, 20]) {
      const startsAt = new Date(house.clock.now().getTime() + minutes * 60_000).toISOString()
      const wanted = { checks: ['shop:HTTP'], startsAt, durationSeconds: 60 }
      ids.push(((await house.post(`${api}/maintenances`, wanted)).body as Created).id)
    }
    expect(await allOf('maintenances', 'only=ahead&')).toEqual([ids[1], ids[2], ids[0]])
  })
})

describe('what is refused names the field and the remedy', () => {
  test.each<[string, string, unknown, number, string, string]>([
    ['a misspelt field', 'contacts', { firstname: 'x' }, 400, 'firstname', 'Known are id, firstName'],
    ['an unknown zone', 'contacts', { timezone: 'Mars' }, 400, 'timezone', 'such as Europe/Berlin'],
    ['a NUL', 'contacts', { firstName: 'a\0' }, 400, 'firstName', 'NUL'],
    ['a rule of nobody', 'notification-rules', {}, 400, 'contactId', 'the id of the contact'],
    [
      'a broken pattern',
      'notification-rules',
      { contactId: 'ada', regexTags: ['('] },
      400,
      'regexTags',
      'cannot be used',
    ],
    [
      'unknown media',
      'notification-rules',
      { contactId: 'ada', infoMedia: ['x'] },
      400,
      'infoMedia',
      'one of email',
    ],
    [
      'hours that are none',
      'notification-rules',
      { contactId: 'ada', timeRestrictions: [{}] },
      400,
      'timeRestrictions.0',
      'rrules',
    ],
    ['an entity without a name', 'entities', { id: 'x' }, 400, 'name', 'must be a text'],
    [
      'a maintenance of nothing',
      'maintenances',
      { durationSeconds: 5 },
      400,
      'checks',
      'Name at least one check',
    ],
    [
      'one without length',
      'maintenances',
      { entities: ['shop'] },
      400,
      'durationSeconds',
      'whole number of seconds',
    ],
    [
      'one of a list that is none',
      'maintenances',
      { checks: 'a:b', durationSeconds: 5 },
      400,
      'checks',
      'list of names',
    ],
    ['no object', 'contacts', [1], 400, 'body', 'must be a JSON object'],
  ])('%s', async (_what, path, body, status, field, problem) => {
    await adaHears()
    const reply = await house.post(`${api}/${path}`, body)
    expect(reply.status).toBe(status)
    expect(reply.body).toMatchObject({ fields: [{ field, problem: expect.stringContaining(problem) }] })
  })

  test('what is taken, missing or not to be read', async () => {
    await adaHears()
    expect((await house.post(`${api}/contacts`, ada)).status).toBe(409)
    expect((await house.put(`${api}/contacts/ada/media/pigeon`, { address: 'x' })).status).toBe(400)
    expect(
      (await house.put(`${api}/contacts/ada/media/sms`, { address: 'x', rollupThreshold: -1 })).body,
    ).toMatchObject({
      fields: [{ field: 'rollupThreshold' }],
    })
    expect((await house.put(`${api}/contacts/bob/media/sms`, { address: 'x' })).status).toBe(404)
    expect((await house.patch(`${api}/entities/none`, { name: 'x' })).status).toBe(404)
    expect((await house.post(`${api}/notification-rules`, { contactId: 'bob' })).status).toBe(404)
    const window = { entities: ['nowhere'], durationSeconds: 5 }
    expect((await house.post(`${api}/maintenances`, window)).body).toEqual({
      error: 'There is no entity "nowhere".',
    })
    expect((await house.get(`${api}/contacts?cursor=x`)).status).toBe(400)
    expect((await house.get(`${api}/contacts/%00`)).status).toBe(400)
    expect((await house.remove(`${api}/maintenances/1`)).status).toBe(400)
    expect((await house.get(`${api}/contacts`)).body).toMatchObject({
      contacts: [{ id: 'ada', media: { email: {} } }],
    })
  })
})
