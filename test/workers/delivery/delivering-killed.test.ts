import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Memory, openMemory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { notifications } from '#db/schema/notifications.ts'
import { acknowledge } from '#engine/incident/decide.ts'
import { type TestDatabase, testDatabase } from '#test/harness/database.ts'
import { ana, anEvent } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { severableLink } from '#test/harness/severable-link.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { takeIn } from '#workers/processors/take-in.ts'

const program = join(import.meta.dirname, '../../harness/delivering-process.ts')
/** Opened before each blow, so that there is always something to say. */
const incidents = 15
/** It takes its time, so that it can be interrupted. */
const vendorTakesMs = 20
/** What is done to the process that tells, one after the other; each ends with its death. */
const blows = ['kill', 'acknowledge', 'sever', 'restart', 'kill', 'kill'] as const

interface Heard {
  readonly kind: string
  readonly id: string
  readonly incident: string
  readonly said: string
}

let database: TestDatabase
let memory: Memory
let link: Awaited<ReturnType<typeof severableLink>>
let vendor: Awaited<ReturnType<typeof openVendor>>

/** Remembers what it was told, and is busy now and then. */
async function openVendor() {
  const heard: Heard[] = []
  let calls = 0
  let onCall: (call: number) => void = () => undefined
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      calls += 1
      onCall(calls)
      const isBusy = calls % 7 === 0
      if (!isBusy) heard.push(JSON.parse(body) as Heard)
      setTimeout(() => response.writeHead(isBusy ? 503 : 200).end(), vendorTakesMs)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    /** Resolves with its call number `count` from now. */
    afterCalls: (count: number) => {
      const at = calls + count
      return new Promise<void>((resolve) => (onCall = (call) => void (call >= at && resolve())))
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((closed) => server.close(closed))
    },
  }
}

beforeEach(async () => {
  database = await testDatabase()
  memory = openMemory({ url: database.url, name: 'tocsin-test', connections: 4 })
  await ensureFirstEnvironment(memory.db)
  link = await severableLink(new URL(database.url))
  vendor = await openVendor()
})
afterEach(async () => {
  for (const child of living) await kill(child)
  await link.close()
  await memory.close()
  await database.close()
  await vendor.close()
})

async function startDelivering(round: number): Promise<ChildProcess> {
  const aheadMs = String(round * 41_000)
  const child = spawn(process.execPath, [program, link.url, vendor.url, aheadMs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  living.add(child)
  child.once('exit', () => living.delete(child))
  if (child.stdout) await once(createInterface(child.stdout), 'line')
  return child
}

const living = new Set<ChildProcess>()

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
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
    await kill(child)
    link.mend()
  }
  const last = await startDelivering(blows.length)
  await eventually('everything to be told', async () => (await unsettled()) === 0, 90_000)
  await kill(last)

  const rows = await memory.db.select().from(notifications)
  expect(rows.filter(({ state }) => state !== 'DELIVERED')).toEqual([])
  const posts = vendor.heard.filter(({ kind }) => kind === 'post')
  const expected = new Set(rows.map(({ incidentId, destinationId }) => `${incidentId}/${destinationId}`))
  expect(new Set(posts.map(({ id }) => id))).toEqual(expected)
  const known = new Set(rows.map(({ id }) => id))
  const replies = vendor.heard.filter(({ kind }) => kind === 'reply')
  expect(replies.filter(({ id }) => !known.has(id))).toEqual([])
  // A line comes under a message that is there.
  const first = new Map<string, number>()
  vendor.heard.forEach(({ id }, index) => first.has(id) || first.set(id, index))
  for (const { id, incident } of replies) {
    const row = rows.find((one) => one.id === id)
    expect(first.get(id)).toBeGreaterThan(first.get(`${incident}/${row?.destinationId}`) ?? Infinity)
  }
  // What happened first is said first, at each place.
  const inOrder = rows.toSorted((one, other) => (one.entryId ?? 0) - (other.entryId ?? 0))
  for (const told of Map.groupBy(
    inOrder,
    ({ incidentId, destinationId }) => `${incidentId}/${destinationId}`,
  ).values()) {
    const said = told.flatMap(({ id }) => first.get(id) ?? [])
    expect(said).toEqual(said.toSorted((one, other) => one - other))
  }
}, 240_000)
