import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Memory, openMemory } from '#db/client.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts'
import { migrateDatabase } from '#db/migrate.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { notifications } from '#db/schema/notifications.ts'
import { acknowledge } from '#engine/incident/decide.ts'
import { type BusyVendor, openBusyVendor } from '#test/harness/busy-vendor.ts'
import { deliveringPrograms } from '#test/harness/delivering-programs.ts'
import { ana, anEvent } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { expectToldInOrder } from '#test/harness/told-in-order.ts'
import { takeIn } from '#workers/processors/take-in.ts'

/** Opened before each end of the server, and as many after it. */
const incidents = 15
/** How it ends: `SIGINT` writes down what there is and ends all sessions, after `SIGQUIT` it has to recover. */
const ends = ['SIGINT', 'SIGQUIT', 'SIGINT', 'SIGQUIT'] as const
const patienceMs = 60_000

let folder: string
let server: EmbeddedPostgres
let memory: Memory
let vendor: BusyVendor
const programs = deliveringPrograms()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-restarted-'))
  // Run as root, PostgreSQL works under an account of its own, which must get in here.
  await chmod(folder, 0o755)
  server = await startEmbeddedPostgres({ folder })
  await migrateDatabase(server.url)
  memory = openMemory({ url: server.url, name: 'tocsin-test', connections: 4 })
  await ensureFirstEnvironment(memory.db)
  vendor = await openBusyVendor({ takesMs: 20, isBusy: (call) => call % 7 === 0 })
}, 120_000)
afterAll(async () => {
  await programs.killAll()
  await vendor.close()
  await memory.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** What is sent again because nobody knows whether it was accepted is the same event. */
function insist<T>(what: string, act: () => Promise<T>): Promise<T> {
  return eventually(
    what,
    () =>
      act().then(
        (done) => ({ done }),
        () => undefined,
      ),
    patienceMs,
  ).then(({ done }) => done)
}

function openIncidents(round: string): Promise<unknown> {
  const now = new Date()
  const events = Array.from({ length: incidents }, (_, number) =>
    anEvent({ check: `check ${round}.${number}`, at: now }),
  )
  return insist('alerts to be accepted', () => takeIn(memory.db, events, now))
}

/** Resolves when another one answers in its place. */
async function endServer(signal: NodeJS.Signals): Promise<void> {
  const ended = await serverPid()
  process.kill(ended, signal)
  await insist('another server', async () => {
    const client = postgres(server.url, { max: 1, onnotice: () => undefined })
    try {
      await client`select 1`
    } finally {
      await client.end()
    }
    if ((await serverPid()) === ended) throw new Error('it is the same one')
  })
}

async function serverPid(): Promise<number> {
  const file = await readFile(join(server.dataFolder, 'postmaster.pid'), 'utf8')
  return Number.parseInt(file, 10)
}

async function unsettled(): Promise<number> {
  const [row] = await memory.db.execute<{ rows: number }>(
    sql`select count(*)::int as rows from ${notifications} where state in ('PENDING', 'HELD')`,
  )
  return row?.rows ?? 0
}

test('abuse 24: the database server ends again and again while two processes tell: everything is told with the same id, in order, and nothing else', async () => {
  for (const name of ['#one', '#two']) {
    await rememberDestination(memory.db, { surface: 'slack', key: name, name, address: {} })
  }
  for (let process = 0; process < 2; process++)
    await programs.start({ databaseUrl: server.url, vendorUrl: vendor.url })
  for (const [round, signal] of ends.entries()) {
    await openIncidents(`${round}`)
    await vendor.afterCalls(1 + Math.floor(Math.random() * 20))
    await endServer(signal)
    await openIncidents(`${round} after it`)
    for (let number = 1; number <= incidents; number += 4) {
      const click = acknowledge(ana, new Date())
      await insist('a click', () =>
        changeIncident(memory.db, round * 2 * incidents + number, click, { now: new Date() }),
      )
    }
  }
  await eventually('everything to be told', async () => (await unsettled()) === 0, 2 * patienceMs)
  await expectToldInOrder(memory.db, vendor.heard)
  const told = new Set(vendor.heard.map(({ incident }) => incident))
  expect(told.size).toBe(ends.length * 2 * incidents)
}, 300_000)
