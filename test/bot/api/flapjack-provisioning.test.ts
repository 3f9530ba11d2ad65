import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ada, bob, type FlapjackTool, flapjackTool } from '#test/harness/flapjack-tool.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let tool: FlapjackTool

beforeAll(async () => {
  house = await serveHouse()
  tool = flapjackTool(house)
})
afterAll(() => house.close())
beforeEach(() => tool.forget())

describe('a script that provisioned Flapjack', () => {
  test('provisions this house, and the very next event pages exactly whom it says', async () => {
    await tool.provision()
    await tool.push('web-11.example.com', 'HTTP Port 80', 'critical', { tags: ['shop'] })
    expect(await tool.paged()).toEqual(['21 sms problem'])
  })

  test('reads back what it wrote, in the shapes it knows', async () => {
    await tool.provision()
    const known = await tool.get('/contacts/21,22')
    expect(known.headers.get('content-type')).toContain('application/vnd.api+json')
    const [rule = ''] = (await tool.listRules('21')).filter(({ tags }) => tags.length > 0).map(({ id }) => id)
    expect(known.body).toEqual({
      contacts: [
        {
          ...ada,
          links: {
            entities: ['825'],
            media: ['21_email', '21_sms'],
            notification_rules: expect.arrayContaining([rule]),
          },
        },
        {
          ...bob,
          timezone: null,
          links: { entities: ['826'], media: ['22_email'], notification_rules: ['22:implicit'] },
        },
      ],
    })
    expect((await tool.get('/media/21_email')).body).toEqual({
      media: [
        {
          id: '21_email',
          type: 'email',
          address: 'ada@example.com',
          interval: 300,
          rollup_threshold: 5,
          links: { contacts: ['21'] },
        },
      ],
    })
    expect((await tool.get(`/notification_rules/${rule}`)).body).toMatchObject({
      notification_rules: [{ tags: ['shop'], critical_media: ['sms'], links: { contacts: ['21'] } }],
    })
    expect((await tool.get('/entities/825')).body).toEqual({
      entities: [
        {
          id: '825',
          name: 'web-11.example.com',
          tags: ['rack-7'],
          links: { contacts: ['21'], checks: [] },
        },
      ],
    })
  })

  test('says where what it created is, and creates nothing twice', async () => {
    const created = await tool.post('/contacts', { contacts: [ada, { first_name: 'No', last_name: 'Id' }] })
    expect(created.status).toBe(201)
    expect(created.body).toEqual(['21', expect.stringMatching(/^[0-9a-f-]{36}$/)])
    expect(created.headers.get('location')).toBe(
      `${house.url}/flapjack/contacts/${(created.body as string[]).join(',')}`,
    )
    const again = await tool.post('/contacts', { contacts: [bob, ada] })
    expect(again.status).toBe(409)
    expect(again.body).toEqual({ errors: [expect.stringContaining('"21"')] })
    expect((await tool.get('/contacts/22')).status).toBe(404)
  })

  test('changes it by JSON Patch: links, attributes, rules; each counts for the next event', async () => {
    await tool.provision()
    const added = await tool.patch('/contacts/22', [
      { op: 'add', path: '/contacts/0/links/entities', value: '825' },
      { op: 'replace', path: '/contacts/0/last_name', value: 'Jones' },
      { op: 'test', path: '/contacts/0/id', value: '22' },
    ])
    expect(added.status).toBe(204)
    await tool.push('web-11.example.com', 'HTTP', 'critical', { tags: ['shop'] })
    expect(await tool.paged()).toEqual(['21 sms problem', '22 email problem'])
    await tool.patch('/contacts/21,22', [{ op: 'remove', path: '/contacts/0/links/entities/825' }])
    await tool.patch('/entities/826', [{ op: 'add', path: '/entities/0/links/contacts', value: '21' }])
    await tool.push('web-11.example.com', 'Other', 'critical', { tags: ['shop'] })
    expect(await tool.paged()).toHaveLength(2)
    await tool.push('db-1.example.com', 'Load', 'critical', { tags: ['shop'] })
    expect(await tool.paged()).toEqual([
      '21 sms problem',
      '21 sms problem',
      '22 email problem',
      '22 email problem',
    ])
    expect((await tool.get('/contacts/22')).body).toMatchObject({ contacts: [{ last_name: 'Jones' }] })
  })

  test('the general rule that every contact has can be changed, and is its own from then on', async () => {
    await tool.provision()
    const [implicit] = await tool.listRules('22')
    expect(implicit).toMatchObject({ id: '22:implicit', critical_media: expect.arrayContaining(['email']) })
    const path = '/notification_rules/0/critical_media'
    expect(
      (await tool.patch('/notification_rules/22:implicit', [{ op: 'replace', path, value: [] }])).status,
    ).toBe(204)
    await tool.push('db-1.example.com', 'Load', 'critical')
    expect(await tool.paged()).toEqual([])
    expect(await tool.listRules('22')).toMatchObject([{ id: '22:implicit', critical_media: [] }])
  })

  test('an invalid value in a change of rules is passed over, and the others count', async () => {
    await tool.provision()
    const [rule] = (await tool.listRules('21')).filter(({ tags }) => tags.length > 0)
    const changed = await tool.patch(`/notification_rules/${rule?.id}`, [
      { op: 'replace', path: '/notification_rules/0/tags', value: 'shop' },
      { op: 'replace', path: '/notification_rules/0/regex_entities', value: ['('] },
      { op: 'replace', path: '/notification_rules/0/time_restrictions', value: [{ start_time: 'soon' }] },
      { op: 'replace', path: '/notification_rules/0/critical_media', value: ['pigeon'] },
      { op: 'replace', path: '/notification_rules/0/__proto__', value: { tags: [] } },
      { op: 'replace', path: '/notification_rules/0/critical_blackhole', value: true },
    ])
    expect(changed.status).toBe(204)
    expect((await tool.get(`/notification_rules/${rule?.id}`)).body).toMatchObject({
      notification_rules: [
        {
          tags: ['shop'],
          regex_entities: [],
          time_restrictions: [],
          critical_media: ['sms'],
          critical_blackhole: true,
        },
      ],
    })
  })

  test('time restrictions come back as they were given, and are kept to', async () => {
    await tool.provision()
    const restriction = {
      start_time: '2014-01-13 08:00:00',
      end_time: '2014-01-13 18:00:00',
      rrules: [
        { rule_type: 'Weekly', interval: 1, week_start: 0, validations: { day: [1, 2], hour_of_day: [8] } },
        { rule_type: 'Monthly', interval: 2, week_start: 0, validations: { day_of_week: { '1': [1, -1] } } },
      ],
      exrules: [],
      rtimes: [],
      extimes: ['2014-01-15 08:00:00'],
    }
    const rules = [{ id: 'hours', time_restrictions: [restriction], critical_media: ['email'] }]
    const created = await tool.post('/contacts/22/notification_rules', { notification_rules: rules })
    expect(created.body).toEqual(['hours'])
    expect((await tool.get('/notification_rules/hours')).body).toMatchObject({
      notification_rules: [{ time_restrictions: [restriction] }],
    })
  })

  test('deletes it again, and nobody is paged', async () => {
    await tool.provision()
    expect((await tool.remove('/media/21_sms')).status).toBe(204)
    await tool.push('web-11.example.com', 'HTTP', 'critical', { tags: ['shop'] })
    expect((await tool.remove('/contacts/21,22')).status).toBe(204)
    await tool.push('db-1.example.com', 'HTTP', 'critical', { tags: ['shop'] })
    expect(await tool.paged()).toEqual([])
    expect((await tool.get('/media')).body).toEqual({ media: [] })
  })
})
