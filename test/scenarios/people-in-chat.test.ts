import { afterEach, beforeEach, expect, test } from 'vitest'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { contacts, media, notificationRules } from '#db/schema/contacts.ts'
import type { Answer } from '#engine/command/answer.ts'
import { plainMessage } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import { push } from '#test/harness/pushed.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})

afterEach(() => house.close())

async function say(line: string, person = ana): Promise<string> {
  return textOf(await house.front.say(line, person))
}

function textOf(answer: Answer): string {
  if (answer.kind === 'refused') return `refused: ${answer.because}`
  return answer.kind === 'message' ? plainMessage(answer.message) : `form: ${answer.form.title}`
}

/** `ada email db-1:disk`, for everything contacts were told. */
async function told(): Promise<string[]> {
  await house.settled()
  const rows = await house.memory.db.select().from(contactAlerts)
  return rows.map(({ contactId, medium, notification }) =>
    [contactId, medium, notification.checkKey].join(' '),
  )
}

async function addAda(): Promise<void> {
  await say('contact add ada name Ada Lovelace zone Europe/London')
  await say('contact ada media email ada@example.com')
}

test('somebody made known in the chat is told of the next event, and of none after being unlinked', async () => {
  await push(house, { entity: 'db-1', check: 'before' })
  expect(await say('contact add ada name Ada Lovelace zone Europe/London')).toContain('Contact ada is there')
  expect(await house.memory.db.select().from(contacts)).toEqual([
    { id: 'ada', firstName: 'Ada', lastName: 'Lovelace', email: null, timezone: 'Europe/London' },
  ])
  expect(await say('contact ada media email ada@example.com every 10m summary from 3')).toContain(
    'email: ada@example.com, at most every 600 s, as a summary from 3',
  )
  await say('contact add bob')
  await say('contact bob media sms +4917012345')
  expect(await say('contact bob hears web-1:HTTP')).toContain(
    'Nothing was ever heard of web-1:HTTP: check the spelling',
  )
  const linked = await say('contact ada hears DB-1')
  expect(linked).toContain('ada hears DB-1\nLinked to db-1.')
  expect(linked).not.toContain('Nothing was ever heard')
  expect(await told()).toEqual([])

  await push(house, { entity: 'db-1', check: 'disk' })
  expect(await told()).toEqual(['ada email db-1:disk'])
  await push(house, { entity: 'web-1', check: 'HTTP' }, { entity: 'web-1', check: 'load' })
  expect(await told()).toEqual(['ada email db-1:disk', 'bob sms web-1:HTTP'])

  expect(await say('contact ada no longer hears db-1')).toContain('Linked to nothing')
  expect(await say('contact ada hears everything')).toContain('Linked to everything.')
  await push(house, { entity: 'cache-1', check: 'memory' })
  expect((await told()).slice(2)).toEqual(['ada email cache-1:memory'])
  expect(await say('contact ada no longer hears cache-1')).toMatch(
    /^refused: ada is not linked to cache-1\. It hears everything: contact ada no longer hears everything/,
  )
  await say('contact ada no longer hears everything')
  await say('contact bob media sms off')
  await push(house, { entity: 'web-1', check: 'HTTP', state: 'ok' }, { entity: 'db-1', check: 'load' })
  expect(await told()).toHaveLength(3)
})

