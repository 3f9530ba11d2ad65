import {
  type BackendFactory,
  type ConnectionOptions,
  createRedisBackend,
  DelayedError,
  type IQueueBackend,
  type Job,
  type JobsOptions,
  PostgresConnection,
  type PostgresPoolConfig,
  PostgresQueueBackend,
  Queue,
  UnrecoverableError,
  Worker,
} from 'bullmq'
import { z } from 'zod'
import { withoutStatement } from '#db/errors.ts'
import { againAfterDeadlock, oneAtATime, oneScheduleAtATime } from './careful-query.ts'
import { addressOf, type ErrorTeller } from './error-teller.ts'
import {
  type JobHandler,
  type JobQueue,
  type JobRun,
  type NewJob,
  type QueueDefinition,
  RunAgainLater,
} from './queue.ts'
import { connectRedis } from './redis.ts'

// The one file that knows BullMQ.

/** Where the jobs are kept, and the connections of this process to it. */
export interface Store {
  readonly kind: 'redis' | 'postgres'
  readonly prefix: string
  readonly errors: ErrorTeller
  readonly adding: ConnectionOptions
  readonly working: ConnectionOptions
  readonly backend: BackendFactory
  /** Whether a worker that closes now would wait for a connection that may never come back. */
  isDown(): boolean
  close(): Promise<void>
}

export interface Closing {
  close(): Promise<void>
}

type AnyQueue = Queue<unknown, void, string, unknown, void, string, IQueueBackend>
type PgListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>

/** A job that failed for good is kept for a person to look at; our own rows are the truth. */
const keepFailedForSeconds = 24 * 60 * 60

/** How long a worker that lost a wake-up call can sleep on; it bounds idle polling too. */
const longestWaitSeconds = 10

/** Of the time a job is locked: a job whose process died runs again elsewhere within it and twice this share of it. */
const stalledCheckShare = 2 / 3

const retryConnectionMs = 1000

export async function redisStore(redisUrl: string, prefix: string, errors: ErrorTeller): Promise<Store> {
  const working = await connectRedis(redisUrl, errors)
  // Whoever adds a job has somebody waiting: in an outage that fails after about a second, and does not hang.
  const adding = working.duplicate({ maxRetriesPerRequest: 3 })
  adding.on('error', (error: Error) => errors.report(error, 'redis'))
  return {
    kind: 'redis',
    prefix,
    errors,
    adding,
    working,
    backend: createRedisBackend,
    isDown: () => working.status !== 'ready',
    async close() {
      adding.disconnect()
      working.disconnect()
    },
  }
}

export async function postgresStore(
  postgresUrl: string,
  schema: string,
  errors: ErrorTeller,
): Promise<Store> {
  const connection = new HouseConnection({
    connectionString: postgresUrl,
    application_name: 'tocsin queue',
    schema,
    // Takes an advisory lock, so that processes which start together do not meet in the middle of it.
    migrate: true,
    max: 4,
    connectionTimeoutMillis: 5000,
    // Longer than the pause between two idle checks, or each of them would connect anew.
    idleTimeoutMillis: 6 * longestWaitSeconds * 1000,
    keepAlive: true,
  })
  connection.on('error', (error: Error) => errors.report(error, 'postgres'))
  await connection.waitUntilReady().catch(async (error: unknown) => {
    await connection.close()
    throw new Error(
      `The job queue cannot use PostgreSQL at ${addressOf(postgresUrl, 5432)}, schema "${schema}": ` +
        `${errors.describe(error)}. Check that it runs there and that this user may create the schema.`,
    )
  })
  return {
    kind: 'postgres',
    prefix: schema,
    errors,
    adding: {},
    working: {},
    backend: (name, options) =>
      new HouseBackend(connection, name, { ...options, connection: connection.pool }),
    // A query ends with the connection it runs on, so nothing waits.
    isDown: () => false,
    close: () => connection.close(),
  }
}

class HouseConnection extends PostgresConnection {
  private readonly orderly = new WeakSet<PgListenClient>()

  constructor(options: PostgresPoolConfig) {
    super(options)
    // Each queue and worker of a house hears of its errors; that many listeners are no leak.
    this.setMaxListeners(0)
    // Every command of BullMQ is one statement.
    this.pool.query = againAfterDeadlock(oneScheduleAtATime(this.pool.query.bind(this.pool)))
  }

  override async getListenClient(): Promise<PgListenClient> {
    const client = await super.getListenClient()
    // All workers of a house LISTEN through it, all at once when they start and when a lost connection is back.
    if (!this.orderly.has(client)) {
      this.orderly.add(client)
      client.query = oneAtATime(client.query.bind(client))
    }
    return client
  }
}

/** BullMQ would give each queue and worker a pool of its own; in a house they share one, which outlives them. */
class HouseBackend extends PostgresQueueBackend {
  override get maximumBlockTimeout(): number {
    return longestWaitSeconds
  }

  override async close(): Promise<void> {
    this.closing ??= this.disconnectBlocking()
    await this.closing
  }
}

