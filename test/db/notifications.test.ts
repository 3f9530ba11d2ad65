import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import { doubt } from '#db/repositories/doubts.ts'
import {
  holdLane,
  listDueDestinations,
  presenceLock,
  releaseLanes,
  saveLaneHealth,
  saveUnderway,
} from '#db/repositories/lanes.ts'
import { listHeldTillNow } from '#db/repositories/notifications.ts'
import { type Outcome, saveOutcomes } from '#db/repositories/outcomes.ts'
import { listDue, loadParcels } from '#db/repositories/parcels.ts'
import { destinations, notifications } from '#db/schema/notifications.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import { type DeliveryAttempt, mostAttemptsKept } from '#engine/notify/delivery-attempt.ts'
import { healthy } from '#engine/notify/lane-health.ts'
import { forgetAlerts, testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent, start } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory
let destinationId: string

beforeAll(async () => {
  memory = await testMemory()
  await rememberDestination(memory.db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
  const [row] = await memory.db.select().from(destinations)
  destinationId = row?.id ?? ''
})
afterAll(() => memory.close())
beforeEach(() => forgetAlerts(memory.db))

async function fire(check = 'HTTP'): Promise<string> {
  const { notificationIds } = await takeIn(memory.db, [anEvent({ check })], start)
  return notificationIds[0] ?? ''
}

async function click(kind: 'acknowledge' | 'resolve', seconds: number): Promise<string> {
  const at = after(seconds)
  const decide = kind === 'acknowledge' ? acknowledge(ana, at) : resolve(ana, at, null)
  const { notificationIds } = await changeIncident(memory.db, 1, decide, { now: at })
  return notificationIds[0] ?? ''
}

async function parcelsAt(seconds: number, parts = {}) {
  const wish = { destinationId, now: after(seconds), limit: 10, except: [], part: 'all' as const, ...parts }
  const { incidentIds } = await listDue(memory.db, wish)
  return loadParcels(memory.db, destinationId, incidentIds)
}

const save = (outcome: Outcome, seconds = 0) =>
  saveOutcomes(memory.db, { outcomes: [outcome] }, after(seconds))

const attempt = (parts: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
  at: start.toISOString(),
  outcome: 'failed',
  status: 503,
  durationMs: 12,
  snippet: 'busy',
  ...parts,
})

test('a parcel holds everything unsaid about one incident at one place, in the order it happened', async () => {
  await fire()
  await click('acknowledge', 0)
  await click('resolve', 0)
  const [parcel] = await parcelsAt(0)
  expect(parcel?.unsaid.map(({ reason, entry }) => [reason, entry?.kind])).toEqual([
    ['first', 'fired'],
    ['acknowledged', 'acknowledged'],
    ['resolved', 'resolved'],
  ])
  expect(parcel).toMatchObject({ destination: { name: 'Local chat' }, receipt: undefined })
})

test('parcels come the longest waiting first, so many at a time, and without what is being said', async () => {
  const ids = [await fire('one'), await fire('two'), await fire('three')]
  await save({ notificationId: ids[0] ?? '', state: 'PENDING', notBefore: after(5) })
  const idsOf = async (parts = {}) =>
    (await parcelsAt(9, parts)).flatMap(({ unsaid }) => unsaid.map(({ id }) => id))
  expect((await idsOf()).toSorted()).toEqual(ids.toSorted())
  expect(await idsOf({ limit: 2 })).not.toContain(ids[0])
  expect(await idsOf({ except: ids.slice(1) })).toEqual([ids[0]])
})

test('the receipt is kept, and replaced where the message had to be posted anew', async () => {
  await fire()
  const [parcel] = await parcelsAt(0)
  const of = { of: 'incident', subject: parcel?.incidentId ?? '', destinationId } as const
  await saveOutcomes(memory.db, { outcomes: [], receipts: [{ ...of, receipt: { ts: '1' } }] }, start)
  await saveOutcomes(memory.db, { outcomes: [], receipts: [{ ...of, receipt: { ts: '2' } }] }, after(1))
  expect(await parcelsAt(0)).toMatchObject([{ receipt: { ts: '2' } }])
})

