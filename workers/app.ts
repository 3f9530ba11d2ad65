import { setTimeout as pause } from 'node:timers/promises'
import type { Hands } from './hands.ts'
import { deliverNotification } from './processors/deliver.ts'
import { evaluateRules } from './processors/evaluate.ts'
import { sweepUp } from './processors/sweep.ts'
import { tickRules } from './processors/tick.ts'
import { deliver } from './queues/deliver.ts'
import { evaluate } from './queues/evaluate.ts'
import type { JobRun, QueueHouse } from './queues/queue.ts'
import { sweep, sweepMs } from './queues/sweep.ts'
import { tick, tickMs } from './queues/tick.ts'

export interface Workers {
  /** Waits for the jobs that are running. */
  close(): Promise<void>
}

/** Winds the clocks: one ticker and one sweeper for the whole deployment, however many processes ask. */
export async function startClockwork(queues: QueueHouse): Promise<void> {
  await Promise.all([queues.open(tick).repeat({}, tickMs), queues.open(sweep).repeat({}, sweepMs)])
}

/** Ties every queue to its verb. */
export async function startWorkers(queues: QueueHouse, hands: Hands): Promise<Workers> {
  const evaluations = queues.open(evaluate)
  const working = await Promise.all([
    queues.work(tick, async (_payload, run) => {
      await tickRules({ db: hands.db, enqueue }, slotOf(run, hands))
    }),
    queues.work(evaluate, ({ ruleIds, slot }) => evaluateRules(hands, ruleIds, new Date(slot))),
    queues.work(deliver, ({ notificationId }) => deliverNotification(hands, notificationId)),
    queues.work(sweep, async () => {
      await sweepUp(hands)
    }),
  ])
  return {
    close: async () => {
      await Promise.race([Promise.all(working.map((worker) => worker.close())), pause(10_000, undefined, { ref: false })])
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
