import { afterEach, beforeEach, expect, test } from 'vitest'
import { linkContact, saveContact, saveNotificationRule } from '#db/repositories/contacts.ts'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import type { Answer } from '#engine/command/answer.ts'
import { plainMessage } from '#engine/message/plain.ts'
import type { Person } from '#engine/person.ts'
import { messageAbout, repliesTo } from '#test/harness/local-chat.ts'
import { messageThatSays, pass, push, textOf, threadOf } from '#test/harness/pushed.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})

afterEach(() => house.close())

async function say(line: string, person = ana): Promise<string> {
  return textOfAnswer(await house.front.say(line, person))
}

function textOfAnswer(answer: Answer): string {
  if (answer.kind === 'refused') return `refused: ${answer.because}`
  return answer.kind === 'message' ? plainMessage(answer.message) : `form: ${answer.form.title}`
}

function idIn(text: string): string {
  return /(?:Silence|Maintenance) ([0-9a-f]{8})\./.exec(text)?.[1] ?? ''
}

test('silenced by labels, listed, extended and ended from the chat', async () => {
  await push(house, { check: 'disk', labels: { team: 'Ops EU', severity: 'critical' } })
  const made = await say('silence where team="Ops EU" severity=critical for 1h because moving racks')
  expect(made).toContain('Silenced: {team="Ops EU",tocsin_severity="CRITICAL"}')
  const id = idIn(made)
  expect(textOf(await messageThatSays(house, 'Silenced:'))).toContain('moving racks')
  expect(await say('silences')).toContain(`${id} {team="Ops EU"`)
  expect(await say(`silence extend ${id} 1h`)).toContain('Lasts longer')
  expect(threadOf(await messageThatSays(house, 'Silenced:'))).toEqual([
    expect.stringMatching(/^Changed by Ana: it lasts until /),
  ])
  await pass(house, '61m')
  expect(await repliesTo(house, 1)).toEqual([])
  expect(await say(`silence expire ${id}`)).toContain('No longer silenced')
  expect(await repliesTo(house, 1)).toEqual(['Still firing after the silence ended.'])
  expect(await say('silences')).toBe('Nothing is silenced, and nothing will be.')
  expect(await say(`silence expire ${id}`)).toMatch(/^refused: No silence that is not over/)
})

