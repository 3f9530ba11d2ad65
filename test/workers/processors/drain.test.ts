import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database, Memory } from '#db/client.ts'
import { acceptBatch, countWaitingBatches } from '#db/repositories/batches.ts'
import { alerts, checks, timeline } from '#db/schema/alerts.ts'
import { batches } from '#db/schema/intake.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import { fingerprint } from '#engine/fingerprint.ts'
import type { CheckState, Event } from '#engine/event.ts'
import { testMemory } from '#test/harness/database.ts'
import { after, anEvent, start } from '#test/harness/engine-things.ts'
import { drainBatches, type Drainer } from '#workers/processors/drain.ts'
import { expireAlerts } from '#workers/processors/expire-alerts.ts'
import { startIntake } from '#workers/intake.ts'

let memory: Memory
let db: Database
let hands: Drainer
let announced: string[]

beforeAll(async () => {
  memory = await testMemory()
  db = memory.db
})
afterAll(() => memory.close())

beforeEach(() => {
  announced = []
  hands = {
    db,
    announce: async (ids) => void announced.push(...ids),
    clock: () => after(600),
    settings: defaultDecisionSettings,
    log: pino({ level: 'silent' }),
  }
})

const accept = (...items: Event[]) =>
  acceptBatch(db, { source: 'events', items }, { environment: 'prod', receivedAt: start })

const eventsOf = (entity: string, states: readonly CheckState[]) =>
  states.map((state) => anEvent({ entity, state, check: 'order' }))

const stateOf = async (entity: string) =>
  (await db.select().from(checks)).find((check) => check.entity === entity)?.memory.lastChange?.state

describe('draining', () => {
  test('many small batches are decided in the order in which they were accepted', async () => {
    for (const event of eventsOf('in-order', ['critical', 'ok', 'critical', 'ok', 'warning']))
      await accept(event)
    await drainBatches(hands)
    const ours = (await db.select().from(alerts)).filter(({ entity }) => entity === 'in-order')
    expect(ours.map(({ state, severity }) => `${severity} ${state}`).sort()).toEqual([
      'CRITICAL RESOLVED',
      'CRITICAL RESOLVED',
      'WARNING FIRING',
    ])
    expect(await stateOf('in-order')).toBe('warning')
    expect(await countWaitingBatches(db)).toBe(0)
  })

  test('any number of drains at once decide each batch once', async () => {
    const hosts = Array.from({ length: 40 }, (_, index) => `at-once-${index}`)
    for (const host of hosts) await accept(...eventsOf(host, ['critical']))
    await Promise.all([1, 2, 3, 4].map(() => drainBatches(hands)))
    const ours = (await db.select().from(alerts)).filter(({ entity }) => entity.startsWith('at-once-'))
    expect(ours).toHaveLength(hosts.length)
    const ids = new Set(ours.map(({ incidentId }) => incidentId))
    const told = (await db.select().from(timeline)).filter(({ incidentId }) => ids.has(incidentId))
    expect(told.map(({ kind }) => kind)).toEqual(hosts.map(() => 'fired'))
  })

  test('a request of several thousand events is decided whole', async () => {
    await accept(
      ...Array.from({ length: 3500 }, (_, index) =>
        anEvent({ entity: 'many', check: `c${index}`, state: 'ok' }),
      ),
    )
    await accept(...eventsOf('after-many', ['critical']))
    await drainBatches(hands)
    expect(await stateOf('after-many')).toBe('critical')
    expect(await countWaitingBatches(db)).toBe(0)
  })

  test('a batch that cannot be decided is set aside with the reason, and holds up nobody', async () => {
    await accept(...eventsOf('before-the-bad-one', ['critical']))
    await accept(anEvent({ entity: 'bad', title: 'a NUL that no door would let in \0' }))
    await accept(...eventsOf('after-the-bad-one', ['critical']))
    await drainBatches(hands)
    expect([await stateOf('before-the-bad-one'), await stateOf('after-the-bad-one')]).toEqual([
      'critical',
      'critical',
    ])
    const left = await db.select().from(batches)
    expect(left).toMatchObject([{ items: [{ entity: 'bad' }], problem: expect.stringMatching(/./) }])
    await db.delete(batches)
  })
})

describe('the hint', () => {
  test('an accepted batch is decided as soon as it is heard of, without any sweep', async () => {
    const { promise: heard, resolve } = Promise.withResolvers<void>()
    const intake = await startIntake(memory, {
      ...hands,
      clock: () => {
        resolve()
        return after(600)
      },
    })
    await accept(...eventsOf('heard', ['critical']))
    await heard
    await intake.idle()
    expect(await stateOf('heard')).toBe('critical')
    await intake.close()
  })
})

describe('alerts that nobody posts any more', () => {
  const labels = { alertname: 'Expiring' }
  const posted = (parts: { startsAt: Date; endsAt: Date; updatedAt: Date }) => ({
    fingerprint: fingerprint(labels),
    labels,
    annotations: {},
    endsByTimeout: true,
    generatorUrl: '',
    ...parts,
  })
  const post = (from: number, to: number) =>
    acceptBatch(
      db,
      {
        source: 'alertmanager',
        items: [posted({ startsAt: after(from), endsAt: after(to), updatedAt: after(from) })],
      },
      { environment: 'prod', receivedAt: after(from) },
    )
  const ours = async () => (await db.select().from(alerts)).filter(({ title }) => title === 'Expiring')
  const drainAt = (seconds: number) => drainBatches({ ...hands, clock: () => after(seconds) })
  const expireAt = (seconds: number) => expireAlerts({ ...hands, clock: () => after(seconds) })

  test('are over when their time is, once; a resend that waits to be decided keeps them alive', async () => {
    await post(600, 900)
    await drainAt(600)
    await expireAt(899)
    expect(await ours()).toMatchObject([{ state: 'FIRING' }])
    await post(890, 1190)
    await drainAt(900)
    await expireAt(900)
    expect(await ours()).toMatchObject([{ state: 'FIRING' }])
    await Promise.all([expireAt(1190), expireAt(1190)])
    await expireAt(1300)
    expect(await ours()).toMatchObject([{ state: 'RESOLVED' }])
  })
})
