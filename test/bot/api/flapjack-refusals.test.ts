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

describe('what is refused, by status and with the place and the remedy', () => {
  const rule = (parts: object) => ({ notification_rules: [parts] })
  const medium = (parts: object) => ({ media: [{ type: 'email', address: 'a@example.com', ...parts }] })
  test.each<[string, string, unknown, number, string]>([
    ['no list', '/contacts', { contact: ada }, 422, 'No valid contacts were submitted'],
    [
      'an unknown zone',
      '/contacts',
      { contacts: [{ timezone: 'Mars/Base' }] },
      422,
      'contacts.0.timezone: must be a time zone such as',
    ],
    [
      'an id with a comma',
      '/contacts',
      { contacts: [{ id: 'a,b' }] },
      422,
      'contacts.0.id: must be an id without commas',
    ],
    [
      'a NUL',
      '/contacts',
      { contacts: [{ id: '1', last_name: 'a\0' }] },
      422,
      'contacts.0.last_name: must not contain the character NUL',
    ],
    [
      'half a character',
      '/contacts',
      { contacts: [{ id: '1', email: '\ud800' }] },
      422,
      'half of a surrogate pair',
    ],
    ['twice the same id', '/contacts', { contacts: [bob, bob] }, 409, '"22"'],
    ['no JSON', '/contacts', '{', 400, 'cannot be read as JSON'],
    ['depth', '/contacts', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'nests more than 100 levels'],
    [
      'an unknown medium',
      '/contacts/21/media',
      medium({ type: 'pigeon' }),
      422,
      'media.0.type: must be one of email, sms',
    ],
    [
      'a key that is none',
      '/contacts/21/media',
      medium({ type: 'pagerduty' }),
      422,
      'has 32 letters and digits',
    ],
    [
      'a threshold below 0',
      '/contacts/21/media',
      medium({ rollup_threshold: -1 }),
      422,
      'media.0.rollup_threshold: must be a whole number',
    ],
    [
      'a huge interval',
      '/contacts/21/media',
      medium({ interval: 1e30 }),
      422,
      'media.0.interval: must be a whole number',
    ],
    ['no address', '/contacts/21/media', medium({ address: ' ' }), 422, 'media.0.address: must say where'],
    ['an id of its own', '/contacts/21/media', medium({ id: '22_email' }), 422, 'non-conformant IDs'],
    ['media of nobody', '/contacts/99/media', medium({}), 422, '"99" could not be loaded'],
    ['rules of nobody', '/contacts/99/notification_rules', rule({}), 404, 'contact "99"'],
    [
      'a pattern re2 cannot take',
      '/contacts/21/notification_rules',
      rule({ regex_tags: ['(?=x)'] }),
      422,
      'notification_rules.0.regex_tags: The pattern "(?=x)" cannot be used',
    ],
    [
      'rules with unknown media',
      '/contacts/21/notification_rules',
      rule({ critical_media: ['pigeon'] }),
      422,
      'critical_media: must be one of',
    ],
    [
      'hours without an end',
      '/contacts/21/notification_rules',
      rule({ time_restrictions: [{ start_time: '2014-01-13', rrules: [] }] }),
      422,
      'time_restrictions.0',
    ],
    [
      'PagerDuty keys',
      '/contacts/21/pagerduty_credentials',
      { pagerduty_credentials: [{ service_key: 'abc' }] },
      422,
      'service_key: An integration key',
    ],
    ['an entity without id', '/entities', { entities: [{ name: 'a' }] }, 422, 'entities.0.id'],
    [
      'an entity with a colon',
      '/entities',
      { entities: [{ id: '1', name: 'a:b' }] },
      422,
      'entities.0.name: must be a name without colons',
    ],
    ['no entities', '/entities', {}, 403, "No 'entities' object received"],
    ['a check of nothing', '/checks', { checks: [{ entity_id: '999', name: 'x' }] }, 404, 'entity "999"'],
    [
      'a maintenance without start',
      '/scheduled_maintenances/entities/825',
      { scheduled_maintenances: [{ duration: 5 }] },
      422,
      'scheduled_maintenances.0.start_time: must be an instant',
    ],
    [
      'one without length',
      '/scheduled_maintenances/entities/825',
      { scheduled_maintenances: [{ start_time: '2026-01-01T00:00:00Z', duration: 0 }] },
      422,
      'duration: must be a whole number of seconds',
    ],
    [
      'one of nothing',
      '/scheduled_maintenances/checks/nowhere:x',
      { scheduled_maintenances: [{ start_time: '2026-01-01T00:00:00Z', duration: 5 }] },
      404,
      'entity "nowhere"',
    ],
    [
      'one of a thing unheard of',
      '/scheduled_maintenances/galaxies/1',
      { scheduled_maintenances: [] },
      404,
      'not routable',
    ],
    [
      'an acknowledgement of nothing',
      '/unscheduled_maintenances/checks/nowhere:x',
      {},
      404,
      'check "nowhere:x"',
    ],
    ['a path unheard of', '/galaxies', {}, 404, 'not routable'],
  ])('%s', async (_what, path, body, status, because) => {
    await tool.provision()
    const reply = await tool.post(path, body)
    expect([reply.status, reply.body]).toEqual([status, { errors: [expect.stringContaining(because)] }])
    expect((await tool.get('/contacts')).body).toMatchObject({ contacts: [{ id: '21' }, { id: '22' }] })
  })

  test('what is not there: for reading if all are missing, for changing if any is', async () => {
    await tool.provision()
    expect((await tool.get('/contacts/21,99')).body).toMatchObject({ contacts: [{ id: '21' }] })
    expect((await tool.get('/contacts/98,99')).status).toBe(404)
    expect((await tool.patch('/contacts/21,99', [])).body).toEqual({ errors: ['There is no contact "99".'] })
    expect((await tool.remove('/contacts/21,99')).status).toBe(404)
    expect((await tool.remove('/notification_rules/none')).status).toBe(404)
    expect((await tool.get('/contacts/%00')).status).toBe(404)
    expect((await tool.get('/media/21')).status).toBe(422)
    expect((await tool.get('/contacts/21')).status).toBe(200)
  })

  test('a body of another type is a method that is not allowed, and a patch is an array', async () => {
    expect((await house.post('/flapjack/contacts', 'contacts=', 'text/plain')).status).toBe(405)
    expect((await house.patch('/flapjack/contacts/21', [])).status).toBe(405)
    expect((await tool.patch('/contacts/21', { op: 'add' })).status).toBe(400)
    expect((await tool.patch('/contacts/21', [1])).body).toEqual({
      errors: [expect.stringContaining('Invalid JSON-Patch request')],
    })
  })

  test('a change of a contact or a medium with an invalid value changes nothing', async () => {
    await tool.provision()
    const zone = { op: 'replace', path: '/contacts/0/timezone', value: 'Mars/Base' }
    const name = { op: 'replace', path: '/contacts/0/last_name', value: 'Changed' }
    expect((await tool.patch('/contacts/21', [name, zone])).status).toBe(422)
    const interval = { op: 'replace', path: '/media/0/interval', value: -1 }
    const address = { op: 'replace', path: '/media/0/address', value: 'new@example.com' }
    expect((await tool.patch('/media/21_email', [address, interval])).status).toBe(422)
    expect((await tool.get('/contacts/21')).body).toMatchObject({ contacts: [{ last_name: 'Lovelace' }] })
    expect((await tool.get('/media/21_email')).body).toMatchObject({
      media: [{ address: 'ada@example.com' }],
    })
    expect((await tool.patch('/media/21_email', [address])).status).toBe(204)
    expect((await tool.get('/media/21_email')).body).toMatchObject({
      media: [{ address: 'new@example.com' }],
    })
  })
})

