import type { Memory } from '#db/client.ts'
import { batchesChannel } from '#db/repositories/batches.ts'
import { drainBatches, type Drainer } from './processors/drain.ts'

export interface Intake {
  /** Waits for what it is deciding now. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** Decides what the doors accept as soon as it is heard of. A hint that is lost costs a few seconds: the sweeper looks too. */
export async function startIntake(memory: Pick<Memory, 'listen'>, hands: Drainer): Promise<Intake> {
  let running: Promise<void> | undefined
  let isHeardOf = false
  const drain = async () => {
    while (isHeardOf) {
      isHeardOf = false
      await drainBatches(hands)
    }
  }
  const unlisten = await memory.listen(batchesChannel, () => {
    isHeardOf = true
    running ??= drain()
      .catch((error: unknown) => hands.log.warn({ err: error }, 'accepted events wait for the sweeper'))
      .finally(() => (running = undefined))
  })
  const idle = async () => {
    await running
  }
  return {
    idle,
    close: async () => {
      await unlisten()
      await idle()
    },
  }
}
