import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Memory } from '#db/client.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { saveSilence } from '#db/repositories/silences.ts'
import { notifications } from '#db/schema/notifications.ts'
import { defaultDecisionSettings } from '#engine/decision-settings.ts'
import type { Silence } from '#engine/suppress/silence.ts'
import { type AnotherChat, anotherChat } from '#test/harness/another-chat.ts'
import { testMemory } from '#test/harness/database.ts'
import { ana, anEvent } from '#test/harness/engine-things.ts'
import { eventually } from '#test/harness/eventually.ts'
import { type Deliverer, startDeliverer } from '#workers/delivery/deliverer.ts'
import { drainBatches } from '#workers/processors/drain.ts'
import type { FreshNews } from '#workers/processors/fresh-news.ts'
import { takeInWithin } from '#workers/processors/take-in.ts'
import { type Announcer, openAnnouncer } from '#workers/queues/announce.ts'

const log = pino({ level: 'silent' })
const clock = () => new Date()

let memory: Memory
let opened: Deliverer[]
let destinationId: string

beforeEach(async () => {
  memory = await testMemory()
  opened = []
  await rememberDestination(memory.db, { surface: 'slack', key: 'C1', name: '#alerts', address: {} })
})
afterEach(async () => {
  for (const deliverer of opened) await deliverer.close()
  await memory.close()
})

interface Process {
  readonly chat: AnotherChat
  readonly announcer: Announcer
  readonly deliverer: Deliverer
}

/** What decides and what tells, in one process of its own. */
async function openProcess(): Promise<Process> {
  const chat = anotherChat()
  const announcer = openAnnouncer(memory.db, log)
  const deliverer = await startDeliverer(memory, {
    db: memory.db,
    clock,
    log,
    notifiers: { slack: chat },
    announcer,
    paceOf: () => ({ concurrency: 4, everyMs: 0 }),
    dice: () => 0,
  })
  opened.push(deliverer)
  return { chat, announcer, deliverer }
}

async function happen({ announcer }: Process, check: string): Promise<void> {
  const batch = { source: 'events' as const, items: [anEvent({ check, at: clock() })] }
  await acceptBatch(memory.db, batch, { environment: 'prod', receivedAt: clock() })
  const { announce } = announcer
  await drainBatches({ db: memory.db, announce, clock, log, settings: defaultDecisionSettings })
}

/** So that the lane is this process's, and open. */
async function warmUp(one: Process): Promise<void> {
  await happen(one, 'warm')
  await eventually('the first message', () => one.chat.posts.length === 1)
  await one.deliverer.idle()
  const [row] = await memory.db.select().from(notifications)
  destinationId = row?.destinationId ?? ''
}

class NotKept extends Error {}

/** What a transaction had in hand that came to nothing: whoever tells it has not read it. */
async function inHandAlone(check: string): Promise<FreshNews[]> {
  const hand: FreshNews[] = []
  await memory.db
    .transaction(async (tx) => {
      const taking = { now: clock(), settings: defaultDecisionSettings, leaseMs: 0 }
      const { outgoing } = await takeInWithin(tx, [anEvent({ check, at: clock() })], taking)
      hand.push(...outgoing.fresh)
      throw new NotKept()
    })
    .catch((error: unknown) => {
      if (!(error instanceof NotKept)) throw error
    })
  return hand
}

test('what begins is told from the hand of whoever wrote it', async () => {
  const one = await openProcess()
  await warmUp(one)
  const since = performance.now()
  const fresh = await inHandAlone('from-the-hand')
  expect(fresh).toHaveLength(1)
  const known = { destinationIds: [destinationId], toRead: new Set<string>(), fresh, since }
  await one.announcer.announce([randomUUID()], known)
  await eventually('the second message', () => one.chat.posts.length === 2)
  expect(one.chat.posts[1]?.subject).toMatchObject({ incidentId: fresh[0]?.incident.id, reason: 'first' })
})

test('where something else is to be said too, the rows are read', async () => {
  const one = await openProcess()
  await warmUp(one)
  const since = performance.now()
  const fresh = await inHandAlone('with-others')
  const known = { destinationIds: [destinationId], toRead: new Set([destinationId]), fresh, since }
  await one.announcer.announce([randomUUID()], known)
  await one.deliverer.idle()
  expect(one.chat.posts).toHaveLength(1)
})

test('nothing is taken that somebody else may have told: the lane became ours after it was begun', async () => {
  const since = performance.now()
  const one = await openProcess()
  await warmUp(one)
  const fresh = await inHandAlone('too-early')
  const known = { destinationIds: [destinationId], toRead: new Set<string>(), fresh, since }
  await one.announcer.announce([randomUUID()], known)
  await one.deliverer.idle()
  expect(one.chat.posts).toHaveLength(1)
})

test('what a silence keeps quiet is held, however it came', async () => {
  const one = await openProcess()
  await warmUp(one)
  const startsAt = new Date(clock().getTime() - 1000)
  const silence: Silence = {
    id: randomUUID(),
    environment: 'prod',
    matchers: [{ name: 'app', operator: '=', value: 'payment-service' }],
    startsAt,
    endsAt: new Date(startsAt.getTime() + 3_600_000),
    createdBy: ana,
    reason: 'being worked on',
  }
  await saveSilence(memory.db, silence, clock())
  await happen(one, 'quiet')
  await eventually('the one that is held', async () =>
    (await memory.db.select().from(notifications)).some(({ state }) => state === 'HELD'),
  )
  expect(one.chat.posts).toHaveLength(1)
})

test('looked for, hinted at and handed over at the same time, each is told once', async () => {
  const one = await openProcess()
  await warmUp(one)
  for (let number = 0; number < 40; number++) {
    const happening = happen(one, `once-${number}`)
    if (number % 3 === 0) void one.announcer.announce([randomUUID()], { destinationIds: [destinationId] })
    if (number % 5 === 0) await one.deliverer.look()
    if (number % 2 === 0) await happening
    else void happening
  }
  await eventually('all of them', () => one.chat.posts.length >= 41)
  await one.deliverer.idle()
  const told = one.chat.posts.map(({ subject }) => subject?.incidentId)
  expect(new Set(told).size).toBe(41)
  expect(told).toHaveLength(41)
  const rows = await memory.db.select().from(notifications)
  expect(rows.map(({ state, attempts }) => ({ state, attempts }))).toEqual(
    Array.from({ length: 41 }, () => ({ state: 'DELIVERED', attempts: 1 })),
  )
})

test('whoever holds the lane tells it, whoever wrote it', async () => {
  const holder = await openProcess()
  await warmUp(holder)
  const writer = await openProcess()
  for (let number = 0; number < 5; number++) await happen(writer, `elsewhere-${number}`)
  await eventually('all of them', () => holder.chat.posts.length === 6)
  expect(writer.chat.posts).toHaveLength(0)
})
