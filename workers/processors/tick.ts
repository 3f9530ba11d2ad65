import { claimDueRules } from '#db/repositories/rules.ts'
import type { Database } from '#db/client.ts'

/** Rules asked about together; more would make one query too large, fewer would share less. */
const rulesPerJob = 500

interface Ticker {
  readonly db: Database
  readonly enqueue: (ruleIds: readonly string[], slot: Date) => Promise<void>
}

/** Claims what is due at this slot and hands it over in batches. */
export async function tickRules({ db, enqueue }: Ticker, slot: Date): Promise<number> {
  let claimed = 0
  for (;;) {
    const due = await claimDueRules(db, slot, rulesPerJob)
    if (due.length === 0) return claimed
    claimed += due.length
    await enqueue(
      due.map((rule) => rule.id),
      slot,
    )
  }
}
