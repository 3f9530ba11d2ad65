import { afterEach, beforeEach, expect, test } from 'vitest'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { media } from '#db/schema/contacts.ts'
import { eventually } from '#test/harness/eventually.ts'
import { localSlackProgram, localSlackSettings, type LocalSlack } from '#test/harness/local-slack.ts'
import { push } from '#test/harness/pushed.ts'
import { startSlackHouse } from '#test/harness/slack-house.ts'

let world: Awaited<ReturnType<typeof startSlackHouse>>
let slack: LocalSlack

beforeEach(async (context) => {
  if ('missing' in localSlackProgram) return context.skip(localSlackProgram.missing)
  world = await startSlackHouse('http')
  slack = world.slack
})
afterEach(() => world?.close())

test('a contact made, reached and ruled in Slack is told of the next event', async () => {
  const { house } = world
  const { db } = house.memory
  await slack.command('alice', 'contact add ada zone Europe/Berlin')
  await slack.message('Contact ada is there')
  const channel = localSlackSettings.alertChannel
  const typed = '<@U0BOT> contact ada media email <mailto:ada@example.com|ada@example.com>'
  await slack.say('alice', channel, typed)
  await eventually('the medium', async () => (await db.select().from(media))[0])
  expect(await db.select().from(media)).toMatchObject([{ name: 'email', address: 'ada@example.com' }])
  await slack.command('alice', 'contact ada hears db-1')
  await slack.message('ada hears db-1')

  await slack.command('alice', 'contact ada rule')
  await slack.modal('Rule of a contact')
  await slack.submit('alice', { for: '/(/' })
  expect(Object.keys(await slack.modalErrors('cannot be used'))).toEqual(['for'])
  await slack.submit('alice', { for: '/^db-/', hours: 'daily 0-24' })
  await slack.modal('Step 2 of 2')
  await slack.submit('alice', { critical: 'email', warning: 'nothing' })
  const saved = await slack.message('Rule saved for ada')
  expect(JSON.stringify(saved.blocks)).toContain('warning: nothing · critical: email')

  await push(house, { entity: 'db-1', check: 'disk' }, { entity: 'web-1', check: 'disk' })
  expect(await db.select().from(contactAlerts)).toMatchObject([
    { contactId: 'ada', medium: 'email', notification: { checkKey: 'db-1:disk' } },
  ])
})
