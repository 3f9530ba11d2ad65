import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit } from '#db/repositories/audit.ts'
import { alerts } from '#db/schema/alerts.ts'
import { eventually } from '#test/harness/eventually.ts'
import { push } from '#test/harness/pushed.ts'
import { type ServedHouse, serveHouse } from '#test/harness/served-house.ts'

let house: ServedHouse

beforeAll(async () => {
  house = await serveHouse()
})
afterAll(() => house.close())

function entries() {
  return listAudit(house.memory.db, { limit: 100 })
}

test('abuse 12: what is done is in the audit before it is done, so that whoever is stopped in between leaves a trace', async () => {
  const ana = await house.person('Ana')
  await push(house, {})
  const [locked, stopped] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = house.memory.db.transaction(async (tx) => {
    await tx.execute(sql`lock table ${alerts}`)
    locked.resolve()
    await stopped.promise
  })
  await locked.promise
  const done = house.front.say('ack 1', ana)
  const last = async () => (await entries()).find(({ what }) => what === 'ack #1')
  await eventually('it to be begun', async () => (await last())?.outcome === 'begun')
  stopped.resolve()
  await holding
  expect(await done).toMatchObject({ kind: 'message' })
  expect(await last()).toMatchObject({ outcome: 'done', actor: { name: 'Ana' } })
})

test('what cannot be written down is not done, and stays begun where only its end cannot', async () => {
  const doOn = (what: 'insert' | 'update') =>
    sql.raw(`create function no() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$;
      create trigger no before ${what} on audit for each row execute function no()`)
  const undo = sql.raw('drop function no cascade')
  const made = async (id: string) => (await house.post('/api/v1/contacts', { id })).status
  const there = async (id: string) => (await house.get(`/api/v1/contacts/${id}`)).status
  await house.memory.db.execute(doOn('insert'))
  expect(await made('dora')).toBe(500)
  await house.memory.db.execute(undo)
  expect(await there('dora')).toBe(404)

  await house.memory.db.execute(doOn('update'))
  expect(await made('dan')).toBe(201)
  await house.memory.db.execute(undo)
  expect(await there('dan')).toBe(200)
  expect((await entries())[0]).toMatchObject({ outcome: 'begun', what: 'POST /api/v1/contacts' })
})