export function openQueue<Payload>(definition: QueueDefinition<Payload>, store: Store): JobQueue<Payload> {
  const { name } = definition
  const queue: AnyQueue = new Queue(
    name,
    {
      connection: store.adding,
      prefix: store.prefix,
      defaultJobOptions: jobOptions(definition),
      // Nobody reads BullMQ's event stream here; by default it keeps 10,000 of them per queue.
      streams: { events: { maxLen: 100 } },
    },
    store.backend,
  )
  queue.on('error', (error) => store.errors.report(error, `queue ${name}`))
  const reach = <Answer>(answer: Promise<Answer>) =>
    answer.catch((error: unknown) => {
      throw new Error(`Queue ${name} (${store.kind}) cannot be reached: ${store.errors.describe(error)}`)
    })
  const toJob = ({ payload, id, thenLast, delayMs }: NewJob<Payload>) => ({
    name,
    data: checkPayload(definition, payload),
    opts: {
      ...(delayMs === undefined ? {} : { delay: delayMs }),
      // A BullMQ job id stays taken for as long as a failed job is kept; a deduplication id is free when its job ends.
      ...(id === undefined ? {} : { deduplication: { id, keepLastIfActive: thenLast === true } }),
    },
  })
  return {
    async add(payload, options = {}) {
      const job = toJob({ payload, ...options })
      await reach(queue.add(name, job.data, job.opts))
    },
    async addMany(jobs) {
      if (jobs.length > 0) await reach(queue.addBulk(jobs.map(toJob)))
    },
    async repeat(payload, everyMs) {
      const template = { name, data: checkPayload(definition, payload) }
      // Without an offset each process would begin a rhythm of its own; with one, all agree on the next slot.
      await reach(queue.upsertJobScheduler('repeat', { every: everyMs, offset: 1 }, template))
    },
    async counts() {
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await reach(queue.getJobCounts())
      return { waiting, active, delayed, failed }
    },
    close: () => queue.close(),
  }
}

function jobOptions({ attempts, backoffMs }: QueueDefinition<unknown>): JobsOptions {
  return {
    attempts,
    backoff: { type: 'exponential', delay: backoffMs },
    // Never { count }: on PostgreSQL two workers that trim at once deadlock, and the loser's job runs twice.
    removeOnComplete: true,
    removeOnFail: { age: keepFailedForSeconds },
  }
}

export async function openWorker<Payload>(
  definition: QueueDefinition<Payload>,
  handle: JobHandler<Payload>,
  store: Store,
): Promise<Closing> {
  const running = new Set<Promise<void>>()
  const worker = new Worker<unknown, void, string, IQueueBackend>(
    definition.name,
    (job, token) => {
      const run = runJob(definition, handle, { job, token }).finally(() => running.delete(run))
      running.add(run)
      return run
    },
    {
      connection: store.working,
      prefix: store.prefix,
      concurrency: definition.concurrency,
      lockDuration: definition.lockMs,
      stalledInterval: Math.round(definition.lockMs * stalledCheckShare),
      drainDelay: longestWaitSeconds,
      runRetryDelay: retryConnectionMs,
    },
    store.backend,
  )
  const where = `queue ${definition.name}`
  worker.on('error', (error) => store.errors.report(error, where))
  worker.on('failed', (job, error) => {
    if (job?.finishedOn !== undefined) store.errors.report(error, `${where}, failed for good`)
  })
  await worker.waitUntilReady()
  return {
    async close() {
      // Forced, it does not wait for running jobs; so we do.
      await worker.close(store.isDown())
      await Promise.allSettled(running)
    },
  }
}

async function runJob<Payload>(
  definition: QueueDefinition<Payload>,
  handle: JobHandler<Payload>,
  { job, token }: { job: Job<unknown>; token: string | undefined },
): Promise<void> {
  const payload = definition.payload.safeParse(job.data)
  if (!payload.success) throw new UnrecoverableError(refusal(definition.name, payload.error))
  try {
    await handle(payload.data, describeRun(job))
  } catch (error) {
    if (!(error instanceof RunAgainLater))
      throw error instanceof Error ? withoutStatement(error) : new Error(String(error))
    await job.moveToDelayed(Date.now() + error.afterMs, token)
    throw new DelayedError()
  }
}

function describeRun(job: Job<unknown>): JobRun {
  const attempt = job.attemptsMade + 1
  const run = { attempt, lastAttempt: attempt >= (job.opts.attempts ?? 1) }
  if (job.repeatJobKey === undefined) return run
  // The id of a repeated job ends in its slot, which the offset put one millisecond late.
  const slot = Number(job.id?.split(':').at(-1))
  return { ...run, scheduledFor: new Date(slot - 1) }
}

function checkPayload<Payload>(definition: QueueDefinition<Payload>, payload: Payload): Payload {
  const checked = definition.payload.safeParse(payload)
  if (!checked.success) throw new Error(refusal(definition.name, checked.error))
  return checked.data
}

function refusal(queueName: string, error: z.ZodError): string {
  return `Job of queue ${queueName} has a payload this version does not understand: ${z.prettifyError(error)}`
}