test('a rule made by a line, listed, heeded by the next event and removed by its button', async () => {
  await addAda()
  await say('contact ada media sms +4917012345')
  await say('contact ada hears everything')
  const saved = await say('contact ada rule for /^db-/ critical sms warning nothing hours daily 0-24')
  expect(saved).toContain('Rule saved for ada')
  expect(saved).toContain('for /^db-/, daily 00:00-24:00\n  warning: nothing · critical: sms')
  await push(house, { entity: 'db-1', check: 'disk' }, { entity: 'web-1', check: 'HTTP' })
  expect((await told()).sort()).toEqual(['ada email web-1:HTTP', 'ada sms db-1:disk', 'ada sms web-1:HTTP'])

  const card = await house.front.say('contact ada', ana)
  const remove = card.kind === 'message' ? card.message.items[0]?.action?.command : undefined
  expect(await say(remove ?? '')).toContain('Rule removed from ada')
  expect(await house.memory.db.select().from(notificationRules)).toEqual([])
  expect(await say(remove ?? '')).toMatch(/^refused: ada has no rule whose id begins with/)
  expect(await say('contact ada rule remove ada:implicit')).toMatch(
    /^refused: ada has this rule as long as it has no other one for everything/,
  )
  expect(await say('contact ada rule critical pagerduty')).toContain('ada has no pagerduty yet')
})

test('a rule made by form: two steps of a few fields, each saying in place what is wrong', async () => {
  await addAda()
  await say('contact ada hears everything')
  const opened = await house.front.say('contact ada rule', ana)
  if (opened.kind !== 'form') throw new Error('no form was opened')
  const send = async (values: Record<string, string>) => {
    const answer = await house.front.submit(opened.form.id, values, ana)
    return answer.kind === 'form'
      ? {
          step: answer.form.step,
          wrong: answer.form.fields.filter(({ error }) => error !== undefined).map(({ name }) => name),
          values: answer.form.fields.map(({ value }) => value),
        }
      : textOf(answer)
  }
  expect(opened.form).toMatchObject({ title: 'Rule of a contact', step: 1, steps: 2 })
  expect(opened.form.fields.length).toBeLessThanOrEqual(5)
  expect(await send({ for: '/(/', tags: '', hours: 'soon' })).toMatchObject({
    step: 1,
    wrong: ['for', 'hours'],
  })
  expect(await send({ for: 'db-1', tags: '', hours: '' })).toEqual({
    step: 2,
    wrong: [],
    values: ['email', 'email', '', ''],
  })
  expect(await send({ critical: 'pigeon', warning: '', unknown: '', info: '' })).toMatchObject({
    step: 2,
    wrong: ['critical'],
  })
  expect(await send({ critical: 'nothing', warning: '', unknown: '', info: '' })).toContain(
    'critical: nothing',
  )
  expect(await send({ critical: 'email' })).toContain('refused: That form is no longer open')
  await push(house, { entity: 'db-1', check: 'disk' }, { entity: 'db-2', check: 'disk' })
  expect(await told()).toEqual(['ada email db-2:disk'])
  expect(await house.memory.db.select().from(notificationRules)).toHaveLength(1)
})

test('a contact is removed only by somebody who is sure', async () => {
  await addAda()
  const opened = await house.front.say('contact ada rule', ana)
  const asked = await house.front.say('contact remove ada', ana)
  expect(textOf(asked)).toContain('With 1 medium, no rules and what it is linked to. Nothing brings it back.')
  expect(await house.memory.db.select().from(contacts)).toHaveLength(1)
  const [button] = asked.kind === 'message' ? asked.message.actions : []
  expect(await say(button?.kind === 'button' ? button.command : '')).toBe('Contact ada is removed')
  expect(await house.memory.db.select().from(media)).toEqual([])
  expect(await say('contact remove ada sure')).toBe('refused: There is no contact "ada".')
  const late = opened.kind === 'form' ? await house.front.submit(opened.form.id, {}, ana) : opened
  expect(textOf(late)).toBe('refused: There is no contact "ada".')
})

