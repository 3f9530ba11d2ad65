import pino from 'pino'
import { asc } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { alerts, timeline } from '#db/schema/alerts.ts'
import { defaultDecisionSettings as settings } from '#engine/decision-settings.ts'
import type { CheckState, Event } from '#engine/event.ts'
import { readPostedAlerts } from '#engine/intake/alertmanager.ts'
import { readNotices } from '#engine/intake/axonops.ts'
import type { Batch } from '#engine/intake/batch.ts'
import { genericReader } from '#engine/intake/generic.ts'
import { mappingSchema } from '#engine/intake/mapping.ts'
import { readPushedEvents } from '#engine/intake/pushed-events.ts'
import { emptyTables, testMemory } from '#test/harness/database.ts'
import { after, anEvent, start } from '#test/harness/engine-things.ts'
import { drainBatches } from '#workers/processors/drain.ts'
import { takeIn } from '#workers/processors/take-in.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
  await rememberDestination(memory.db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
})
afterAll(() => memory.close())
beforeEach(() => emptyTables(memory.db))

/** What arrives at `arrives` and says that it is of `says`, both in seconds by our clock. */
interface Said {
  readonly state: 'ok' | 'critical'
  readonly arrives: number
  readonly says: number
}

type Sender = (said: Said) => Batch

const instant = (second: number) => after(second).toISOString()

const flapjack: Sender = ({ state, says }) => {
  const event = { type: 'service', state, entity: 'web', check: 'http', initial_failure_delay: 0 }
  const time = start.getTime() / 1000 + says
  return batchOf(readPushedEvents(JSON.stringify({ ...event, time }), 'json', 'prod').events)
}

const axonops: Sender = ({ state, arrives, says }) => {
  const notice = { category: 'nodes', severity: 'error', source: 'orders', title: 'Down', at: instant(says) }
  const arrival = { environment: 'prod', now: after(arrives) }
  return batchOf(readNotices(JSON.stringify({ ...notice, resolved: state === 'ok' }), 'json', arrival).events)
}

const readGeneric = genericReader(
  mappingSchema.parse({
    entity: '/host',
    check: '/service',
    state: { from: '/state' },
    at: '/time',
  }),
)
const generic: Sender = ({ state, arrives, says }) => {
  const payload = { host: 'db', service: 'disk', state, time: instant(says) }
  return batchOf(
    readGeneric(JSON.stringify(payload), 'json', { environment: 'prod', now: after(arrives) }).events,
  )
}

function batchOf(items: readonly Event[]): Batch {
  if (items.length !== 1) throw new Error('the test says something that nobody understands')
  return { source: 'events', items: [...items] }
}

async function arrive(batch: Batch, second: number): Promise<void> {
  await acceptBatch(memory.db, batch, { environment: 'prod', receivedAt: after(second) })
  const log = pino({ level: 'silent' })
  const clock = () => after(second)
  await drainBatches({ db: memory.db, settings, announce: async () => undefined, clock, log })
}

/** What people were told: `fired 0`, the kind and our second. */
async function story(): Promise<string[]> {
  const rows = await memory.db.select().from(timeline).orderBy(asc(timeline.id))
  return rows.map(({ kind, at }) => `${kind} ${(at.getTime() - start.getTime()) / 1000}`)
}

const states = async () => (await memory.db.select().from(alerts)).map(({ state }) => state)

