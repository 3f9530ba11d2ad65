import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '#test/harness/eventually.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'
import type { Person } from '#engine/person.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.front.meet({ surface: 'local', tenant: 'local', externalId: 'ana', name: 'Ana' })
})

afterEach(() => house.close())

async function onlyMessage() {
  const [message] = await house.localMessages()
  return message
}

test('rows in ClickHouse become a message, a click settles it, and it says by itself when it is over', async () => {
  await house.rule()
  await house.executions(95)
  await house.executions(30, { status: 'FAILED' })
  await house.tick()
  const posted = await eventually('the alert in the local chat', onlyMessage)
  expect(posted.message).toMatchObject({ tone: 'critical', headline: '#1 Card payments are failing' })
  expect(posted.message.facts).toContainEqual({ label: 'Value', value: [{ strong: '24 %' }, ' (limit 5 %)'] })
  expect(posted.message.picture?.values.at(-1)).toBeCloseTo(0.24)

  house.clock.forward('20s')
  expect(await house.front.say('ack 1', ana)).toMatchObject({ kind: 'message' })
  const acknowledged = await eventually('the message to say who has it', async () => {
    const message = await onlyMessage()
    return message?.message.tone === 'acknowledged' && message.thread.length === 1 ? message : undefined
  })
  expect(acknowledged.id).toBe(posted.id)
  expect(acknowledged.message.headline).toBe('#1 Card payments are failing — acknowledged by Ana')
  expect(acknowledged.thread.map((reply) => reply.line)).toEqual([
    ['Acknowledged by ', { strong: 'Ana' }, '.'],
  ])

  house.clock.forward('113s')
  await house.executions(50)
  await house.tick()
  const cleared = await eventually('the message to say that it is over', async () => {
    const message = await onlyMessage()
    return message?.message.tone === 'resolved' ? message : undefined
  })
  expect(cleared.message.headline).toBe('#1 Card payments are failing — cleared after 2 min 13 s')
  expect(cleared.message.actions).toEqual([])
  expect((await house.localMessages()).length).toBe(1)
})

test('the second person to click is told who was faster', async () => {
  await house.rule()
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  await eventually('the alert', onlyMessage)
  const ben = await house.front.meet({ surface: 'local', tenant: 'local', externalId: 'ben', name: 'Ben' })
  const answers = await Promise.all([house.front.say('ack 1', ana), house.front.say('ack 1', ben)])
  expect(answers.filter((answer) => answer.kind === 'message')).toHaveLength(1)
  expect(answers.filter((answer) => answer.kind === 'refused')).toEqual([
    { kind: 'refused', because: expect.stringMatching(/^Already acknowledged by (Ana|Ben) 0 s ago\.$/) },
  ])
})

test("a rule's own templates word its alert, in every state", async () => {
  await house.rule({
    notificationTitleTmpl: '[{{rule.severity}}] {{rule.name}} in {{env.name}}',
    notificationMessageTmpl: 'Value {{alert.currentValue}}, threshold {{alert.threshold}}: call the bank.',
  })
  await house.executions(10, { status: 'FAILED' })
  await house.tick()
  const posted = await eventually('the alert', onlyMessage)
  expect(posted.message.headline).toBe('#1 [CRITICAL] Card payments are failing in Production')
  expect(posted.message.lines).toEqual([['Value 1, threshold 0.05: call the bank.']])
})
