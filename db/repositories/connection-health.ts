import { eq, inArray } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { lanes } from '#db/schema/lanes.ts'
import { destinations } from '#db/schema/notifications.ts'
import type { LaneHealth } from '#engine/notify/lane-health.ts'

/** By the id of the connection; those that were told nothing yet are not in it. */
export async function listConnectionHealth(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LaneHealth>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: destinations.key, lane: lanes })
    .from(destinations)
    .innerJoin(lanes, eq(lanes.destinationId, destinations.id))
    .where(inArray(destinations.key, [...ids]))
  return new Map(rows.map(({ id, lane }) => [id, lane]))
}
