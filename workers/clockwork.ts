import { findTickedAt } from '#db/repositories/evaluation-clock.ts'
import type { Hands } from './hands.ts'
import type { QueueHouse } from './queues/queue.ts'
import { sweep, sweepMs } from './queues/sweep.ts'
import { tick, tickMs } from './queues/tick.ts'

interface ClockworkParts extends Pick<Hands, 'db' | 'clock' | 'log'> {
  /** So long without a tick, whoever's, and the ticker is wound up again: a queue that lost its data has lost its schedules. */
  readonly patienceMs?: number
}

/** Winds the clocks: one ticker and one sweeper for the whole deployment, however many processes ask. */
export async function startClockwork(
  queues: QueueHouse,
  { db, clock, log, patienceMs = 3 * tickMs }: ClockworkParts,
): Promise<{ close(): void }> {
  const ticks = queues.open(tick)
  const sweeps = queues.open(sweep)
  const wind = () => Promise.all([ticks.repeat({}, tickMs), sweeps.repeat({}, sweepMs)])
  await wind()
  const watch = async () => {
    const tickedAt = await findTickedAt(db)
    const silentMs = tickedAt ? clock().getTime() - tickedAt.getTime() : Infinity
    if (silentMs <= patienceMs) return
    log.warn({ tickedAt }, 'no tick was seen for a while: winding up the ticker again')
    await wind()
  }
  const watchdog = setInterval(() => {
    watch().catch((error: unknown) =>
      log.warn({ err: error }, 'the ticker could not be looked after; trying again soon'),
    )
  }, patienceMs)
  return { close: () => clearInterval(watchdog) }
}