test('silenced from its alert, it is called by that, and not by the id of a check', async () => {
  await push(house, { entity: 'db-1', check: 'disk' })
  expect(await say('silence 1 1h')).not.toContain('refused')
  const listed = await say('silences')
  expect(listed).toMatch(/[0-9a-f]{8} #1 Card payments are failing/)
  const [id = ''] = /[0-9a-f]{8}/.exec(listed) ?? []
  expect(await say(`silence expire ${id}`)).toContain('No longer silenced: #1 Card payments are failing')
})

test('the buttons of an announcement do what they say', async () => {
  await say('silence where team=a for 1h')
  const announced = await messageThatSays(house, 'Silenced:')
  const commands = announced?.message.actions.map((action) =>
    action.kind === 'button' ? action.command : '',
  )
  expect(commands).toHaveLength(2)
  for (const command of commands ?? []) expect(await say(command)).not.toContain('refused')
  expect((await messageThatSays(house, 'No longer silenced'))?.message.actions).toEqual([])
})

test('one that repeats is made in the chat, and its form says in place what is wrong', async () => {
  expect(await say('silence where rack=eu-1 for 2h every 0 22 * * 6 in Europe/Berlin')).toContain(
    'again 0 22 * * 6 in Europe/Berlin',
  )
  const opened = await house.front.say('silence where', ana)
  if (opened.kind !== 'form') throw new Error('no form was opened')
  const values = { matchers: 'team=a', duration: '2h', starting: '', every: 'daily', reason: '' }
  const again = await house.front.submit(opened.form.id, values, ana)
  if (again.kind !== 'form') throw new Error('the form was expected again')
  expect(again.form.fields.filter(({ error }) => error !== undefined).map(({ name }) => name)).toEqual([
    'every',
  ])
  const fixed = { ...values, every: '30 1 * * 1-5 in UTC', reason: 'Backups' }
  const done = await house.front.submit(opened.form.id, fixed, ana)
  expect(textOfAnswer(done)).toContain('{team="a"}')
  expect(await say('silences')).toMatch(/^2 silences/)
})

test('maintenance of an entity, a check and a pattern; ended by hand it tells what still fires', async () => {
  await push(
    house,
    { entity: 'db-1', check: 'disk', state: 'ok' },
    { entity: 'db-2', check: 'disk', state: 'ok' },
  )
  expect(await say('maintenance DB-1:disk for 1h')).toContain('One check in maintenance')
  house.clock.forward('2s')
  const made = await say('maintenance /^db-/ for 2h because new disks')
  expect(made).toContain('2 checks in maintenance: /^db-/')
  expect(await say('maintenances')).toMatch(/^2 maintenances, 2 running now/)
  house.clock.forward('1m')
  await push(house, { entity: 'db-2', check: 'disk' })
  expect(await messageAbout(house, 1)).toBeUndefined()
  house.clock.forward('1m')
  expect(await say(`maintenance end ${idIn(made)}`)).toContain('The maintenance is over')
  await pass(house, '5s')
  expect(textOf(await messageAbout(house, 1))).toContain('Still firing after the maintenance ended.')
  expect(await say('maintenance /^nothing/ for 2h')).toMatch(/^refused: No entity is known/)
  expect(await say('maintenance nobody for 2h')).toMatch(/^refused: There is no entity/)
  expect(await say('maintenance db-1 for ever')).toMatch(/^refused: "ever" is not a length of time/)
  expect(await say('maintenance /(/ for 2h')).toMatch(/^refused: .*pattern/)
})

test('contacts, what each hears of, and who would hear of a check', async () => {
  const { db } = house.memory
  expect(await say('contacts')).toContain('There are no contacts')
  const medium = { address: 'ada@example.com', intervalSeconds: 600, rollupThreshold: 3 }
  await saveContact(db, { id: 'ada', timezone: null, media: { email: medium } })
  await saveContact(db, { id: 'bob', timezone: null, media: {} })
  await linkContact(db, { contactId: 'ada', to: 'entity', entity: 'db-1' })
  const nothing = { info: [], unknown: [], warning: [], critical: [] }
  await saveNotificationRule(db, {
    id: 'night',
    contactId: 'ada',
    entities: [],
    regexEntities: [],
    tags: ['db'],
    regexTags: [],
    timeRestrictions: [],
    media: { ...nothing, critical: ['email'] },
    blackholes: { info: false, unknown: false, warning: false, critical: false },
  })
  expect(await say('contacts')).toContain('ada\n  email')
  expect(await say('contact ada')).toContain('ada@example.com, at most every 600 s, as a summary from 3')
  expect(await say('contact nobody')).toMatch(/^refused: There is no contact "nobody"/)
  const who = await say('who db-1:disk')
  expect(who).toContain('Nothing of the kind was seen yet')
  expect(who).toContain('Told in Local chat, because nobody wrote a routing, so every chat hears.')
  expect(who).toContain('ada hears by email')
  expect(who).toContain('night wants a tag that is not there · ada:implicit decides')
  expect(who).toContain('1 contact is not linked to it.')

  await push(house, { entity: 'db-1', check: 'disk', labels: { team: 'a' } })
  await say('silence team=a for 1h')
  expect(await say('who db-1:disk')).toContain('The chats are silenced until')
})

test('a test reaches the chats, and contacts by their rules', async () => {
  const { db } = house.memory
  const medium = { address: 'ada@example.com', intervalSeconds: null, rollupThreshold: null }
  await saveContact(db, { id: 'ada', timezone: null, media: { email: medium } })
  await linkContact(db, { contactId: 'ada', to: 'entity', entity: 'db-1' })
  expect(await say('test db-1:disk')).toContain('A test is on its way: db-1:disk')
  expect(textOf(await messageThatSays(house, 'Test: alerts of db-1:disk reach this chat'))).toContain(
    'Nothing is wrong. Ana asked for it.',
  )
  expect(await db.select().from(contactAlerts)).toMatchObject([
    { contactId: 'ada', medium: 'email', notification: { type: 'test', checkKey: 'db-1:disk' } },
  ])
})

test('whoever may only look is told so, and changes nothing', async () => {
  const guest = await house.person('Guest', { mayOnlyLook: true })
  for (const line of [
    'silence where a=b for 1h',
    'silence where',
    'silence expire 3f2a',
    'maintenance db-1 for 1h',
    'test db-1',
  ]) {
    expect(await say(line, guest)).toMatch(/^refused: You may look but not act/)
  }
  for (const line of ['silences', 'maintenances', 'contacts', 'who db-1:disk']) {
    expect(await say(line, guest)).not.toContain('refused')
  }
})

test.each([
  'silence expire \0',
  'who \ud800:x',
  'maintenance end %',
  'test __proto__:\0',
  'contact __proto__',
])('%j is answered like anything else', async (line) => {
  expect(await say(line)).toEqual(expect.any(String))
})
