import { claimDueRules } from '#db/repositories/rules.ts'
import type { Database } from '#db/client.ts'

/** Rules asked about together; more would make one query too large, fewer would share less. */
const rulesPerJob = 500

interface Ticker {
  readonly db: Database
  readonly enqueue: (ruleIds: readonly string[], slot: Date) => Promise<void>
}

/**
 * Claims what is due at this slot and hands it over in batches. A batch the queue does not take is not claimed: an
 * hourly rule must not lose its hour to a moment's outage.
 */
export async function tickRules({ db, enqueue }: Ticker, slot: Date): Promise<number> {
  let claimed = 0
  for (;;) {
    const due = await db.transaction(async (tx) => {
      const ids = (await claimDueRules(tx, slot, rulesPerJob)).map((rule) => rule.id)
      if (ids.length > 0) await enqueue(ids, slot)
      return ids
    })
    if (due.length === 0) return claimed
    claimed += due.length
  }
}
