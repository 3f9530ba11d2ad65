import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { alerts } from '#db/schema/alerts.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let name: string
let names = 0

beforeAll(async () => {
  house = await serveHouse()
})
beforeEach(() => {
  name = `Alert${++names}`
})
afterAll(() => house.close())

const at = (seconds: number) => new Date(house.clock.now().getTime() + seconds * 1000).toISOString()

const alert = (parts: Readonly<Record<string, unknown>> = {}) => ({
  labels: { alertname: name, severity: 'critical', instance: 'orders-1' },
  annotations: { summary: 'Orders fail' },
  ...parts,
})

const post = (...posted: readonly unknown[]) => house.post('/api/v2/alerts', posted)
const query = async (search = '') => {
  const { body } = await house.get(`/api/v2/alerts?filter=alertname%3D${name}${search}`)
  return body as { fingerprint: string; status: { state: string; silencedBy: string[] } }[]
}

const toldOf = async () => {
  await house.settled()
  const told = (await house.localMessages()).filter(({ message }) => message.headline.startsWith('#'))
  return told.filter((row) => JSON.stringify(row.message).includes(name))
}

const decided = async () => {
  await house.settled()
  return (await house.memory.db.select().from(alerts)).filter(({ title }) => title === name)
}

const silence = (parts: Readonly<Record<string, unknown>> = {}) => ({
  matchers: [{ name: 'alertname', value: name, isRegex: false, isEqual: true }],
  startsAt: at(0),
  endsAt: at(3600),
  createdBy: 'ada',
  comment: 'Moving racks',
  ...parts,
})

const placeSilence = async (parts?: Readonly<Record<string, unknown>>) => {
  const { body } = await house.post('/api/v2/silences', silence(parts))
  return (body as { silenceID: string }).silenceID
}

