import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { evaluationClock } from '#db/schema/evaluation.ts'

/** All tickers of a deployment are one. */
const part = 'ticker'

/** A tick that comes later than one after it, by no more than this, is late; by more, the clock was set back. */
export const latestMs = 60_000

/** The newest slot a ticker saw, whichever process it ran in. */
export async function findTickedAt(db: Database): Promise<Date | undefined> {
  const [row] = await db.select().from(evaluationClock).where(eq(evaluationClock.part, part))
  return row?.tickedAt
}

/** In the ticker's transaction: one tick at a time. Answers the slot before it; null = there was none; undefined = this one is late. */
export async function beginTick(tx: Database, slot: Date): Promise<Date | null | undefined> {
  const [row] = await tx.select().from(evaluationClock).where(eq(evaluationClock.part, part)).for('update')
  const before = row?.tickedAt
  if (before && before >= slot && before.getTime() - slot.getTime() <= latestMs) return undefined
  await tx
    .insert(evaluationClock)
    .values({ part, tickedAt: slot })
    .onConflictDoUpdate({ target: evaluationClock.part, set: { tickedAt: slot } })
  return before === undefined || before >= slot ? null : before
}