test('what was postponed or held is due again at its time, and no earlier; what is settled never', async () => {
  const notificationId = await fire()
  const due = async (seconds: number) => (await listDueDestinations(memory.db, after(seconds))).length
  expect(await due(0)).toBe(1)
  await save({ notificationId, state: 'PENDING', notBefore: after(30), error: 'busy', attempt: attempt() })
  expect([await due(29), await due(30)]).toEqual([0, 1])
  await save({ notificationId, state: 'HELD', notBefore: after(60), inhibitedBy: randomUUID() })
  expect(await due(9999)).toBe(0)
  const heldTill = async (seconds: number) => (await listHeldTillNow(memory.db, after(seconds))).length
  expect([await heldTill(59), await heldTill(60)]).toEqual([0, 1])
  expect(await memory.db.select().from(notifications)).toMatchObject([
    { state: 'HELD', attempts: 1, lastError: 'busy', attemptLog: [{ status: 503, snippet: 'busy' }] },
  ])
  await save({ notificationId, state: 'FAILED', error: 'gone', attempt: attempt({ status: 410 }) }, 60)
  expect([await due(9999), await heldTill(9999)]).toEqual([0, 0])
  await save({ notificationId, state: 'DELIVERED' }, 70)
  expect(await memory.db.select().from(notifications)).toMatchObject([
    { state: 'FAILED', lastError: 'gone', settledAt: after(60), attempts: 2, inhibitedBy: null },
  ])
})

test('of many attempts the last ones are kept', async () => {
  const notificationId = await fire()
  for (let number = 1; number <= mostAttemptsKept + 5; number++) {
    await save({ notificationId, state: 'PENDING', attempt: attempt({ durationMs: number }) })
  }
  const [row] = await memory.db.select().from(notifications)
  const kept = row?.attemptLog?.map(({ durationMs }) => durationMs)
  expect([kept?.length, kept?.[0], kept?.at(-1)]).toEqual([mostAttemptsKept, 6, mostAttemptsKept + 5])
  expect(row?.attempts).toBe(mostAttemptsKept + 5)
})

test('a lane is held by one at a time, until it lets go or its lease is over; what it knows goes with it', async () => {
  const [one, other] = [randomUUID(), randomUUID()]
  const leave = await Promise.all([one, other].map((holder) => memory.hold(presenceLock(holder))))
  const hold = (holder: string, seconds: number) =>
    holdLane(memory.db, { destinationId, holder, now: after(seconds), leaseMs: 10_000 })
  const idle = { underway: [], othersUntil: null }
  expect(await hold(one, 0)).toMatchObject({ health: { failures: 0, troubledSince: null }, ...idle })
  expect(await hold(other, 9)).toBeUndefined()
  expect(await hold(one, 9)).toMatchObject(idle)
  expect(await hold(other, 12)).toBeUndefined()
  await saveLaneHealth(memory.db, destinationId, { ...healthy, failures: 3, resumeAt: after(99) })
  expect(await hold(other, 19)).toMatchObject({ health: { failures: 3, resumeAt: after(99) } })
  expect(await hold(one, 20)).toBeUndefined()
  await releaseLanes(memory.db, other, { isDone: true })
  expect(await hold(one, 20)).toMatchObject(idle)
  for (const end of leave) await end?.()
})

test('whose session is gone has no lane; what it was saying is known, and until when it may say it', async () => {
  const [one, other] = [randomUUID(), randomUUID()]
  const die = await memory.hold(presenceLock(one))
  const hold = (holder: string, seconds: number) =>
    holdLane(memory.db, { destinationId, holder, now: after(seconds), leaseMs: 10_000 })
  const said = [randomUUID(), randomUUID()]
  await hold(one, 0)
  expect(await saveUnderway(memory.db, { destinationId, holder: one }, said)).toBe(true)
  expect(await hold(other, 1)).toBeUndefined()
  await die?.()
  expect(await hold(other, 1)).toMatchObject({ underway: said, othersUntil: after(10) })
  expect(await saveUnderway(memory.db, { destinationId, holder: one }, [])).toBe(false)
})

test('what may have been heard waits for its turn, and says so; what is settled stays as it is', async () => {
  const [open, done] = [await fire('HTTP'), await fire('SSH')]
  await save({ notificationId: done, state: 'DELIVERED' })
  await doubt(memory.db, [open, done], { now: after(3), until: after(20) })
  const rows = await memory.db.select().from(notifications)
  expect(rows.find(({ id }) => id === open)).toMatchObject({
    state: 'PENDING',
    notBefore: after(20),
    attempts: 1,
    attemptLog: [{ outcome: 'unknown', status: null }],
  })
  expect(rows.find(({ id }) => id === done)).toMatchObject({ state: 'DELIVERED', attemptLog: null })
})

test('a lane that pauses has nothing due before it goes on', async () => {
  await fire()
  await saveLaneHealth(memory.db, destinationId, { ...healthy, failures: 5, resumeAt: after(20) })
  const due = async (seconds: number) => (await listDueDestinations(memory.db, after(seconds))).length
  expect([await due(19), await due(20)]).toEqual([0, 1])
})
