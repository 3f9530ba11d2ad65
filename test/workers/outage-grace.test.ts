import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { beatPulse } from '#db/repositories/pulses.ts'
import { alerts, timeline } from '#db/schema/alerts.ts'
import { postedAlerts, pulses } from '#db/schema/intake.ts'
import { defaultDecisionSettings as settings } from '#engine/decision-settings.ts'
import { fingerprint } from '#engine/fingerprint.ts'
import { forgetAlerts, testMemory } from '#test/harness/database.ts'
import { after } from '#test/harness/engine-things.ts'
import { drainBatches } from '#workers/processors/drain.ts'
import { expireAlerts } from '#workers/processors/expire-alerts.ts'

let memory: Memory

beforeAll(async () => {
  memory = await testMemory()
  await rememberDestination(memory.db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
})
afterAll(() => memory.close())
beforeEach(async () => {
  await forgetAlerts(memory.db)
  await memory.db.delete(postedAlerts)
  await memory.db.delete(pulses)
})

const labels = { alertname: 'DiskFull', severity: 'critical' }

/** As Prometheus does: every minute, and over four minutes later if it is not said again. */
async function prometheusPosts(second: number): Promise<void> {
  const items = [
    {
      fingerprint: fingerprint(labels),
      labels,
      annotations: {},
      startsAt: after(0),
      endsAt: after(second + 240),
      endsByTimeout: false,
      updatedAt: after(second),
      generatorUrl: '',
    },
  ]
  await acceptBatch(
    memory.db,
    { source: 'alertmanager', items },
    { environment: 'prod', receivedAt: after(second) },
  )
}

const open = (second: number) => beatPulse(memory.db, after(second))

/** What the sweeper does. */
async function sweep(second: number): Promise<void> {
  const hands = {
    db: memory.db,
    settings,
    announce: async () => undefined,
    clock: () => after(second),
    log: pino({ level: 'silent' }),
  }
  await drainBatches(hands)
  await expireAlerts(hands)
}

const states = async () => (await memory.db.select().from(alerts)).map(({ state }) => state)
const story = async () => (await memory.db.select().from(timeline)).map(({ kind }) => kind)

test('Prometheus falls silent while our doors are open: the alert ends when it said it would', async () => {
  await open(0)
  await prometheusPosts(0)
  for (let second = 15; second < 240; second += 15) {
    await open(second)
    await sweep(second)
  }
  expect(await states()).toEqual(['FIRING'])
  await sweep(240)
  expect(await states()).toEqual(['RESOLVED'])
})

test('after an hour of nobody being heard the alert goes on, and nobody is told that it ended and began', async () => {
  await open(0)
  await prometheusPosts(0)
  await sweep(5)
  // Only the workers are there, and then nobody at all, and then the workers again.
  for (const second of [240, 300, 3599]) await sweep(second)
  await open(3600)
  await sweep(3600)
  await prometheusPosts(3650)
  await open(3655)
  await sweep(3655)
  for (let second = 3660; second <= 4200; second += 60) {
    await open(second)
    await prometheusPosts(second)
    await sweep(second)
  }
  expect(await states()).toEqual(['FIRING'])
  expect(await story()).toEqual(['fired'])
})

test('what ended meanwhile ends once the grace is over', async () => {
  await open(0)
  await prometheusPosts(0)
  await sweep(5)
  for (let second = 3600; second < 3900; second += 60) {
    await open(second)
    await sweep(second)
  }
  expect(await states()).toEqual(['FIRING'])
  await open(3899)
  await sweep(3900)
  expect(await states()).toEqual(['RESOLVED'])
  expect(await story()).toEqual(['fired', 'recovered'])
})

test('a clock that jumps an hour ahead ends nothing either', async () => {
  await open(0)
  await prometheusPosts(0)
  await sweep(5)
  await sweep(3605)
  await open(3610)
  await sweep(3610)
  expect(await states()).toEqual(['FIRING'])
})

test('a restart is no outage', async () => {
  await open(0)
  await prometheusPosts(0)
  await sweep(5)
  await open(100)
  await open(215)
  await sweep(240)
  expect(await states()).toEqual(['RESOLVED'])
})
