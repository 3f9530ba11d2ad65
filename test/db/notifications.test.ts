import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import {
  findAddressed,
  holdNotifications,
  listDueNotifications,
  openParcel,
  type Parcel,
  postponeNotifications,
  saveReceipt,
  settleNotifications,
} from '#db/repositories/notifications.ts'
import { notifications } from '#db/schema/notifications.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import { forgetAlerts, testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent, start } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
  await rememberDestination(memory.db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
})
afterAll(() => memory.close())
beforeEach(() => forgetAlerts(memory.db))

async function openParcelOf(db: Memory['db'], notificationId: string): Promise<Parcel | undefined> {
  const addressed = await findAddressed(db, notificationId)
  return addressed && 'incidentId' in addressed ? openParcel(db, addressed) : undefined
}

async function fire(): Promise<string> {
  const { notificationIds } = await takeIn(memory.db, [anEvent()], start)
  return notificationIds[0] ?? ''
}

async function click(kind: 'acknowledge' | 'resolve', seconds: number): Promise<string> {
  const at = after(seconds)
  const decide = kind === 'acknowledge' ? acknowledge(ana, at) : resolve(ana, at, null)
  const { notificationIds } = await changeIncident(memory.db, 1, decide, { now: at })
  return notificationIds[0] ?? ''
}

test('a parcel holds everything unsaid about one incident at one place, in the order it happened', async () => {
  const first = await fire()
  await click('acknowledge', 0)
  const last = await click('resolve', 0)
  for (const id of [first, last]) {
    const parcel = await openParcelOf(memory.db, id)
    expect(parcel?.unsaid.map(({ reason, entry }) => [reason, entry?.kind])).toEqual([
      ['first', 'fired'],
      ['acknowledged', 'acknowledged'],
      ['resolved', 'resolved'],
    ])
    expect(parcel).toMatchObject({ destination: { name: 'Local chat' }, receipt: undefined })
  }
})

test('while one worker has it open the next one waits, and finds nothing left to say', async () => {
  const id = await fire()
  const opened = Promise.withResolvers<void>()
  const said = Promise.withResolvers<void>()
  const order: string[] = []
  const one = memory.db.transaction(async (tx) => {
    const parcel = await openParcelOf(tx, id)
    opened.resolve()
    await said.promise
    order.push('said')
    await settleNotifications(tx, parcel?.unsaid.map((unsaid) => unsaid.id) ?? [], 'DELIVERED', { at: start })
  })
  await opened.promise
  const other = memory.db.transaction(async (tx) => {
    const parcel = await openParcelOf(tx, id)
    order.push('looked')
    return parcel
  })
  said.resolve()
  await one
  expect(await other).toBeUndefined()
  expect(order).toEqual(['said', 'looked'])
})

test('the receipt is kept, and replaced where the message had to be posted anew', async () => {
  const id = await fire()
  const parcel = await openParcelOf(memory.db, id)
  if (!parcel) throw new Error('there is no parcel')
  await saveReceipt(memory.db, parcel, { ts: '1' }, start)
  await saveReceipt(memory.db, parcel, { ts: '2' }, after(1))
  expect((await openParcelOf(memory.db, id))?.receipt).toEqual({ ts: '2' })
})

test('what was postponed or held is due again at its time, and no earlier; what is settled never', async () => {
  const id = await fire()
  const due = (seconds: number) => listDueNotifications(memory.db, after(seconds), 10)
  expect(await due(0)).toEqual([id])
  await postponeNotifications(memory.db, [id], { notBefore: after(30), error: 'busy' })
  expect([await due(29), await due(30)]).toEqual([[], [id]])
  await holdNotifications(memory.db, [id], {
    kind: 'inhibition',
    inhibitor: { alertId: randomUUID(), number: 1, title: 'The switch is down' },
    until: after(60),
  })
  expect([await due(59), await due(60)]).toEqual([[], [id]])
  expect(await memory.db.select().from(notifications)).toMatchObject([
    { state: 'HELD', attempts: 1, lastError: 'busy' },
  ])
  await settleNotifications(memory.db, [id], 'FAILED', { at: after(60), error: 'gone' })
  expect(await due(9999)).toEqual([])
  expect(await memory.db.select().from(notifications)).toMatchObject([
    { state: 'FAILED', lastError: 'gone', settledAt: after(60) },
  ])
})

test('a notification that is not there is nothing to say', async () => {
  expect(await openParcelOf(memory.db, '00000000-0000-4000-8000-000000000000')).toBeUndefined()
})
