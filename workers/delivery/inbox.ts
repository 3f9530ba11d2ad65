import { performance } from 'node:perf_hooks'
import type { FreshNews } from '#workers/processors/fresh-news.ts'
import { type Bell, openBell } from './bell.ts'

/** What a lane has heard of. */
export interface Inbox extends Bell {
  /** This is new, and nothing else is; it was written by a transaction that began at `since`. */
  hand(fresh: readonly FreshNews[], since: number): void
  /** What was handed over, if that is all there is; undefined = one has to look. `ourSince`: since when nobody else can have told it. */
  take(ourSince: number): readonly FreshNews[] | undefined
  /** One has looked, and found these incidents: what is handed over later may be among them. */
  found(incidentIds: readonly string[]): void
}

/** What was true when it was written is taken to be true for so long. */
const freshMs = 1000
/** More are read together faster than they are kept. */
const most = 100

interface Handed {
  readonly fresh: FreshNews
  readonly since: number
}

export function openInbox(): Inbox {
  const bell = openBell()
  const seen = new Map<string, number>()
  let handed: Handed[] = []
  let isAll = true
  const ring = () => {
    isAll = false
    bell.ring()
  }
  return {
    ...bell,
    ring,
    hand: (fresh, since) => {
      if (handed.length + fresh.length > most) return ring()
      for (const one of fresh) handed.push({ fresh: one, since })
      bell.ring()
    },
    take: (ourSince) => {
      const taken = handed
      const from = Math.max(ourSince, performance.now() - freshMs)
      const isUsable = isAll && taken.length > 0 && taken.every(({ since }) => since > from)
      handed = []
      isAll = true
      if (!isUsable) return undefined
      return taken.map(({ fresh }) => fresh).filter(({ incident }) => !seen.has(incident.id))
    },
    found: (incidentIds) => {
      const now = performance.now()
      // What is handed over so late is not taken.
      for (const [id, at] of seen) {
        if (now - at <= freshMs) break
        seen.delete(id)
      }
      for (const id of incidentIds) {
        seen.delete(id)
        seen.set(id, now)
      }
    },
  }
}
