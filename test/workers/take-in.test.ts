import { randomUUID } from 'node:crypto'
import { eq, inArray, ne, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Memory, sqlState } from '#db/client.ts'
import { insertAlerts } from '#db/repositories/checks.ts'
import { loadKnown, lockKnown, Overtaken } from '#db/repositories/known-checks.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { changeIncident, listIncidents } from '#db/repositories/incidents.ts'
import { findStoryByNumber } from '#db/repositories/stories.ts'
import { alerts, timeline } from '#db/schema/alerts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { acknowledge, resolve } from '#engine/incident/decide.ts'
import type { Alert } from '#engine/alert.ts'
import type { CheckState, Event } from '#engine/event.ts'
import { incidentView } from '#engine/incident/incident.ts'
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

/** Changes whenever a row of these tables is written, even with what it held before. */
async function versions(): Promise<unknown> {
  const rows = await memory.db.execute(
    sql`select ctid::text, xmin::text from checks union all select ctid::text, xmin::text from alerts union all select ctid::text, xmin::text from timeline order by 1, 2`,
  )
  return [...rows]
}

function batch(state: CheckState, names: readonly string[] = ['a', 'b', 'c']): Event[] {
  return names.map((check) => anEvent({ check, state }))
}

const openAlerts = () => memory.db.select().from(alerts).where(ne(alerts.state, 'RESOLVED'))

describe('events in, decisions out', () => {
  test('what fires is an incident each, with its story and a notification for each destination', async () => {
    const { turned, notificationIds } = await takeIn(memory.db, batch('critical'), start)
    expect(turned).toHaveLength(3)
    expect(notificationIds).toHaveLength(3)
    expect(await memory.db.select({ kind: timeline.kind }).from(timeline)).toEqual([
      { kind: 'fired' },
      { kind: 'fired' },
      { kind: 'fired' },
    ])
    expect((await listIncidents(memory.db, 'open', 10)).incidents.map(({ number }) => number)).toEqual([
      1, 2, 3,
    ])
  })

  test('a batch that changes nothing writes nothing, whether all is well or fails on', async () => {
    const wellAndIll = [...batch('critical'), ...batch('ok', ['d', 'e'])]
    await takeIn(memory.db, wellAndIll, start)
    const before = await versions()
    expect(await takeIn(memory.db, wellAndIll, after(5))).toMatchObject({ turned: [], notificationIds: [] })
    expect(await versions()).toEqual(before)
  })

  test('pending is kept across batches, without a word to anyone', async () => {
    const event = anEvent({ initialFailureDelaySeconds: 10 })
    expect((await takeIn(memory.db, [event], start)).notificationIds).toEqual([])
    expect(await openAlerts()).toMatchObject([{ state: 'PENDING', incidentId: null }])
    expect((await takeIn(memory.db, [event], after(10))).notificationIds).toHaveLength(1)
    expect(await openAlerts()).toMatchObject([{ state: 'FIRING', startedAt: start, firedAt: after(10) }])
  })

  test('cleared and failing again within one batch: the old alert ends before the new one begins', async () => {
    await takeIn(memory.db, batch('critical', ['a']), start)
    await takeIn(memory.db, [...batch('ok', ['a']), ...batch('warning', ['a'])], after(5))
    expect(
      (await memory.db.select().from(alerts).orderBy(alerts.startedAt)).map(({ state, severity }) => [
        state,
        severity,
      ]),
    ).toEqual([
      ['RESOLVED', 'CRITICAL'],
      ['FIRING', 'WARNING'],
    ])
    expect((await listIncidents(memory.db, 'resolved', 10)).incidents.map(({ number }) => number)).toEqual([
      1,
    ])
    expect((await listIncidents(memory.db, 'open', 10)).incidents.map(({ number }) => number)).toEqual([2])
  })

  test('entities are the same whatever their case, checks are not', async () => {
    await takeIn(memory.db, [anEvent({ entity: 'Web' }), anEvent({ entity: 'WEB', check: 'Errors' })], start)
    await takeIn(memory.db, [anEvent({ entity: 'web', state: 'ok' })], after(5))
    expect(await openAlerts()).toMatchObject([{ entity: 'WEB' }])
  })

  test('nothing at all', async () => {
    expect(await takeIn(memory.db, [], start)).toEqual({
      turned: [],
      notificationIds: [],
      outgoing: { destinationIds: [], toRead: new Set(), fresh: [] },
      verdicts: [],
      claimedGroups: [],
    })
  })
})

