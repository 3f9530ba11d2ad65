import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { incidents } from '#db/schema/alerts.ts'
import { notifications, receipts } from '#db/schema/notifications.ts'
import { type BusyVendor, type Heard, openBusyVendor } from '#test/harness/busy-vendor.ts'
import { testMemory } from '#test/harness/database.ts'
import { deliveringPrograms } from '#test/harness/delivering-programs.ts'
import { anEvent } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory & { readonly url: string }
let vendor: BusyVendor
/** To what it gives no answer. */
let mute: (heard: Heard) => boolean
const programs = deliveringPrograms()
/** A lease is over by then. */
const muchLaterMs = 41_000

beforeEach(async () => {
  memory = await testMemory()
  await ensureFirstEnvironment(memory.db)
  await rememberDestination(memory.db, { surface: 'slack', key: '#one', name: '#one', address: {} })
  mute = () => false
  vendor = await openBusyVendor({ isMute: (heard) => mute(heard) })
})
afterEach(async () => {
  await programs.killAll()
  await vendor.close()
  await memory.close()
})

function start(aheadMs = 0) {
  const there = { databaseUrl: memory.url, vendorUrl: vendor.url, concurrency: 1 }
  return programs.start({ ...there, aheadMs })
}

async function happen(state: 'critical' | 'ok', ...checks: readonly string[]): Promise<void> {
  const now = new Date()
  const events = checks.map((check) => anEvent({ check, title: check, state, at: now }))
  await takeIn(memory.db, events, now)
}

async function incidentOf(check: string): Promise<string> {
  const rows = await memory.db.select().from(incidents)
  const numbers = ['first', 'second', 'third']
  return rows.find(({ number }) => number === numbers.indexOf(check) + 1)?.id ?? ''
}

async function statesOf(check: string): Promise<string[]> {
  const rows = await memory.db
    .select()
    .from(notifications)
    .where(eq(notifications.incidentId, await incidentOf(check)))
    .orderBy(notifications.createdAt)
  return rows.map(({ state }) => state)
}

test('killed before the answer was written down, and over before anybody takes the lane over: its end is told where it may have been heard', async () => {
  await happen('critical', 'first')
  mute = ({ kind }) => kind === 'post'
  const child = await start()
  await eventually('the beginning to be heard', () => vendor.heard.length === 1)
  await happen('critical', 'second')
  await programs.kill(child)
  await happen('ok', 'first', 'second')
  mute = () => false

  await start(muchLaterMs)
  await eventually('the end to be told', async () => (await statesOf('first')).every(isDelivered))
  // What was never said stays unsaid.
  await eventually('the rest to be dropped', async () => (await statesOf('second')).every(isDropped))
  const [began, ended, ...more] = vendor.heard
  const first = await incidentOf('first')
  expect(more).toEqual([])
  expect(began).toMatchObject({ kind: 'post', incident: first })
  expect(ended).toMatchObject({ kind: 'post', id: began?.id, incident: first })
  expect(ended?.said).toContain('cleared')
  expect(await memory.db.select().from(receipts)).toMatchObject([{ incidentId: first }])
}, 90_000)

test('the lane of one that was killed is taken over at once, but for what it was saying', async () => {
  await happen('critical', 'first')
  mute = ({ kind }) => kind === 'post'
  const killed = await start()
  await eventually('the beginning to be heard', () => vendor.heard.length === 1)
  const other = await start()
  await happen('critical', 'second', 'third')
  mute = () => false
  await programs.kill(killed)

  await eventually('the others to be told', async () => {
    const states = [...(await statesOf('second')), ...(await statesOf('third'))]
    return states.every(isDelivered)
  })
  expect(await statesOf('first')).toEqual(['PENDING'])
  const [said] = await memory.db
    .select()
    .from(notifications)
    .where(eq(notifications.incidentId, await incidentOf('first')))
  expect(said).toMatchObject({
    attempts: 1,
    attemptLog: [{ outcome: 'unknown', status: null, snippet: expect.stringMatching(/may have been heard/) }],
  })
  const ofFirst = async () => {
    const first = await incidentOf('first')
    return vendor.heard.filter(({ incident }) => incident === first)
  }
  expect(await ofFirst()).toHaveLength(1)

  await programs.kill(other)
  await start(muchLaterMs)
  await eventually('it to be told again', async () => (await statesOf('first')).every(isDelivered))
  const [once, again] = await ofFirst()
  expect(again).toEqual(once)
}, 90_000)

function isDelivered(state: string): boolean {
  return state === 'DELIVERED'
}

function isDropped(state: string): boolean {
  return state === 'DROPPED'
}
