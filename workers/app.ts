import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { dropExpiredDrafts } from '#db/repositories/form-drafts.ts'
import type { Hands } from './hands.ts'
import { calmFlapping } from './processors/calm-flapping.ts'
import { drainForgotten } from './processors/drain.ts'
import { evaluateRules } from './processors/evaluate.ts'
import { expireAlerts } from './processors/expire-alerts.ts'
import { followQuiet } from './processors/follow.ts'
import { reopenClosed } from './processors/reopen-closed.ts'
import { tryConnection } from './processors/test-connection.ts'
import { watchIncidents } from './processors/watch-incidents.ts'
import { tickRules } from './processors/tick.ts'
import { evaluate } from './queues/evaluate.ts'
import type { JobRun, QueueHouse } from './queues/queue.ts'
import { sweep, sweepMs } from './queues/sweep.ts'
import { testConnection } from './queues/test-connection.ts'
import { tick, tickMs } from './queues/tick.ts'

export interface Workers {
  /** Waits for the jobs that are running. */
  close(): Promise<void>
}

/** A queue that lost its data (a Redis started afresh) has lost its schedules too; asking again is how they come back. */
const rewindMs = 60_000

/** Winds the clocks: one ticker and one sweeper for the whole deployment, however many processes ask. */
export async function startClockwork(queues: QueueHouse, log: Logger): Promise<{ close(): void }> {
  const ticks = queues.open(tick)
  const sweeps = queues.open(sweep)
  const wind = () => Promise.all([ticks.repeat({}, tickMs), sweeps.repeat({}, sweepMs)])
  await wind()
  const watchdog = setInterval(() => {
    wind().catch((error: unknown) =>
      log.warn({ err: error }, 'the ticker could not be wound up again; trying once a minute'),
    )
  }, rewindMs)
  return { close: () => clearInterval(watchdog) }
}

/** Ties every queue to its verb. */
export async function startWorkers(queues: QueueHouse, hands: Hands): Promise<Workers> {
  const evaluations = queues.open(evaluate)
  const working = await Promise.all([
    queues.work(tick, async (_payload, run) => {
      await tickRules({ db: hands.db, enqueue }, slotOf(run, hands))
    }),
    queues.work(evaluate, ({ ruleIds, slot }) => evaluateRules(hands, ruleIds, new Date(slot))),
    queues.work(testConnection, async ({ testId }) => {
      if (hands.connecting) await tryConnection(hands.connecting, testId)
    }),
    queues.work(sweep, async () => {
      await followQuiet(hands)
      await dropExpiredDrafts(hands.db, hands.clock())
      // What is waiting comes first: it may say that what seems to have ended goes on.
      await drainForgotten(hands)
      await expireAlerts(hands)
      await reopenClosed(hands)
      await calmFlapping(hands)
      await watchIncidents(hands)
    }),
  ])
  return {
    close: async () => {
      await Promise.race([
        Promise.all(working.map((worker) => worker.close())),
        pause(10_000, undefined, { ref: false }),
      ])
    },
  }

  async function enqueue(ruleIds: readonly string[], slot: Date): Promise<void> {
    await evaluations.add({ ruleIds: [...ruleIds], slot: slot.toISOString() })
  }
}

/** The instant the job was due, however late it runs: two ticks can then never claim the same slot differently. */
function slotOf(run: JobRun, { clock }: Hands): Date {
  return run.scheduledFor ?? clock()
}
