import { afterEach, beforeEach, expect, test } from 'vitest'
import { aRuleBody } from '#test/harness/api-house.ts'
import { type FakeMailServer, openFakeMailServer } from '#test/harness/fake-mail-server.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

const rules = '/api/v1/environments/prod/alerts/rules'

let house: ServedHouse
let mailServer: FakeMailServer

beforeEach(async () => {
  house = await serveHouse()
  mailServer = await openFakeMailServer()
  const settings = {
    host: '127.0.0.1',
    port: mailServer.port,
    security: 'none',
    from: 'tocsin@example.org',
    to: ['everybody@example.org'],
  }
  await house.post('/api/v1/connections', { name: 'mail', kind: 'email', settings })
  for (const id of ['ada', 'bob', 'carl']) {
    await house.post('/api/v1/contacts', { id })
    await house.put(`/api/v1/contacts/${id}/media/email`, { address: `${id}@example.org` })
  }
  await house.put('/api/v1/groups/ops', { members: ['bob', 'ada'] })
  await house.put('/api/v1/roles/Dba', { members: ['carl'] })
})
afterEach(async () => {
  await mailServer.close()
  await house.close()
})

async function ruleFor(targets: readonly object[], parts: object = {}): Promise<string> {
  const made = await house.post(rules, { ...aRuleBody, ...parts, targets })
  expect(made).toMatchObject({ status: 201 })
  return (made.body as { id: string }).id
}

const written = () => mailServer.mails.flatMap(({ to }) => to).toSorted()

test('a user, a group and a role are told, each contact once, without being linked to anything', async () => {
  const ruleId = await ruleFor([
    { kind: 'USER', targetId: 'ada' },
    { kind: 'GROUP', targetId: 'ops' },
    { kind: 'ROLE', targetId: 'dba' },
  ])
  await push(house, { check: 'errors', state: 'critical', ruleId })
  expect(written()).toEqual(['ada@example.org', 'bob@example.org', 'carl@example.org'])
  const hearing = await house.get('/api/v1/alerts/1/explain')
  expect(hearing.body).toMatchObject({
    contacts: [
      { contact: 'ada', outcome: 'routed', media: ['email'], named: ['USER ada', 'GROUP ops'] },
      { contact: 'bob', outcome: 'routed', named: ['GROUP ops'] },
      { contact: 'carl', outcome: 'routed', named: ['ROLE dba'] },
    ],
  })
  await push(house, { check: 'errors', state: 'ok', ruleId })
  expect(written()).toHaveLength(6)
})

test('who joins the group hears from the next event on, and others hear nothing of it', async () => {
  const ruleId = await ruleFor([{ kind: 'GROUP', targetId: 'ops' }])
  await house.put('/api/v1/groups/ops', { members: ['carl'] })
  await push(house, { check: 'errors', state: 'critical', ruleId })
  await push(house, { check: 'other', state: 'critical' })
  expect(written()).toEqual(['carl@example.org'])
})

test('their own rules still say when and by what; who wrote none hears of information too', async () => {
  const ruleId = await ruleFor(
    [
      { kind: 'USER', targetId: 'ada' },
      { kind: 'USER', targetId: 'bob' },
    ],
    { severity: 'INFO' },
  )
  await house.post('/api/v1/notification-rules', { contactId: 'ada', criticalMedia: ['email'] })
  await push(house, { check: 'errors', state: 'info', ruleId })
  expect(written()).toEqual(['bob@example.org'])
})

test('of what a rule names many failing checks are one summary', async () => {
  await house.put('/api/v1/contacts/ada/media/email', { address: 'ada@example.org', rollupThreshold: 2 })
  const ruleId = await ruleFor([{ kind: 'USER', targetId: 'ada' }])
  for (const check of ['a', 'b', 'c']) await push(house, { check, state: 'critical', ruleId })
  expect(mailServer.mails.map(({ headers }) => headers['subject'])).toEqual([
    expect.stringContaining('#1'),
    '[Tocsin] 2 checks fail',
  ])
})

test.each([
  ['nobody', { kind: 'USER', targetId: 'eve' }, 'There is no such contact'],
  ['no such group', { kind: 'GROUP', targetId: 'nobodies' }, 'There is no such group, or nobody is in it'],
  ['no such role', { kind: 'ROLE', targetId: 'ADMIN' }, 'There is no such role'],
])('a rule for %s is refused, and the field is named', async (_what, target, words) => {
  const { status, body } = await house.post(rules, {
    ...aRuleBody,
    targets: [{ kind: 'USER', targetId: 'ada' }, target],
  })
  expect(status).toBe(422)
  expect(body).toMatchObject({
    fields: [{ field: 'targets.1.targetId', problem: expect.stringContaining(words) }],
  })
})

test('somebody without a medium reaches nobody, and who only chats is told how to be reached', async () => {
  await house.post('/api/v1/contacts', { id: 'dan' })
  await house.person('Zoe')
  const refused = async (targetId: string) =>
    JSON.stringify((await house.post(rules, { ...aRuleBody, targets: [{ kind: 'USER', targetId }] })).body)
  expect(await refused('dan')).toContain('dan has no medium to be reached by')
  expect(await refused('Zoe')).toContain('Zoe spoke in local and is no contact yet')
})

test('nobody takes away the last whom a rule is for', async () => {
  await ruleFor([{ kind: 'GROUP', targetId: 'ops' }], { name: 'Disks' })
  expect(await house.remove('/api/v1/groups/ops')).toMatchObject({
    status: 409,
    body: { error: expect.stringContaining('"Disks" in prod') },
  })
  expect(await house.remove('/api/v1/contacts/ada')).toMatchObject({ status: 204 })
  expect(await house.remove('/api/v1/contacts/bob')).toMatchObject({ status: 409 })
  expect(await house.put('/api/v1/groups/ops', { members: [] })).toMatchObject({ status: 400 })
  expect((await house.get('/api/v1/groups')).body).toEqual({ groups: [{ id: 'ops', members: ['bob'] }] })
})