describe('many hands at once', () => {
  const names = Array.from({ length: 20 }, (_, index) => `check-${index}`)

  test('workers with the same events, in whatever order, make one alert of each', async () => {
    const orders = [names, names.toReversed(), names.slice(7).concat(names.slice(0, 7)), names]
    const taken = await Promise.all(orders.map((order) => takeIn(memory.db, batch('critical', order), start)))
    expect(taken.flatMap(({ turned }) => turned)).toHaveLength(names.length)
    expect(await openAlerts()).toHaveLength(names.length)
    expect(await memory.db.select().from(notifications)).toHaveLength(names.length)
  })

  test('a click in the middle of an evaluation is never lost, nor is the evaluation', async () => {
    await takeIn(memory.db, batch('critical', names), start)
    const worse = (at: number) => names.map((check) => anEvent({ check, summary: `Seen at ${at}.` }))
    const clicks = names.map((_, index) =>
      changeIncident(memory.db, index + 1, acknowledge(ana, after(1)), { now: after(1) }),
    )
    const looks = [1, 2, 3].map((at) => takeIn(memory.db, worse(at), after(at)))
    await Promise.all([...clicks, ...looks])
    const open = await openAlerts()
    expect(open.filter((alert) => alert.acknowledgedBy === null)).toEqual([])
    expect(open.filter((alert) => !alert.summary.startsWith('Seen at'))).toEqual([])
  })

  test('closing by hand while it recovers ends it once, and never deadlocks', async () => {
    await takeIn(memory.db, batch('critical', names), start)
    const closings = names.map((_, index) =>
      changeIncident(memory.db, index + 1, resolve(ana, after(1), null), { now: after(1) }),
    )
    await Promise.all([
      ...closings,
      takeIn(memory.db, batch('ok', names), after(1)),
      takeIn(memory.db, batch('ok', names.toReversed()), after(1)),
    ])
    expect(await openAlerts()).toEqual([])
    const endings = await memory.db
      .select()
      .from(timeline)
      .where(inArray(timeline.kind, ['resolved', 'recovered']))
    expect(endings).toHaveLength(names.length)
    const story = await findStoryByNumber(memory.db, 1, after(2))
    expect(story && incidentView(story.incident)).toBe('RESOLVED')
  })

  test('a check that was stored between the look and the locks is decided again, not written over', async () => {
    await takeIn(memory.db, [anEvent({ check: 'known' })], start)
    const events = [anEvent({ check: 'known', summary: 'Worse.' }), anEvent({ check: 'fresh' })]
    const seen = await loadKnown(memory.db, events)
    await takeIn(memory.db, events, after(1))
    await expect(memory.db.transaction((tx) => lockKnown(tx, seen))).rejects.toThrow(Overtaken)
    expect(await openAlerts()).toHaveLength(2)
  })

  test('the database itself allows one open alert for a check, whoever tries', async () => {
    await takeIn(memory.db, batch('critical', ['a']), start)
    const [open] = await openAlerts()
    const second = { ...(open as Alert), id: randomUUID() }
    const refused = await insertAlerts(memory.db, [second]).then(() => undefined, sqlState)
    expect(refused).toBe('23505')
    await memory.db.update(alerts).set({ state: 'RESOLVED' }).where(eq(alerts.checkId, second.checkId))
    await insertAlerts(memory.db, [second])
    expect(await openAlerts()).toHaveLength(1)
  })
})
