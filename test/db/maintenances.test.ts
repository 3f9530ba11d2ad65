import { asc } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import type { CheckTargets } from '#db/repositories/check-targets.ts'
import { changeIncident } from '#db/repositories/incidents.ts'
import {
  endMaintenance,
  endScheduledAt,
  listMaintenances,
  moveAcknowledgementEnd,
  scheduleMaintenances,
} from '#db/repositories/maintenances.ts'
import { maintenances, stateChanges } from '#db/schema/check-history.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { acknowledge } from '#engine/incident/decide.ts'
import { forgetAlerts, testMemory } from '#test/harness/database.ts'
import { after, ana, anEvent } from '#test/harness/engine-things.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
})
afterAll(() => memory.close())
beforeEach(async () => {
  await forgetAlerts(memory.db)
  await memory.db.delete(stateChanges)
})

const both = ['latency', 'errors'].map((check) => anEvent({ entity: 'Shop', check, state: 'ok' }))
const ofShop: CheckTargets = { environment: 'prod', checks: [], entities: ['SHOP'] }
const at = (seconds: number) => epochSeconds(after(seconds))

function schedule(startsIn: number, endsIn: number, now = 10, targets = ofShop) {
  const windows = [{ startsAt: at(startsIn), endsAt: at(endsIn), summary: 'New disks' }]
  return scheduleMaintenances(memory.db, { targets, windows, by: ana }, after(now))
}

async function listed(only?: 'running' | 'ahead' | 'over', now = 10) {
  const query = { environment: 'prod', now: after(now), limit: 10, ...(only && { only }) }
  const page = await listMaintenances(memory.db, query)
  return page.maintenances.map(({ kind, startsAt, endsAt, checks, summary, createdBy }) => ({
    kind,
    from: epochSeconds(startsAt) - at(0),
    to: epochSeconds(endsAt) - at(0),
    summary,
    by: createdBy?.kind,
    checks: checks.map(({ entity, name }) => `${entity}:${name}`),
  }))
}

const isTold = async (parts: Parameters<typeof anEvent>[0], seconds: number) => {
  const taken = await takeIn(memory.db, [anEvent({ entity: 'shop', ...parts })], after(seconds))
  return taken.verdicts[0]?.blocked?.by ?? 'told'
}

test('a maintenance of an entity covers its checks from the next event on, whatever the case of its name', async () => {
  await takeIn(memory.db, both, after(0))
  expect(await schedule(10, 100)).toMatchObject({ kind: 'changed', checks: [{}, {}] })
  expect(await listed('running')).toEqual([
    {
      kind: 'scheduled',
      from: 10,
      to: 100,
      summary: 'New disks',
      by: 'person',
      checks: ['Shop:errors', 'Shop:latency'],
    },
  ])
  expect(await isTold({ check: 'errors' }, 20)).toBe('ScheduledMaintenance')
  expect(await isTold({ check: 'errors', repeatFailureDelaySeconds: 1 }, 100)).toBe('told')
  expect(await listed('over', 100)).toHaveLength(1)
})

test('ending a running one cuts it off now; a future one leaves no trace; one that is over cannot be ended', async () => {
  await takeIn(memory.db, both, after(0))
  const running = await schedule(10, 100)
  const ahead = await schedule(200, 300)
  if (running.kind !== 'changed' || ahead.kind !== 'changed') throw new Error('it was refused')
  expect(await endMaintenance(memory.db, ahead.ids[0] ?? '', after(20))).toMatchObject({ kind: 'changed' })
  expect(await endMaintenance(memory.db, running.ids[0] ?? '', after(20))).toMatchObject({ kind: 'changed' })
  expect(await listed()).toMatchObject([{ from: 10, to: 20 }])
  expect(await isTold({ check: 'errors' }, 21)).toBe('told')
  expect(await endMaintenance(memory.db, running.ids[0] ?? '', after(30))).toMatchObject({ kind: 'refused' })
  await expect(endMaintenance(memory.db, '00000000-0000-4000-8000-000000000000', after(30))).rejects.toThrow(
    NotFound,
  )
})

test('by its start, as Flapjack ends one; where none starts then, nothing happens', async () => {
  await takeIn(memory.db, both, after(0))
  await schedule(10, 100)
  expect(await endScheduledAt(memory.db, ofShop, at(11), after(20))).toEqual([])
  expect(await endScheduledAt(memory.db, ofShop, at(10), after(20))).toHaveLength(2)
  expect(await listed()).toMatchObject([{ to: 20 }])
})

test('one for a check that was never seen holds when it is first seen; an unknown entity is named', async () => {
  await takeIn(memory.db, both, after(0))
  await schedule(10, 100, 10, { environment: 'prod', checks: ['shop:Disk: /'], entities: [] })
  expect(await isTold({ check: 'Disk: /' }, 20)).toBe('ScheduledMaintenance')
  await expect(
    schedule(10, 100, 10, { environment: 'prod', checks: ['shop:errors', 'shoe:errors'], entities: [] }),
  ).rejects.toThrow('There is no entity "shoe".')
  expect(await listed()).toHaveLength(1)
})

test('a window without length is refused, and one of the past is kept for the reports alone', async () => {
  await takeIn(memory.db, both, after(0))
  expect(await schedule(10, 10)).toMatchObject({ kind: 'refused' })
  await schedule(1, 5, 10)
  expect(await listed('over')).toMatchObject([{ from: 1, to: 5 }])
  expect(await isTold({ check: 'errors' }, 11)).toBe('told')
})

test('acknowledgements are maintenances too: a click begins one, ok ends it, and its end can be moved', async () => {
  await takeIn(memory.db, [anEvent()], after(0))
  await changeIncident(memory.db, 1, acknowledge(ana, after(5)), { now: after(5) })
  expect(await listed('running')).toMatchObject([{ kind: 'unscheduled', from: 5 }])
  const targets = { environment: 'prod', checks: ['payment-service:errors'], entities: [] }
  await moveAcknowledgementEnd(memory.db, targets, at(50), after(6))
  expect(await listed()).toMatchObject([{ from: 5, to: 50 }])
  await takeIn(memory.db, [anEvent({ state: 'ok', at: after(20) })], after(20))
  expect(await listed()).toMatchObject([{ from: 5, to: 20 }])
})

test('two people who schedule at once for overlapping checks both get theirs', async () => {
  await takeIn(memory.db, both, after(0))
  const one = { environment: 'prod', checks: ['shop:latency', 'shop:errors'], entities: [] }
  await Promise.all([schedule(10, 100), schedule(20, 50, 10, one), schedule(30, 60), schedule(40, 70)])
  expect(await listed()).toHaveLength(4)
  expect(await memory.db.select().from(maintenances)).toHaveLength(8)
})

test('every change of state is kept, and nothing for an event that changes none', async () => {
  const seen = (state: 'ok' | 'warning' | 'critical', seconds: number) =>
    takeIn(memory.db, [anEvent({ state, at: after(seconds) })], after(seconds))
  await seen('ok', 0)
  await seen('ok', 10)
  await seen('warning', 20)
  await seen('critical', 30)
  await seen('critical', 40)
  await takeIn(
    memory.db,
    [anEvent({ state: 'ok', at: after(50) }), anEvent({ state: 'warning', at: after(50) })],
    after(50),
  )
  const kept = await memory.db.select().from(stateChanges).orderBy(asc(stateChanges.at))
  expect(kept.map(({ at: when, state }) => [epochSeconds(when) - at(0), state])).toEqual([
    [0, 'ok'],
    [20, 'warning'],
    [30, 'critical'],
    [50, 'warning'],
  ])
})
