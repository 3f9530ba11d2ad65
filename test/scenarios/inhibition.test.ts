import { afterEach, beforeEach, expect, test } from 'vitest'
import { messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { pass, push, textOf } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeEach(async () => {
  house = await serveHouse()
})

afterEach(() => house.close())

const rule = {
  name: 'A rack that is down explains its hosts',
  source: ['kind="rack"'],
  target: [{ name: 'kind', operator: '=', value: 'host' }],
  equal: ['rack'],
}

const rack = { check: 'rack-1', title: 'The rack is down', labels: { kind: 'rack', rack: '1' } }
const host = { check: 'host-1', title: 'The host is down', labels: { kind: 'host', rack: '1' } }

async function place(parts: object = {}): Promise<string> {
  const { status, body } = await house.post('/api/v1/inhibitions', { ...rule, ...parts })
  expect(status).toBe(201)
  return (body as { id: string }).id
}

test('while a cause fires its effects are held, and told when it has cleared and they have not', async () => {
  await place()
  await push(house, rack)
  await push(house, host, { check: 'other', title: 'Another rack', labels: { kind: 'host', rack: '2' } })
  expect((await house.localMessages()).map(({ message }) => message.headline)).toEqual([
    '#1 The rack is down',
    '#3 Another rack',
  ])
  const ana = await house.person('Ana')
  const shown = await house.front.say('show 2', ana)
  expect(JSON.stringify(shown)).toContain('#1 The rack is down')

  await pass(house, '6m')
  expect(await messageAbout(house, 2)).toBeUndefined()
  await push(house, { ...rack, state: 'ok' })
  await pass(house, '5s')
  expect(textOf(await messageAbout(house, 2))).toContain('Still firing after what inhibited it has cleared.')
  await pass(house, '10m')
  expect(await repliesTo(house, 2)).toEqual([])
})

test('an effect that clears before its cause is never told', async () => {
  await place()
  await push(house, rack)
  await push(house, host)
  await push(house, { ...host, state: 'ok' })
  await push(house, { ...rack, state: 'ok' })
  await pass(house, '5s')
  await pass(house, '10m')
  expect(await messageAbout(house, 2)).toBeUndefined()
})

test('of two causes both must clear, and a rule that is taken away holds nothing back any more', async () => {
  const id = await place()
  await push(house, rack, { ...rack, check: 'rack-1b' })
  await push(house, host)
  await push(house, { ...rack, state: 'ok' })
  await pass(house, '5s')
  await pass(house, '5s')
  expect(await messageAbout(house, 3)).toBeUndefined()
  expect((await house.remove(`/api/v1/inhibitions/${id}`)).status).toBe(204)
  expect(await messageAbout(house, 3)).toBeDefined()
})

test('it is asked when a message is about to go out: a rule made later holds the reminder', async () => {
  await push(house, { ...host, repeatFailureDelaySeconds: 60 }, rack)
  await place()
  house.clock.forward('2m')
  await push(house, { ...host, repeatFailureDelaySeconds: 60 })
  expect(await repliesTo(house, 1)).toEqual([])
})

test('clients of Alertmanager see what is inhibited, and by what', async () => {
  await place()
  const posted = (labels: Record<string, string>) => ({ labels, annotations: {} })
  const cause = { alertname: 'RackDown', kind: 'rack', rack: '1' }
  const effect = { alertname: 'HostDown', kind: 'host', rack: '1' }
  await house.post('/api/v2/alerts', [posted(cause)])
  await house.post('/api/v2/alerts', [posted(effect)])
  await house.settled()
  const { body } = await house.get('/api/v2/alerts')
  const source = (body as { fingerprint: string; labels: typeof cause }[]).find(
    ({ labels }) => labels.alertname === cause.alertname,
  )
  const suppressed = { state: 'suppressed', inhibitedBy: [source?.fingerprint], silencedBy: [] }
  expect(body).toContainEqual(
    expect.objectContaining({ labels: effect, status: expect.objectContaining(suppressed) }),
  )
  expect((await house.get('/api/v2/alerts?inhibited=false')).body).toMatchObject([{ labels: cause }])
  const groups = (await house.get('/api/v2/alerts/groups?inhibited=false')).body
  expect(groups).toMatchObject([{ alerts: [{ labels: cause, status: { state: 'active' } }] }])
  expect((await house.get('/api/v2/alerts?active=false')).body).toMatchObject([{ labels: effect }])
})

test('rules are listed, changed and removed', async () => {
  const id = await place()
  const path = '/api/v1/environments/prod/alerts/inhibitions'
  expect((await house.put(`${path}/${id}`, { ...rule, equal: [] })).body).toMatchObject({ id, equal: [] })
  expect((await house.get(path)).body).toMatchObject({
    inhibitions: [{ id, source: ['kind="rack"'], target: ['kind="host"'], equal: [] }],
  })
  expect((await house.get(`/api/v1/inhibitions/${id}`)).status).toBe(200)
  expect((await house.remove(`${path}/${id}`)).status).toBe(204)
  expect((await house.remove(`${path}/${id}`)).status).toBe(404)
  expect((await house.get('/api/v1/environments/nowhere/alerts/inhibitions')).status).toBe(404)
})

test.each([
  ['no source', { source: undefined }, 'source'],
  ['a source of everything', { source: ['team=~".*"'] }, 'source'],
  ['no target', { target: [] }, 'target'],
  ['a target with a broken pattern', { target: ['team=~"("'] }, 'target.0'],
  ['an unknown operator', { target: [{ name: 'a', operator: '==', value: 'b' }] }, 'target.0'],
  ['a label nobody may have', { equal: ['half \ud800'] }, 'equal'],
  ['a NUL in its name', { name: 'a\0b' }, 'name'],
  ['no name', { name: undefined }, 'name'],
  ['a key nobody knows', { sources: [] }, 'body'],
])('a rule with %s is refused by that field', async (_what, parts, field) => {
  const { status, body } = await house.post('/api/v1/inhibitions', { ...rule, ...parts })
  expect(status).toBe(400)
  expect((body as { fields: { field: string }[] }).fields.map((one) => one.field)).toEqual([field])
})
