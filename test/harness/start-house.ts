import { randomUUID } from 'node:crypto'
import pino from 'pino'
import type { Desk } from '#bot/desk.ts'
import type { Front } from '#bot/front.ts'
import { houseFront } from '#bot/house-front.ts'
import { type Memory, openMemory } from '#db/client.ts'
import { countWaitingBatches } from '#db/repositories/batches.ts'
import { ensureFirstEnvironment } from '#db/repositories/environments.ts'
import { listLocalMessages, type LocalMessageRow } from '#db/repositories/local-messages.ts'
import { type DecisionSettings, defaultDecisionSettings } from '#engine/decision-settings.ts'
import type { Medium } from '#engine/medium.ts'
import { type VendorPace, vendorPaces } from '#engine/notify/vendor-pace.ts'
import { defaultReach, type Reach } from '#engine/exchange/cursor.ts'
import type { Person } from '#engine/person.ts'
import type { Rule } from '#engine/rule/rule.ts'
import type { Store, Telemetry } from '#engine/telemetry/telemetry.ts'
import { startWorkers } from '#workers/app.ts'
import { startClockwork } from '#workers/clockwork.ts'
import { startDeliverer } from '#workers/delivery/deliverer.ts'
import { openExchangeReader } from '#workers/exchanges/exchange-reader.ts'
import { startIntake } from '#workers/intake.ts'
import { openEgress } from '#workers/egress/egress.ts'
import { openOutside } from '#workers/egress/outside.ts'
import { integrationNotifiers } from '#workers/notifiers/connections.ts'
import { localNotifier } from '#workers/notifiers/local.ts'
import type { Notifier } from '#workers/notifiers/notifier.ts'
import { openAnnouncer } from '#workers/queues/announce.ts'
import { openQueues } from '#workers/queues/open-queues.ts'
import { evaluate } from '#workers/queues/evaluate.ts'
import type { JobQueue, QueueHouse } from '#workers/queues/queue.ts'
import { sweep } from '#workers/queues/sweep.ts'
import { testConnection } from '#workers/queues/test-connection.ts'
import { tick } from '#workers/queues/tick.ts'
import { type Lateness, promptRows } from '#workers/telemetry/lateness.ts'
import { clickHouseTelemetry } from '#workers/telemetry/reader.ts'
import { telemetryOf } from '#workers/telemetry/telemetry.ts'
import { openTelemetryStore, type TelemetryStore } from '#workers/telemetry/store.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { eventually } from './eventually.ts'
import { type TestDatabase, testDatabase, type TestTelemetry, testTelemetry } from './database.ts'
import { deskDefaults } from './desk-defaults.ts'
import { insertExecutions, insertLogs, makeRule } from './house-things.ts'

/** The real house on a real PostgreSQL, queue and ClickHouse engine, with a clock you move and ticks you ask for. */
export interface House {
  readonly front: Front
  readonly desk: Desk
  /** Someone who speaks in the local chat. */
  person(name: string, wishes?: { mayOnlyLook?: boolean }): Promise<Person>
  readonly memory: Memory
  readonly queues: QueueHouse
  readonly store: TelemetryStore
  readonly clock: MovableClock
  readonly databaseUrl: string
  /** Saves a rule in the API's shape, with defaults for what the test does not care about. */
  rule(parts?: Readonly<Record<string, unknown>>): Promise<Rule>
  /** Rows into `executions`, `logs`, …; columns not given take sensible values. */
  executions(count: number, parts?: Readonly<Record<string, unknown>>): Promise<void>
  logs(messages: readonly string[], parts?: Readonly<Record<string, unknown>>): Promise<void>
  /** Due rules are claimed and evaluated for the clock's instant, on the real queue. */
  tick(): Promise<void>
  /** The same, and nothing of it is left to do. */
  look(): Promise<void>
  /** That much time passes first. */
  lookAfter(duration: string): Promise<void>
  sweep(): Promise<void>
  /** Nothing is left to do: no job waits or runs, nor any that one of them would have made. */
  settled(): Promise<void>
  /** What went wrong in the background; `close` throws what is left in here. */
  readonly problems: Error[]
  /** The local chat's stream, oldest first. */
  localMessages(): Promise<LocalMessageRow[]>
  /** Every process ends and begins again, on the same database and store. */
  restart(): Promise<House>
  close(): Promise<void>
}

export interface HouseOptions {
  readonly notifiers?: Partial<Record<Medium, Notifier>>
  readonly start?: Date
  /** False: the clock is the real one and the ticker runs by itself. */
  readonly movable?: boolean
  readonly redisUrl?: string
  /** Rules ask through this URL instead of the engine's own, e.g. over a wire that can be cut. */
  readonly askThrough?: string
  readonly settings?: Partial<DecisionSettings>
  readonly reach?: Partial<Reach>
  /** How late rows come to rules; at once, unless the test says otherwise: most move the clock, and the store's stands still. */
  readonly lateness?: Lateness
  /** Whatever is asked besides ClickHouse. */
  readonly stores?: Partial<Record<Store, Telemetry>>
  /** By default as fast as they answer: a vendor's pace is kept by the time that really passes. */
  readonly paceOf?: (medium: Medium) => VendorPace
}

/** What outlives a process. */
interface Ground {
  readonly database: TestDatabase
  readonly telemetry: TestTelemetry
  readonly clock: MovableClock
}

