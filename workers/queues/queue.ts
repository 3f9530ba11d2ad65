import type { z } from 'zod'

export interface QueueDefinition<Payload> {
  readonly name: string
  /** Payloads travel as JSON; what the schema returns must parse again. */
  readonly payload: z.ZodType<Payload>
  readonly attempts: number
  /** Before the second attempt; doubled before each one after. */
  readonly backoffMs: number
  /** Jobs at a time, per process. */
  readonly concurrency: number
  /** A job of a process that died runs again elsewhere within about twice this. */
  readonly lockMs: number
}

type Defaulted = 'attempts' | 'backoffMs' | 'concurrency' | 'lockMs'

export function defineQueue<Payload>(
  definition: Omit<QueueDefinition<Payload>, Defaulted> & Partial<Pick<QueueDefinition<Payload>, Defaulted>>,
): QueueDefinition<Payload> {
  return { attempts: 3, backoffMs: 1000, concurrency: 4, lockMs: 15_000, ...definition }
}

export interface NewJob<Payload> {
  readonly payload: Payload
  /** While a job with this id waits or runs, adding it again does nothing. Any string. */
  readonly id?: string
  /** With an id: while such a job runs, the newest that is added is kept and runs after it. */
  readonly thenLast?: boolean
  readonly delayMs?: number
}

interface JobCounts {
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly failed: number
}

export interface JobQueue<Payload> {
  add(payload: Payload, options?: Omit<NewJob<Payload>, 'payload'>): Promise<void>
  addMany(jobs: readonly NewJob<Payload>[]): Promise<void>
  /**
   * One job at every whole multiple of `everyMs` since the epoch, however many processes ask.
   * Asking again changes the interval and payload of the one schedule this queue has.
   */
  repeat(payload: Payload, everyMs: number): Promise<void>
  counts(): Promise<JobCounts>
  close(): Promise<void>
}

export interface JobRun {
  readonly attempt: number
  readonly lastAttempt: boolean
  /** The instant a repeated job was due, however late it runs. */
  readonly scheduledFor?: Date
}

export type JobHandler<Payload> = (payload: Payload, run: JobRun) => Promise<void>

/** The queues of one process: every queue and worker shares its few connections. */
export interface QueueHouse {
  readonly kind: 'redis' | 'postgres'
  open<Payload>(definition: QueueDefinition<Payload>): JobQueue<Payload>
  /** Closing waits for the jobs that are running. */
  work<Payload>(
    definition: QueueDefinition<Payload>,
    handle: JobHandler<Payload>,
  ): Promise<{ close(): Promise<void> }>
  close(): Promise<void>
}

/** Thrown by a handler to be run again at a time of its own choosing; uses up no attempt. */
export class RunAgainLater extends Error {
  override readonly name = 'RunAgainLater'
  readonly afterMs: number

  constructor(afterMs: number, because = 'asked to run again later') {
    super(because)
    this.afterMs = afterMs
  }
}
