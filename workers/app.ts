import { setTimeout as pause } from 'node:timers/promises'
import { forgetOldAudit } from '#db/repositories/audit.ts'
import { dropExpiredDrafts } from '#db/repositories/form-drafts.ts'
import { forgetHeardSignatures } from '#db/repositories/signed-doors.ts'
import type { BreakerSettings } from '#engine/rule/circuit-breaker.ts'
import { openEvaluator } from './evaluation/evaluate-shard.ts'
import { openRuleBook } from './evaluation/rule-book.ts'
import { tickRules } from './evaluation/tick.ts'
import type { Hands } from './hands.ts'
import { calmFlapping } from './processors/calm-flapping.ts'
import { drainForgotten } from './processors/drain.ts'
import { expireAlerts } from './processors/expire-alerts.ts'
import { followQuiet } from './processors/follow.ts'
import { reopenClosed } from './processors/reopen-closed.ts'
import { tryConnection } from './processors/test-connection.ts'
import { watchFloods } from './processors/watch-floods.ts'
import { watchIncidents } from './processors/watch-incidents.ts'
import { watchLanes } from './processors/watch-lanes.ts'
import { evaluate } from './queues/evaluate.ts'
import type { JobRun, QueueHouse } from './queues/queue.ts'
import { sweep } from './queues/sweep.ts'
import { testConnection } from './queues/test-connection.ts'
import { tick } from './queues/tick.ts'

export interface Workers {
  /** Waits for the jobs that are running. */
  close(): Promise<void>
}

interface WorkerSettings {
  readonly breaker?: BreakerSettings
}

/** Ties every queue to its verb. */
export async function startWorkers(
  queues: QueueHouse,
  hands: Hands,
  settings: WorkerSettings = {},
): Promise<Workers> {
  const evaluations = queues.open(evaluate)
  const book = openRuleBook(hands.db)
  const evaluateShard = openEvaluator({ hands, book, ...settings })
  const working = await Promise.all([
    queues.work(tick, async (_payload, run) => {
      await tickRules({ db: hands.db, book, enqueue }, slotOf(run, hands))
    }),
    queues.work(evaluate, ({ shard }) => evaluateShard(shard)),
    queues.work(testConnection, async ({ testId }) => {
      if (hands.connecting) await tryConnection(hands.connecting, testId)
    }),
    queues.work(sweep, async () => {
      await followQuiet(hands)
      await dropExpiredDrafts(hands.db, hands.clock())
      await forgetOldAudit(hands.db, hands.clock())
      await forgetHeardSignatures(hands.db, hands.clock())
      // What is waiting comes first: it may say that what seems to have ended goes on.
      await drainForgotten(hands)
      await expireAlerts(hands)
      await reopenClosed(hands)
      await calmFlapping(hands)
      await watchIncidents(hands)
      await watchLanes(hands)
      await watchFloods(hands)
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

  async function enqueue(shards: readonly string[], slot: Date): Promise<void> {
    const at = slot.toISOString()
    // One at a time of each shard, and the newest after it.
    await evaluations.addMany(
      shards.map((shard) => ({ payload: { shard, slot: at }, id: shard, thenLast: true })),
    )
  }
}

/** The instant the job was due, however late it runs: two ticks can then never claim the same slot differently. */
function slotOf(run: JobRun, { clock }: Hands): Date {
  return run.scheduledFor ?? clock()
}
