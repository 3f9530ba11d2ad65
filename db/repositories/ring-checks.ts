import { asc, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { ringChecks } from '#db/schema/evaluation.ts'
import type { RingCheck, RingCheckOutcome } from '#engine/telemetry/ring-check.ts'

export async function countRingCheck(db: Database, { relation, outcome }: RingCheck): Promise<void> {
  await db
    .insert(ringChecks)
    .values({ shard: relation, outcome, checks: 1 })
    .onConflictDoUpdate({
      target: [ringChecks.shard, ringChecks.outcome],
      set: { checks: sql`${ringChecks.checks} + 1` },
    })
}

export function listRingChecks(
  db: Database,
): Promise<{ readonly shard: string; readonly outcome: RingCheckOutcome; readonly checks: number }[]> {
  return db.select().from(ringChecks).orderBy(asc(ringChecks.shard), asc(ringChecks.outcome))
}
