import { eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts } from '#db/schema/alerts.ts'
import { lanes } from '#db/schema/lanes.ts'
import { destinations, notifications } from '#db/schema/notifications.ts'
import { healthy } from '#engine/notify/lane-health.ts'
import { destinationLabel, isTroubled, type WatchedLane } from '#engine/notify/lane-event.ts'

/** Lanes that somebody should hear of: in trouble, or with an alert that says they are. */
export async function listWatchedLanes(db: Database): Promise<WatchedLane[]> {
  const waiting = sql<number>`(select count(*)::int from (
    select from ${notifications} where destination_id = ${destinations.id} and state in ('PENDING', 'HELD')
      and state = 'PENDING' and attempts > 0 limit 10000) tried)`
  const isAlerted = sql<boolean>`exists (
    select from ${alerts} where ${alerts.state} <> 'RESOLVED' and ${alerts.entity} = 'tocsin'
      and ${alerts.labels} ->> ${destinationLabel}::text = ${destinations.id}::text)`
  const rows = await db
    .select({ lane: lanes, place: destinations, waiting, isAlerted })
    .from(lanes)
    .innerJoin(destinations, eq(destinations.id, lanes.destinationId))
  return rows
    .map(({ lane, place, ...seen }) => ({
      ...seen,
      destinationId: place.id,
      surface: place.surface,
      name: place.name,
      // Whoever took a place away knows that it is told nothing; one that is gone is a loss.
      health: place.active || lane.gone > 0 ? lane : healthy,
    }))
    .filter(({ health, isAlerted }) => isAlerted || isTroubled(health))
}