describe('how clients ask', () => {
  test('with a slash at the end, and with a type where there is no body', async () => {
    await tool.provision()
    expect((await tool.get('/contacts/')).body).toMatchObject({ contacts: [{ id: '21' }, { id: '22' }] })
    expect((await tool.get('/notification_rules/')).status).toBe(200)
    expect((await tool.get('/entities/')).status).toBe(200)
    expect((await tool.get('/media/')).status).toBe(200)
    expect((await tool.get('/checks/')).status).toBe(200)
    expect((await tool.get('/status_report/checks/')).status).toBe(200)
    const type = 'application/vnd.api+json'
    const deleted = await fetch(`${house.url}/flapjack/contacts/22`, {
      method: 'DELETE',
      headers: { 'content-type': type },
    })
    expect(deleted.status).toBe(204)
    const typed = `${type}; charset=utf-8`
    expect((await house.post('/flapjack/contacts', { contacts: [bob] }, typed)).status).toBe(201)
  })

  test('of several who create the same contact at once one succeeds, and the others are told', async () => {
    const replies = await Promise.all([1, 2, 3, 4].map(() => tool.post('/contacts', { contacts: [ada] })))
    expect(replies.map(({ status }) => `${status}`).toSorted()).toEqual(['201', '409', '409', '409'])
  })

  test('what ends names checks that are there', async () => {
    await tool.provision()
    const path = '/scheduled_maintenances/checks/web-11.example.com:Typo?start_time=2026-01-01T00:00:00Z'
    expect((await tool.remove(path)).status).toBe(404)
    expect((await tool.get('/checks')).body).toEqual({ checks: [] })
  })
})
