import type { ClaimedGroup } from '#workers/processors/destinations-of.ts'
import { type DispatcherHands, tellGroups } from './tell-groups.ts'

/** Groups that came from their makers' hands and are being told. */
export interface TakenOver {
  tell(claimed: readonly ClaimedGroup[]): void
  /** Others should find more of them in the database. */
  isEnough(): boolean
  done(): Promise<void>
}

const most = 4000

export function groupsTakenOver(hands: DispatcherHands): TakenOver {
  const telling = new Set<Promise<void>>()
  let groups = 0
  return {
    tell: (claimed) => {
      if (claimed.length === 0) return
      groups += claimed.length
      const one = tellGroups(hands, claimed)
        // They are found again when their lease ends.
        .catch((error: unknown) => hands.log.warn({ err: error }, 'groups of alerts wait to be told'))
        .finally(() => {
          groups -= claimed.length
          telling.delete(one)
        })
      telling.add(one)
    },
    isEnough: () => groups > most,
    done: async () => {
      await Promise.all(telling)
    },
  }
}