test('an entity shows its checks, how they are, and who is linked to it', async () => {
  await addAda()
  await say('contact add bob')
  await push(
    house,
    { entity: 'DB-1', check: 'disk' },
    { entity: 'DB-1', check: 'load', state: 'ok' },
    { entity: 'db-2', check: 'disk' },
  )
  expect(await say('entity db-1')).toContain('No contact is linked to it.')
  await say('contact ada hears everything')
  await say('contact bob hears db-1:disk')
  const shown = await say('entity DB-1')
  expect(shown).toMatch(/^Entity db-1: 2 checks/i)
  expect(shown).toContain('Linked to it: bob (disk), ada (hears everything).')
  expect(shown).toContain('disk\n  critical')
  expect(shown).toContain('load\n  ok')
  expect(shown).toContain('PATCH /api/v1/entities/')
  expect(await say('entity db-9')).toMatch(/^refused: There is no entity "db-9"/)
})

test.each([
  ['contact add ada zone Mars', 'zone: must be a time zone such as Europe/Berlin'],
  ['contact add a/b', 'id: must be an id without commas and slashes'],
  ['contact ada media pigeon roof', 'type: must be one of email, sms'],
  ['contact ada media pagerduty key', 'The address of pagerduty is a secret, and a chat keeps what is typed'],
  ['contact ada media email a@b every now', 'every: "now" is not a length of time I know'],
  ['contact ada media email a@b summary from many', 'summary from: must be a whole number'],
  ['contact ada hears :disk', 'entity: must be a name'],
  ['contact ada hears db-1:', 'check: must be the name of the check'],
  [`contact ada hears ${'x'.repeat(500)}`, 'entity: must have at most 400 characters'],
  ['contact ada rule for /(/ critical email', 'for: The pattern "(" cannot be used'],
  ['contact ada rule critical pigeon', 'critical: must be one of email, sms'],
  ['contact nobody media email a@b', 'There is no contact "nobody"'],
  ['contact nobody hears db-1', 'There is no contact "nobody"'],
  ['contact nobody no longer hears db-1', 'There is no contact "nobody"'],
  ['contact nobody rule', 'There is no contact "nobody"'],
  ['contact nobody rule critical email', 'There is no contact "nobody"'],
  ['contact nobody rule remove x', 'There is no contact "nobody"'],
  ['contact remove nobody', 'There is no contact "nobody"'],
  ['contact __proto__ media email \0', 'refused'],
])('%j is refused with the field and the remedy, and keeps nothing', async (line, because) => {
  const answer = await say(line)
  expect(answer).toMatch(/^refused: /)
  expect(answer).toContain(because)
  const { db } = house.memory
  expect([await db.select().from(contacts), await db.select().from(notificationRules)]).toEqual([[], []])
})

test('twice the same id is refused, and what is taken away twice as well', async () => {
  await addAda()
  expect(await say('contact add ada')).toMatch(
    /^refused: Contacts already exist with the following IDs: "ada"/,
  )
  expect(await say('contact ada media sms off')).toBe('refused: ada has no sms. See contact ada.')
  expect(await say('contact ada no longer hears db-1')).toBe(
    'refused: ada is not linked to db-1. See contact ada.',
  )
  expect(await say('contact ada hears db-1')).toContain('ada hears db-1\n')
  expect(await say('contact ada hears db-1')).toContain('ada hears db-1 already')
})

test('whoever may only look sees who hears, and changes nothing', async () => {
  await addAda()
  const opened = await house.front.say('contact ada rule', ana)
  if (opened.kind !== 'form') throw new Error('no form was opened')
  const guest = await house.person('Guest', { mayOnlyLook: true })
  for (const line of [
    'contact add bob',
    'contact remove ada sure',
    'contact ada media email guest@example.com',
    'contact ada hears everything',
    'contact ada no longer hears db-1',
    'contact ada rule',
    'contact ada rule critical email',
    'contact ada rule remove x',
  ])
    expect(await say(line, guest)).toMatch(
      /^refused: You may look but not act: \/alert contact .* needs the role OPERATOR/,
    )
  const demoted = await house.person('Ana', { mayOnlyLook: true })
  expect(textOf(await house.front.submit(opened.form.id, {}, demoted))).toMatch(/^refused: You may look/)
  expect(await say('contact ada', guest)).toContain('ada@example.com')
})
