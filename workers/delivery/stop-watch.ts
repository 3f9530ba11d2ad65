import { addCallTimes } from '#db/repositories/call-times.ts'
import type { Medium } from '#engine/medium.ts'
import { type CallTimes, noCalls, withCall } from '#engine/notify/call-times.ts'
import type { Hands } from '#workers/hands.ts'

/** How long vendors take, for the metrics. Written down now and then: whoever is killed takes a few seconds of it along. */
export interface StopWatch {
  took(medium: Medium, seconds: number): void
  close(): Promise<void>
}

const everyMs = 5000

export function openStopWatch({ db, log }: Pick<Hands, 'db' | 'log'>): StopWatch {
  let counted = new Map<Medium, CallTimes>()
  const write = async () => {
    const some = counted
    counted = new Map()
    await addCallTimes(db, some)
  }
  const timer = setInterval(() => {
    write().catch((error: unknown) => log.warn({ err: error }, 'how long vendors took was not written down'))
  }, everyMs)
  return {
    took: (medium, seconds) => counted.set(medium, withCall(counted.get(medium) ?? noCalls, seconds)),
    close: async () => {
      clearInterval(timer)
      await write()
    },
  }
}
