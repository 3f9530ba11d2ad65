import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FlapjackTool, flapjackTool } from '#test/harness/flapjack-tool.ts'
import type { Reply } from '#test/harness/send.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse
let tool: FlapjackTool

beforeAll(async () => {
  house = await serveHouse()
  tool = flapjackTool(house)
  await tool.provision()
  await tool.push('web-11.example.com', 'x', 'critical')
  await tool.post('/contacts/21/notification_rules', { notification_rules: [{ id: 'r9', tags: ['a'] }] })
})
afterAll(() => house.close())

const names = `id name type address interval rollup_threshold tags regex_tags contacts entity_id start_time end_time
  duration summary first_name timezone time_restrictions rrules rule_type validations day critical_media
  critical_blackhole enabled contactId startsAt durationSeconds checks entities addTags removeEntities __proto__`
const strange = ['\0', '\ud800', '__proto__', '-271821-04-20T00:00:00Z', '9999-12-31T23:59:59Z', '(?=', '']
const known = ['21', '825', 'ALL', '21:implicit', 'web-11.example.com:x', 'email', '2026-01-01T00:00:00Z']

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constantFrom(...strange, ...known, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names.split(/\s+/)), tie('value')),
  ),
}))

const check = 'checks/web-11.example.com:x'
const posts = [
  '/contacts',
  '/contacts/21/media',
  '/contacts/21/notification_rules',
  '/entities',
  '/checks',
  `/scheduled_maintenances/${check}`,
  `/unscheduled_maintenances/${check}`,
  `/test_notifications/${check}`,
]
const patches = [
  '/contacts/21',
  '/media/21_email',
  '/notification_rules/r9',
  '/entities/825',
  `/${check}`,
  `/unscheduled_maintenances/${check}`,
]

/** Answered, and not with a failure of ours. */
async function isAnswered(asked: Promise<Reply>): Promise<void> {
  const { status, text } = await asked
  expect(status, text).toBeLessThan(500)
}

test('whatever is sent to be created is taken or refused, and never fails', async () => {
  const sent = fc.record({ path: fc.constantFrom(...posts), value, isWrapped: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(sent, async ({ path, value: one, isWrapped }) => {
      const plural = path.includes('/21/') ? path.split('/')[3] : path.split('/')[1]
      await isAnswered(tool.post(path, isWrapped ? { [plural ?? '']: [one] } : one))
    }),
    { numRuns: 300 },
  )
})

test('whatever is sent to be changed is taken, passed over or refused, and never fails', async () => {
  const attribute = fc.constantFrom(
    ...names.split(/\s+/),
    'links/entities',
    'links/contacts',
    'links/tags',
    'links/notification_rules/21:implicit',
  )
  const op = fc.constantFrom('replace', 'add', 'remove')
  const sent = fc.record({ path: fc.constantFrom(...patches), attribute, op, value })
  await fc.assert(
    fc.asyncProperty(sent, async ({ path, attribute: name, op: what, value: one }) => {
      const operation = { op: what, path: `/${path.split('/')[1]}/0/${name}`, value: one }
      await isAnswered(tool.patch(path, [operation]))
    }),
    { numRuns: 300 },
  )
})

test('the same on our own doors', async () => {
  const path = fc.constantFrom('contacts', 'notification-rules', 'entities', 'maintenances')
  const one = fc.constantFrom('contacts/21', 'notification-rules/r9', 'entities/825')
  await fc.assert(
    fc.asyncProperty(path, one, value, async (created, changed, body) => {
      await isAnswered(house.post(`/api/v1/${created}`, body))
      await isAnswered(house.patch(`/api/v1/${changed}`, body))
    }),
    { numRuns: 150 },
  )
})