describe.each([
  ["Flapjack's events", flapjack],
  ["AxonOps' notices", axonops],
  ['a generic webhook', generic],
])('%s: they count when they come', (_what, sender) => {
  const say = (state: 'ok' | 'critical', arrives: number, says = arrives) =>
    arrive(sender({ state, arrives, says }), arrives)

  test('late: what is said a day late counts from now', async () => {
    await say('critical', 86_400, 0)
    expect(await story()).toEqual(['fired 86400'])
  })

  test('twice: the second time tells nobody', async () => {
    await say('critical', 0)
    await say('critical', 0)
    await say('ok', 5)
    await say('ok', 6, 5)
    expect(await story()).toEqual(['fired 0', 'recovered 5'])
  })

  test('out of order: the last to come is how it is', async () => {
    await say('ok', 10, 10)
    await say('critical', 11, 5)
    expect(await states()).toEqual(['FIRING'])
  })

  test("the sender's clock jumps, ahead or back: nothing follows from it", async () => {
    await say('critical', 0, 1_000_000)
    await say('ok', 10, -1_000_000)
    expect(await story()).toEqual(['fired 0', 'recovered 10'])
  })

  test('our clock is set back an hour: what comes still counts at once', async () => {
    await say('critical', 3600)
    await say('ok', 0)
    await say('critical', 5)
    expect(await story()).toEqual(['fired 3600', 'recovered 0', 'fired 5'])
  })

  test('our clock jumps an hour ahead: nothing ends or begins by that', async () => {
    await say('critical', 0)
    await say('critical', 3600)
    expect(await states()).toEqual(['FIRING'])
  })
})

describe("Alertmanager's alerts: their span says it, at the instant they come", () => {
  const post = (arrives: number, startsAt: number, endsAt?: number) => {
    const body = [
      {
        labels: { alertname: 'DiskFull' },
        startsAt: instant(startsAt),
        ...(endsAt !== undefined && { endsAt: instant(endsAt) }),
      },
    ]
    const arrival = { now: after(arrives), resolveTimeoutSeconds: 300, names: 'utf8' } as const
    const items = readPostedAlerts(JSON.stringify(body), arrival).accepted
    return arrive({ source: 'alertmanager', items: [...items] }, arrives)
  }

  test('late: one that had ended before it came tells nobody', async () => {
    await post(1000, 0, 500)
    expect(await story()).toEqual([])
  })

  test('twice: the second time tells nobody', async () => {
    await post(0, 0, 240)
    await post(0, 0, 240)
    await post(60, 0, 60)
    await post(70, 0, 60)
    expect(await story()).toEqual(['fired 0', 'recovered 60'])
  })

  test('out of order: an older start widens the span, and a resolve that is overtaken is taken back', async () => {
    await post(100, 50, 400)
    await post(101, 0, 400)
    await post(110, 0, 110)
    await post(111, 0, 400)
    expect(await story()).toEqual(['fired 100', 'recovered 110', 'fired 111'])
  })

  test("the sender's clock is ahead: an alert that begins in an hour fires when it comes", async () => {
    await post(0, 3600, 3840)
    expect(await story()).toEqual(['fired 0'])
  })

  test("the sender's clock is an hour behind: its alerts have ended when they come", async () => {
    await post(3600, 0, 240)
    expect(await story()).toEqual([])
  })

  test('our clock is set back an hour: it fires on, and ends when that is said', async () => {
    await post(3600, 3600, 3840)
    await post(60, 3600, 3840)
    expect(await states()).toEqual(['FIRING'])
    await post(120, 60, 120)
    expect(await states()).toEqual(['RESOLVED'])
  })
})

describe('rules: an answer is for its slot', () => {
  const answer = (state: CheckState, slot: number) =>
    takeIn(memory.db, [anEvent({ state, at: after(slot) })], after(slot), settings)

  test('late: decided as a punctual one would have been', async () => {
    await answer('critical', 0)
    expect(await story()).toEqual(['fired 0'])
  })

  test('twice: the second time tells nobody', async () => {
    await answer('critical', 0)
    await answer('critical', 0)
    expect(await story()).toEqual(['fired 0'])
  })

  test('out of order: an answer that is overtaken decides nothing', async () => {
    await answer('critical', 60)
    await answer('ok', 55)
    expect(await states()).toEqual(['FIRING'])
  })

  test('our clock is set back an hour: the answers count at once', async () => {
    await answer('critical', 3660)
    await answer('ok', 60)
    await answer('critical', 65)
    expect(await story()).toEqual(['fired 3660', 'recovered 60', 'fired 65'])
  })

  test('our clock jumps an hour ahead: the missed slots are not made up for', async () => {
    await answer('critical', 0)
    await answer('critical', 3600)
    expect(await states()).toEqual(['FIRING'])
  })
})