describe('alerts', () => {
  test('posted, seen at once, told in the chat; posted as ended, told as over', async () => {
    expect(await post(alert())).toMatchObject({ status: 200, text: '' })
    expect(await query()).toMatchObject([
      { labels: { alertname: name }, status: { state: 'active', silencedBy: [] } },
    ])
    expect((await toldOf()).map((row) => row.message.tone)).toEqual(['critical'])
    expect(await query()).toHaveLength(1)
    house.clock.forward('1m')
    await post(alert({ endsAt: at(-1) }))
    expect((await toldOf()).map((row) => row.message.tone)).toEqual(['resolved'])
    expect(await query()).toEqual([])
  })

  test('posted again and again, it is one alert; not posted any more, it is over when its time is', async () => {
    await post(alert())
    house.clock.forward('4m')
    await post(alert(), alert())
    expect(await decided()).toMatchObject([{ state: 'FIRING' }])
    house.clock.forward('4m')
    await house.sweep()
    expect(await decided()).toMatchObject([{ state: 'FIRING' }])
    house.clock.forward('2m')
    await house.sweep()
    expect(await decided()).toMatchObject([{ state: 'RESOLVED' }])
    await house.sweep()
    expect(await decided()).toHaveLength(1)
    await post(alert())
    expect((await decided()).map(({ state }) => state).sort()).toEqual(['FIRING', 'RESOLVED'])
  })

  test('read again and again, each reading says how things are then', async () => {
    await post(alert(), alert({ labels: { alertname: name, instance: 'orders-2' } }))
    await house.settled()
    const whole = async () => (await query()).map((one) => JSON.stringify(one))
    const first = await whole()
    expect(await whole()).toEqual(first)
    await post(alert({ annotations: { summary: 'Orders fail again' } }))
    await house.settled()
    const changed = await whole()
    expect(changed.filter((one) => first.includes(one))).toHaveLength(1)
    expect(changed.join()).toContain('Orders fail again')
    const id = await placeSilence()
    expect((await query()).map(({ status }) => status.silencedBy)).toEqual([[id], [id]])
    await house.remove(`/api/v2/silence/${id}`)
    expect(await whole()).toEqual(changed)
    await post(alert({ endsAt: at(-1) }))
    await house.settled()
    expect(await query()).toHaveLength(1)
  })

  test('of a partly bad batch the good ones are kept, though the answer is 400, a JSON text', async () => {
    const reply = await post(alert({ labels: { '': 'x' } }), alert())
    expect(reply.status).toBe(400)
    expect(reply.body).toContain('invalid label set')
    expect(await decided()).toHaveLength(1)
  })

  test.each([
    ['an empty array', '[]', 200, ''],
    ['nothing', '', 422, '"code":602'],
    ['no JSON', '{', 400, '"code":400'],
    ['an alert without labels', '[{}]', 422, '0.labels in body is required'],
    ['no label at all', '[{"labels":{}}]', 400, 'at least one label pair required'],
    ['a label that is no text', '[{"labels":{"a":1}}]', 400, '"code":400'],
    [
      'an end before its start',
      '[{"labels":{"a":"b"},"startsAt":"2030-01-02T00:00:00Z","endsAt":"2030-01-01T00:00:00Z"}]',
      400,
      'start time must be before end time',
    ],
    [
      'a year of five digits',
      '[{"labels":{"a":"b"},"endsAt":"9999-12-31T23:00:00-23:00"}]',
      400,
      'after the year 9999',
    ],
    ['NUL', '[{"labels":{"a":"\\u0000"}}]', 400, 'NUL'],
    ['half a character', '[{"labels":{"a":"\\udc00"}}]', 400, 'half a character'],
    ['__proto__', '[{"labels":{"__proto__":"x"}}]', 200, ''],
    ['hostile depth', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'nests more than'],
    ['too much', `[${' '.repeat(6 * 1024 * 1024)}]`, 413, '"code":413'],
  ])('%s is answered precisely', async (_what, body, status, text) => {
    const reply = await house.post('/api/v2/alerts', body)
    expect(reply.status).toBe(status)
    expect(reply.text).toContain(text)
  })

  test('pages follow the Link header and show each alert once', async () => {
    await post(
      ...[1, 2, 3, 4, 5].map((host) => alert({ labels: { alertname: name, instance: `host-${host}` } })),
    )
    const seen: string[] = []
    let path: string | undefined = `/api/v2/alerts?filter=alertname%3D${name}&limit=2`
    while (path !== undefined) {
      const { body, headers } = await house.get(path)
      seen.push(...(body as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint))
      path = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    }
    expect(seen).toHaveLength(5)
    expect(seen).toEqual((await query()).map(({ fingerprint }) => fingerprint))
  })

  test('groups name the receiver, and a bad filter is refused in words', async () => {
    await post(alert())
    const groups = await house.get(`/api/v2/alerts/groups?filter=alertname%3D${name}`)
    expect(groups.body).toMatchObject([
      {
        labels: { alertname: name },
        receiver: { name: 'Local chat' },
        alerts: [{ receivers: [{ name: 'Local chat' }] }],
      },
    ])
    expect(await house.get('/api/v2/alerts?filter=%3D%3D')).toMatchObject({
      status: 400,
      body: expect.stringContaining('bad matcher format'),
    })
  })
})

