import type { Database } from '#db/client.ts'
import { noteFloods } from '#db/repositories/floods.ts'
import { listSource } from '#engine/intake/flood-event.ts'
import { type Allowance, mustWaitSeconds, type SourceQuota, spend } from '#engine/intake/source-quota.ts'

/** Whoever writes to the list has no name and hears no answer, so they are one source together, and what is too much waits in Redis. */
export interface ListQuota {
  /** It is written down as a flood, so that people hear of it. */
  readonly isUsedUp: () => Promise<boolean>
  readonly spend: (events: number) => void
}

interface QuotaParts {
  readonly db: Database
  readonly clock: () => Date
  readonly queue: string
  /** null: there is none. */
  readonly quota: SourceQuota | null
}

const noteEveryMs = 1000

export function openListQuota({ db, clock, queue, quota }: QuotaParts): ListQuota {
  const source = listSource(queue)
  let allowance: Allowance | undefined
  let notedMs = Number.NEGATIVE_INFINITY
  return {
    isUsedUp: async () => {
      const now = clock()
      if (quota === null || mustWaitSeconds(allowance, quota, now.getTime()) === undefined) return false
      if (now.getTime() - notedMs < noteEveryMs) return true
      notedMs = now.getTime()
      await noteFloods(db, [{ source, beganAt: now, lastAt: now, requests: 1 }])
      return true
    },
    spend: (events) => {
      if (quota !== null) allowance = spend(allowance, events, { quota, nowMs: clock().getTime() })
    },
  }
}
