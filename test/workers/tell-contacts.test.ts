import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { linkContact, saveContact, unlinkContact } from '#db/repositories/contacts.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { contactAlerts } from '#db/schema/contact-alerts.ts'
import { contacts, routingVersion } from '#db/schema/contacts.ts'
import { acknowledge } from '#engine/incident/decide.ts'
import { forgetAlerts, testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent, start } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())
beforeEach(async () => {
  await forgetAlerts(memory.db)
  await memory.db.execute(sql`truncate ${contacts}, ${routingVersion} cascade`)
  await saveCarl(null)
})

const link = { contactId: 'carl', to: 'all' } as const

async function saveCarl(rollupThreshold: number | null): Promise<void> {
  const email = { address: 'carl@example.org', intervalSeconds: 60, rollupThreshold }
  await saveContact(memory.db, { id: 'carl', timezone: null, media: { email } })
  await linkContact(memory.db, link)
}

async function heard(): Promise<string[]> {
  const rows = await memory.db.select().from(contactAlerts).orderBy(contactAlerts.createdAt)
  return rows.map(({ notification, summary }) => (summary ? `${summary.type} summary` : notification.type))
}

test('a click is an acknowledgement: contacts hear of it, and then nothing but worse or ok', async () => {
  const warning = anEvent({ state: 'warning', repeatFailureDelaySeconds: 60 })
  await takeIn(memory.db, [warning], start)
  await changeIncident(memory.db, 1, acknowledge(ana, after(1)), { now: after(1) })
  await takeIn(memory.db, [warning], after(600))
  expect(await heard()).toEqual(['problem', 'acknowledgement'])
  await takeIn(memory.db, [anEvent({ state: 'critical' })], after(700))
  await takeIn(memory.db, [anEvent({ state: 'ok' })], after(800))
  expect(await heard()).toEqual(['problem', 'acknowledgement', 'problem', 'recovery'])
})

test('who is linked is known at once, whatever was compiled before', async () => {
  await unlinkContact(memory.db, link)
  await takeIn(memory.db, [anEvent({ check: 'a' })], start)
  await linkContact(memory.db, link)
  await takeIn(memory.db, [anEvent({ check: 'b' })], after(1))
  expect(await heard()).toEqual(['problem'])
})

test('workers at the same time share the count: one alert, then one summary', async () => {
  await saveCarl(2)
  const batches = [0, 1, 2, 3].map((batch) => [
    anEvent({ check: `${batch}-a` }),
    anEvent({ check: `${batch}-b` }),
  ])
  await Promise.all(batches.map((batch) => takeIn(memory.db, batch, start)))
  expect((await heard()).toSorted()).toEqual(['problem', 'problem summary'])
})