describe('silences', () => {
  test('keep back what they match, and let it go when they are expired early', async () => {
    const id = await placeSilence()
    await post(alert())
    expect(await toldOf()).toEqual([])
    expect(await query()).toMatchObject([{ status: { state: 'suppressed', silencedBy: [id] } }])
    expect(await query('&silenced=false')).toEqual([])
    expect((await house.remove(`/api/v2/silence/${id}`)).status).toBe(200)
    expect((await toldOf()).map((row) => row.message.tone)).toEqual(['critical'])
    expect(await query()).toMatchObject([{ status: { state: 'active' } }])
    expect((await house.remove(`/api/v2/silence/${id}`)).status).toBe(200)
    expect((await house.get(`/api/v2/silence/${id}`)).body).toMatchObject({ status: { state: 'expired' } })
  })

  test('match the labels that were posted, by pattern and by what is not so', async () => {
    const labels = { alertname: name, severity: 'critical' }
    const matcher = (label: string, value: string, isRegex = false, isEqual = true) => ({
      name: label,
      value,
      isRegex,
      isEqual,
    })
    await placeSilence({
      matchers: [
        matcher('alertname', name),
        matcher('severity', 'crit.*', true),
        matcher('severity', 'warning', false, false),
      ],
    })
    await post({ labels }, { labels: { ...labels, severity: 'warning' } })
    expect((await toldOf()).map((row) => row.message.tone)).toEqual(['warning'])
  })

  test('made in the chat, are seen by every client of the API', async () => {
    await post(alert())
    const [told] = await toldOf()
    const number = /#(\d+)/.exec(told?.message.headline ?? '')?.[1]
    await house.front.say(`silence ${number} 1h`, await house.person('Ana'))
    expect(await query()).toMatchObject([{ status: { state: 'suppressed' } }])
  })

  test('that begin later keep nothing back until then', async () => {
    const id = await placeSilence({ startsAt: at(60) })
    expect((await house.get(`/api/v2/silence/${id}`)).body).toMatchObject({ status: { state: 'pending' } })
    await post(alert())
    expect(await toldOf()).toHaveLength(1)
    house.clock.forward('2m')
    expect(await query()).toMatchObject([{ status: { state: 'suppressed', silencedBy: [id] } }])
  })

  test('changed in their end keep their id, changed in what they match get a new one', async () => {
    const id = await placeSilence()
    const { body } = await house.get(`/api/v2/silence/${id}`)
    const known = body as ReturnType<typeof silence>
    expect(await placeSilence({ id, startsAt: known.startsAt, endsAt: at(7200) })).toBe(id)
    const matchers = [{ name: 'alertname', value: `${name}.*`, isRegex: true, isEqual: true }]
    const fresh = await placeSilence({ id, startsAt: known.startsAt, matchers })
    expect(fresh).not.toBe(id)
    expect((await house.get(`/api/v2/silence/${id}`)).body).toMatchObject({ status: { state: 'expired' } })
    expect((await house.get(`/api/v2/silences?filter=alertname%3D~${name}.*`)).body).toMatchObject([
      { id: fresh },
    ])
  })

  test('that are not there are 404, and a word that is no id is 422', async () => {
    const nobody = '6f6b8a4e-0000-4000-8000-000000000000'
    expect((await house.get(`/api/v2/silence/${nobody}`)).status).toBe(404)
    expect((await house.remove(`/api/v2/silence/${nobody}`)).status).toBe(404)
    expect((await house.get('/api/v2/silence/nonsense')).status).toBe(422)
    expect((await house.post('/api/v2/silences', silence({ id: nobody }))).status).toBe(404)
    expect((await house.post('/api/v2/silences', silence({ id: 'nonsense' }))).status).toBe(404)
  })

  test.each([
    ['no matcher', { matchers: [] }, 422],
    ['a matcher that says nothing', { matchers: [{ name: 'a', value: '.*', isRegex: true }] }, 400],
    ['a pattern that is none', { matchers: [{ name: 'a', value: '(', isRegex: true }] }, 400],
    ['an end in the past', { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' }, 400],
    ['no comment', { comment: undefined }, 422],
  ])('with %s are refused', async (_what, parts, status) => {
    expect((await house.post('/api/v2/silences', silence(parts))).status).toBe(status)
  })
})

test('says what it is, who is told, and that it is well', async () => {
  expect((await house.get('/api/v2/status')).body).toMatchObject({
    cluster: { status: 'disabled' },
    versionInfo: { version: expect.stringMatching(/^0\.\d+\.\d+$/) },
    config: { original: expect.stringContaining('- name: "Local chat"') },
  })
  expect((await house.get('/api/v2/receivers')).body).toEqual([{ name: 'Local chat', labels: {} }])
  expect((await house.get('/alertmanager/api/v2/status')).status).toBe(404)
  for (const path of ['/-/healthy', '/-/ready']) expect((await house.get(path)).status).toBe(200)
  expect((await house.get('/metrics')).text).toContain('alertmanager_build_info{version="0.')
})
