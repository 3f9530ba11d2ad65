import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Memory, openMemory } from '#db/client.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { closeFinished, listIncidents } from '#db/repositories/incidents.ts'
import { listStillFiring } from '#db/repositories/joinable-incidents.ts'
import { testDatabase, type TestDatabase } from '#test/harness/database.ts'

const open = 2000
let database: TestDatabase
let memory: Memory

/** A long history in which little was ever open at a time, as the server has counted it; then a storm it has not counted. */
beforeAll(async () => {
  database = await testDatabase()
  // One connection, which tells what it counted before it is asked.
  memory = openMemory({ url: database.url, name: 'tocsin-test', connections: 1 })
  await ensureFirstEnvironment(memory.db)
  const history = (of: number, state: string) => sql`
    with made as (select gen_random_uuid() as id, gen_random_uuid() as alert_id from generate_series(1, ${of}::int)),
    kept as (
      insert into incidents (id, environment, opened_at, closed_at)
      select id, 'prod', now(), case when ${state} = 'RESOLVED' then now() end from made)
    insert into alerts (id, check_id, incident_id, environment, state, severity, title, summary, entity, labels, started_at)
    select alert_id, gen_random_uuid(), id, 'prod', ${state}, 'CRITICAL', '', '', '', '{}', now() from made`
  await memory.db.execute(sql`alter table alerts set (autovacuum_enabled = off)`)
  await memory.db.execute(sql`alter table incidents set (autovacuum_enabled = off)`)
  await memory.db.execute(history(20_000, 'RESOLVED'))
  await memory.db.execute(sql`analyze alerts, incidents`)
  await memory.db.execute(history(open, 'FIRING'))
})
afterAll(async () => {
  await memory.close()
  await database.close()
})

/** How many entries of the index of what is open were read by it. */
async function readOfOpen(work: (db: Memory['db']) => Promise<unknown>): Promise<number> {
  const count = async () => {
    await memory.db.execute(sql`select pg_stat_force_next_flush()`)
    const [row] = await memory.db.execute<{ read: number }>(sql`
      select coalesce(sum(idx_tup_read), 0)::int as read from pg_stat_user_indexes
      where indexrelname in ('alerts_one_open_per_check', 'incidents_open')`)
    return row?.read ?? 0
  }
  const before = await count()
  await work(memory.db)
  return (await count()) - before
}

test.each(['open', 'firing', 'acknowledged'] as const)(
  'what is %s is listed without going through all that is open for each',
  async (only) => {
    expect(await readOfOpen((db) => listIncidents(db, only, 20))).toBeLessThan(open * 10)
  },
)

test('an incident that ends is found by its id', async () => {
  const [one] = await memory.db.execute<{ id: string }>(
    sql`select id from incidents where closed_at is null limit 1`,
  )
  const ids = [one?.id ?? '']
  expect(await readOfOpen((db) => closeFinished(db, ids, new Date()))).toBeLessThan(open / 2)
  expect(await readOfOpen((db) => listStillFiring(db, ids, []))).toBeLessThan(open / 2)
})
