import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { incidentWatches } from '#db/schema/watches.ts'

/** Somebody acted on these incidents, or they ended or began anew: what was planned for them is looked at now. */
export async function touchWatches(tx: Database, incidentIds: readonly string[], now: Date): Promise<void> {
  if (incidentIds.length === 0) return
  await tx.execute(sql`
    update ${incidentWatches} set due_at = ${now.toISOString()}::timestamptz
    where incident_id in (select unnest(${textArray(incidentIds)})::uuid)`)
}
