import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listWatchedRules } from '#db/repositories/watched-rules.ts'
import type { Person } from '#engine/person.ts'
import { type House, startHouse } from '#test/harness/start-house.ts'

let house: House
let ana: Person

beforeEach(async () => {
  house = await startHouse()
  ana = await house.person('Ana')
})

afterEach(() => house.close())

const subject = { name: 'Anything', kind: 'ROUTE_METRIC', severity: 'INFO', app: 'a', route: '' }
const condition = { metric: 'ERROR_COUNT', comparator: 'GT', threshold: '5', window: '1m', for: '' }

test('a form whose last step failed on our side can be sent again, and then no more', async () => {
  const { front, memory } = house
  const first = await front.say('rule create', ana)
  if (first.kind !== 'form') throw new Error('no form was opened')
  const send = (values: Record<string, string>) => front.submit(first.form.id, values, ana)
  await send(subject)
  await send(condition)

  await memory.db.execute(sql`alter table rules rename to rules_away`)
  await expect(send({})).rejects.toThrow()
  await memory.db.execute(sql`alter table rules_away rename to rules`)

  expect(await send({})).toMatchObject({ kind: 'message', message: { headline: 'Saved: Anything' } })
  expect(await send({})).toMatchObject({ kind: 'refused' })
  expect(await listWatchedRules(memory.db)).toHaveLength(1)
})
