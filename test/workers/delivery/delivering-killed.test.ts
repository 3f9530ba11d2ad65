import type { ChildProcess } from 'node:child_process'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, test } from 'vitest'
import { type Memory, openMemory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { notifications } from '#db/schema/notifications.ts'
import { acknowledge } from '#engine/incident/decide.ts'
import { type BusyVendor, openBusyVendor } from '#test/harness/busy-vendor.ts'
import { type TestDatabase, testDatabase } from '#test/harness/database.ts'
import { deliveringPrograms } from '#test/harness/delivering-programs.ts'
import { ana, anEvent } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { severableLink } from '#test/harness/severable-link.ts'
import { expectToldInOrder } from '#test/harness/told-in-order.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { takeIn } from '#workers/processors/take-in.ts'

/** Opened before each blow, so that there is always something to say. */
const incidents = 15
/** What is done to the process that tells, one after the other; each ends with its death. */
const blows = ['kill', 'acknowledge', 'sever', 'restart', 'kill', 'kill'] as const

let database: TestDatabase
let memory: Memory
let link: Awaited<ReturnType<typeof severableLink>>
let vendor: BusyVendor
const programs = deliveringPrograms()

beforeEach(async () => {
  database = await testDatabase()
  memory = openMemory({ url: database.url, name: 'tocsin-test', connections: 4 })
  await ensureFirstEnvironment(memory.db)
  link = await severableLink(new URL(database.url))
  // Busy now and then.
  vendor = await openBusyVendor({ takesMs: 20, isBusy: (call) => call % 7 === 0 })
})
afterEach(async () => {
  await programs.killAll()
  await link.close()
  await memory.close()
  await database.close()
  await vendor.close()
})

function startDelivering(round: number): Promise<ChildProcess> {
  return programs.start({ databaseUrl: link.url, vendorUrl: vendor.url, aheadMs: round * 41_000 })
}

async function unsettled(): Promise<number> {
  const [row] = await memory.db.execute<{ rows: number }>(
    sql`select count(*)::int as rows from ${notifications} where state in ('PENDING', 'HELD')`,
  )
  return row?.rows ?? 0
}

async function openIncidents(round: number): Promise<void> {
  const now = new Date()
  const events = Array.from({ length: incidents }, (_, number) =>
    anEvent({ check: `check ${round}.${number}`, at: now }),
  )
  await takeIn(memory.db, events, now)
}

/** What a database that restarts does to whoever is connected, in the middle of what they were saying. */
async function endSessions(): Promise<void> {
  await memory.db.execute(sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'tocsin-test-delivering'`)
}

test('abuse 24: killed at any instant, and cut off from its database, everything is told with the same id, in order, and nothing else', async () => {
  for (const name of ['#one', '#two']) {
    await rememberDestination(memory.db, { surface: 'slack', key: name, name, address: {} })
  }
  for (const [round, blow] of blows.entries()) {
    await openIncidents(round)
    if (blow === 'acknowledge') {
      // What was begun is told a second time, which each of them is asked for while some have not even been told once.
      for (let number = 1; number <= 2 * incidents; number += 3) {
        await changeIncident(memory.db, number, acknowledge(ana, new Date()), { now: new Date() })
      }
    }
    const child = await startDelivering(round)
    if (blow === 'sever') link.sever()
    else await vendor.afterCalls(1 + Math.floor(Math.random() * 20))
    if (blow === 'restart') await endSessions()
    await programs.kill(child)
    link.mend()
  }
  const last = await startDelivering(blows.length)
  await eventually('everything to be told', async () => (await unsettled()) === 0, 90_000)
  await programs.kill(last)

  await expectToldInOrder(memory.db, vendor.heard)
}, 240_000)
