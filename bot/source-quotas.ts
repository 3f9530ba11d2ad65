import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { noteFloods } from '#db/repositories/floods.ts'
import type { Flood } from '#engine/intake/flood-event.ts'
import {
  type Allowance,
  isFull,
  mustWaitSeconds,
  type SourceQuota,
  spend,
} from '#engine/intake/source-quota.ts'
import { openNamedChecks } from './named-checks.ts'
import { openWriteBehind } from './write-behind.ts'

/** What each source may still send, as far as this process knows: nothing is asked of the database to accept an event. */
export interface SourceQuotas {
  /** Undefined: let it in. Else in how many seconds it should come again; it is written down as a flood. */
  readonly mustWait: (source: string) => number | undefined
  /** What it sent, once that was counted. Between the two nothing is waited for. */
  readonly spend: (source: string, events: number) => void
  /** Those of these checks, which it says fail, that are one too many; it is written down as a flood. */
  readonly tooMany: (source: string, failing: readonly string[]) => ReadonlySet<string>
  readonly close: () => Promise<void>
}

interface QuotaParts {
  readonly db: Database
  readonly clock: () => Date
  readonly log: Logger
  /** null: everybody may send as much as they like. */
  readonly quota: SourceQuota | null
  /** Different checks that one source may say fail within an hour. */
  readonly mostChecks?: number
}

/** Of sources that are remembered; whoever comes with more addresses than that is counted with the others. */
const mostSources = 10_000
const others = 'many sources'
const gatherMs = 1000
const none: ReadonlySet<string> = new Set()

export function openSourceQuotas({ db, clock, log, quota, mostChecks }: QuotaParts): SourceQuotas {
  const named = openNamedChecks(mostChecks)
  const allowances = new Map<string, Allowance>()
  const floods = new Map<string, Flood>()
  let roomMadeMs = -Infinity
  const behind = openWriteBehind({
    gatherMs,
    write: () => {
      const seen = [...floods.values()]
      floods.clear()
      return noteFloods(db, seen)
    },
    onError: (error) => log.error({ err: error }, 'a flood could not be written down'),
  })

  function noteFlood(source: string): void {
    const now = clock()
    const known = floods.get(source)
    floods.set(source, {
      source,
      beganAt: known?.beganAt ?? now,
      lastAt: now,
      requests: (known?.requests ?? 0) + 1,
    })
    behind.stir()
  }

  /** Those that have sent nothing for a while are as good as new. All are gone through for it, so not with every request. */
  function makeRoom(limit: SourceQuota, nowMs: number): void {
    if (Math.abs(nowMs - roomMadeMs) < gatherMs) return
    roomMadeMs = nowMs
    for (const [source, allowance] of allowances)
      if (isFull(allowance, limit, nowMs)) allowances.delete(source)
  }

  function counted(source: string): string {
    return allowances.has(source) || allowances.size < mostSources ? source : others
  }

  return {
    mustWait: (source) => {
      if (quota === null) return undefined
      const name = counted(source)
      const seconds = mustWaitSeconds(allowances.get(name), quota, clock().getTime())
      if (seconds !== undefined) noteFlood(name)
      return seconds
    },
    spend: (source, events) => {
      if (quota === null) return
      const nowMs = clock().getTime()
      if (allowances.size >= mostSources) makeRoom(quota, nowMs)
      const name = counted(source)
      allowances.set(name, spend(allowances.get(name), events, { quota, nowMs }))
    },
    tooMany: (source, failing) => {
      if (quota === null || failing.length === 0) return none
      const name = counted(source)
      const refused = named.tooMany(name, failing, clock().getTime())
      if (refused.size > 0) noteFlood(name)
      return refused
    },
    close: behind.flush,
  }
}