const unhurried = (medium: Medium): VendorPace => ({
  concurrency: vendorPaces[medium].concurrency,
  everyMs: 0,
})

/** Wall-clock rows are compared with an ingest clock, so the house starts near now. */
export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const [database, telemetry] = await Promise.all([testDatabase(), testTelemetry()])
  const clock = options.movable === false ? realClock : movableClock(options.start ?? new Date())
  return openHouse({ database, telemetry, clock }, options)
}

async function openHouse(ground: Ground, options: HouseOptions): Promise<House> {
  const { database, telemetry, clock } = ground
  const memory = openMemory({ url: database.url, name: 'tocsin-test', connections: 20 })
  await ensureFirstEnvironment(memory.db)
  const log = pino({ level: 'silent' })
  const problems: Error[] = []
  const queues = await openQueues({
    postgresUrl: database.url,
    ...(options.redisUrl !== undefined && {
      redisUrl: options.redisUrl,
      prefix: randomUUID().replaceAll('-', ''),
    }),
    onError: (error, where) => problems.push(new Error(`${where}: ${error.message}`, { cause: error })),
  })
  const announcer = openAnnouncer(memory.db, log)
  const { announce } = announcer
  const asked = openTelemetryStore({
    url: options.askThrough ?? telemetry.url,
    database: telemetry.database,
    requestTimeoutMs: 3000,
  })
  const reader = telemetryOf({
    clickhouse: clickHouseTelemetry(asked, { lateness: options.lateness ?? promptRows }),
    ...options.stores,
  })
  const settings = { ...defaultDecisionSettings, ...options.settings }
  const desk: Desk = {
    db: memory.db,
    telemetry: reader,
    announce,
    clock: clock.now,
    settings,
    ...deskDefaults({ db: memory.db, clock: clock.now, log }),
    askForTest: (testId) => queues.open(testConnection).add({ testId }),
    zone: 'Europe/Berlin',
    log,
  }
  const egress = openEgress(['127.0.0.1'], 8)
  const connecting = { db: memory.db, box: desk.secrets, outside: openOutside(egress, clock.now) }
  const notifiers = {
    local: localNotifier(memory.db, clock.now),
    ...integrationNotifiers(connecting),
    ...options.notifiers,
  }
  const workers = await startWorkers(queues, {
    db: memory.db,
    telemetry: reader,
    exchanges: openExchangeReader(asked, { ...defaultReach, ...options.reach }),
    connecting,
    announce,
    clock: clock.now,
    settings,
    log,
  })
  const deliverer = await startDeliverer(memory, {
    db: memory.db,
    clock: clock.now,
    log,
    notifiers,
    announcer,
    paceOf: options.paceOf ?? unhurried,
    dice: () => 1,
  })
  const intake = await startIntake(memory, { db: memory.db, announce, clock: clock.now, settings, log })
  const clockwork =
    options.movable === false
      ? await startClockwork(queues, { db: memory.db, clock: clock.now, log })
      : undefined
  const front = houseFront(desk)
  await front.rememberPlace({ surface: 'local', key: 'local', name: 'Local chat', address: {} })
  const ticks = queues.open(tick)
  const sweeps = queues.open(sweep)
  const inOrderOfCause = [ticks, sweeps, queues.open(evaluate)]
  const leave = async () => {
    clockwork?.close()
    await intake.close()
    await workers.close()
    await deliverer.close()
    await queues.close()
    for (const notifier of Object.values(notifiers)) await notifier.close?.()
    await egress.close()
    await asked.close()
    await memory.close()
    if (problems.length > 0)
      throw new AggregateError(problems, problems.map((problem) => problem.message).join('; '))
  }
  const settled = async () => {
    await eventually(
      'every accepted batch to be decided',
      async () => (await countWaitingBatches(memory.db)) === 0,
    )
    await intake.idle()
    for (const queue of inOrderOfCause) await eventually('a queue to run empty', () => isEmpty(queue), 20_000)
    await deliverer.idle()
  }
  const look = async () => {
    await ticks.add({})
    await settled()
  }
  return {
    front,
    desk,
    person: (name, wishes) =>
      front.meet({ surface: 'local', tenant: 'local', externalId: name.toLowerCase(), name, ...wishes }),
    memory,
    queues,
    store: telemetry.store,
    clock,
    databaseUrl: database.url,
    problems,
    rule: (parts = {}) => makeRule(memory, clock, parts),
    executions: (count, parts) => insertExecutions(telemetry.store, clock, count, parts),
    logs: (messages, parts) => insertLogs(telemetry.store, clock, messages, parts),
    tick: () => ticks.add({}),
    look,
    lookAfter: async (duration) => {
      clock.forward(duration)
      await look()
    },
    sweep: async () => {
      await sweeps.add({})
      await deliverer.look()
    },
    settled,
    localMessages: async () => (await listLocalMessages(memory.db, { limit: 200 })).reverse(),
    restart: async () => {
      await leave()
      return openHouse(ground, options)
    },
    close: async () => {
      try {
        await leave()
      } finally {
        await Promise.all([database.close(), telemetry.close()])
      }
    },
  }
}

async function isEmpty(queue: Pick<JobQueue<unknown>, 'counts'>): Promise<boolean> {
  const { waiting, active } = await queue.counts()
  return waiting + active === 0
}

const realClock: MovableClock = {
  now: () => new Date(),
  forward: () => {
    throw new Error('this house runs on the real clock')
  },
}
