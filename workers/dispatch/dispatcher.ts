import type { Memory } from '#db/client.ts'
import { claimDueGroups, groupsChannel, nextGroupDue } from '#db/repositories/alert-groups.ts'
import type { ClaimedGroup } from '#workers/processors/destinations-of.ts'
import { groupsTakenOver } from './taken-over.ts'
import { type DispatcherHands, flushGroups } from './tell-groups.ts'

/** Takes groups over from whoever made them, without a way through the database. */
export interface GroupTeller {
  /** How long groups may be claimed for it; 0 = it has enough to do, others shall find them. */
  leaseMs(): number
  tell(claimed: readonly ClaimedGroup[]): void
}

export interface Dispatcher extends GroupTeller {
  /** Tells what is due now, and waits until it is told. */
  flush(): Promise<void>
  close(): Promise<void>
}

const groupsAtOnce = 500
const mostInFlight = 4
/** Longer than any webhook may take. */
const leaseMs = 60_000
/** A hint may be lost, and a clock may be set. */
const longestSleepMs = 5000

/** Tells groups when they are due: as soon as it hears that something joined one, and when their time comes. */
export async function startDispatcher(
  memory: Pick<Memory, 'listen'>,
  hands: DispatcherHands,
): Promise<Dispatcher> {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isHeardOf = false
  let isClosed = false
  const takenOver = groupsTakenOver(hands)

  const run = async () => {
    while (isHeardOf) {
      isHeardOf = false
      await flushDue(hands)
    }
    const next = await nextGroupDue(hands.db, hands.clock())
    sleep(next ? next.getTime() - hands.clock().getTime() : longestSleepMs)
  }
  const wake = () => {
    if (isClosed) return
    isHeardOf = true
    running ??= run()
      .catch((error: unknown) => {
        hands.log.warn({ err: error }, 'groups of alerts wait to be told')
        sleep(longestSleepMs)
      })
      .finally(() => {
        running = undefined
        if (isHeardOf) wake()
      })
  }
  const sleep = (ms: number) => {
    clearTimeout(timer)
    if (!isClosed) timer = setTimeout(wake, Math.max(1, Math.min(ms, longestSleepMs)))
  }
  /** What is heard of at the very end of a run begins another. */
  const idle = async (): Promise<void> => {
    await running
    if (running) await idle()
  }
  const unlisten = await memory.listen(groupsChannel, wake, wake)
  wake()
  return {
    leaseMs: () => (isClosed || takenOver.isEnough() ? 0 : leaseMs),
    tell: (claimed) => takenOver.tell(claimed),
    flush: async () => {
      wake()
      await idle()
      await takenOver.done()
    },
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await unlisten()
      await running
      await takenOver.done()
    },
  }
}

/** Claims and tells until nothing is due; a slow webhook holds up few others. */
async function flushDue(hands: DispatcherHands): Promise<void> {
  const inFlight = new Set<Promise<void>>()
  for (;;) {
    const groups = await claimDueGroups(hands.db, hands.clock(), { limit: groupsAtOnce, leaseMs })
    if (groups.length === 0) break
    const flushing = flushGroups(hands, groups).finally(() => inFlight.delete(flushing))
    inFlight.add(flushing)
    if (inFlight.size >= mostInFlight) await Promise.race(inFlight)
  }
  await Promise.all(inFlight)
}
