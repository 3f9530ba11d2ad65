import { eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { lanes } from '#db/schema/lanes.ts'
import { destinations, notifications } from '#db/schema/notifications.ts'
import { healthy, type LaneHealth } from '#engine/notify/lane-health.ts'

/** Told whose destinations have something to hear; a hint only, whoever looks later finds it too. */
export const deliveriesChannel = 'tocsin_deliveries'

export interface Hold {
  readonly destinationId: string
  readonly holder: string
  readonly now: Date
  readonly leaseMs: number
}

/** The lane becomes the holder's, or stays so, until the lease ends; undefined while somebody else tells. */
export async function holdLane(db: Database, hold: Hold): Promise<LaneHealth | undefined> {
  const { destinationId, holder, now, leaseMs } = hold
  const heldUntil = new Date(now.getTime() + leaseMs)
  const isFree = sql`${lanes.heldUntil} is null or ${lanes.heldUntil} <= ${now.toISOString()}::timestamptz`
  const [row] = await db
    .insert(lanes)
    .values({ ...healthy, destinationId, holder, heldUntil })
    .onConflictDoUpdate({
      target: lanes.destinationId,
      set: { holder, heldUntil },
      setWhere: sql`${lanes.holder} = ${holder}::uuid or ${isFree}`,
    })
    .returning()
  return row
}

export async function releaseLanes(db: Database, holder: string): Promise<void> {
  await db.update(lanes).set({ heldUntil: null }).where(eq(lanes.holder, holder))
}

export async function saveLaneHealth(
  db: Database,
  destinationId: string,
  { failures, gone, undelivered, troubledSince, lastError, resumeAt }: LaneHealth,
): Promise<void> {
  await db
    .update(lanes)
    .set({ failures, gone, undelivered, troubledSince, lastError, resumeAt })
    .where(eq(lanes.destinationId, destinationId))
}

/** Where something waits that could be said now; what is held is for whoever follows what held it. */
export async function listDueDestinations(db: Database, due: Date): Promise<string[]> {
  const instant = sql`${due.toISOString()}::timestamptz`
  const rows = await db
    .select({ id: destinations.id })
    .from(destinations)
    .leftJoin(lanes, eq(lanes.destinationId, destinations.id))
    .where(
      sql`(${lanes.resumeAt} is null or ${lanes.resumeAt} <= ${instant}) and exists (
        select from ${notifications}
        where destination_id = ${destinations.id} and state in ('PENDING', 'HELD') and state = 'PENDING'
          and not_before <= ${instant})`,
    )
  return rows.map(({ id }) => id)
}

/** Where these go, each destination once. */
export async function listDestinationsOf(
  db: Database,
  notificationIds: readonly string[],
): Promise<string[]> {
  const rows = await db.execute<{ id: string }>(sql`
    select distinct destination_id as id from ${notifications}
    where id in (select unnest(${textArray(notificationIds)})::uuid)`)
  return rows.map(({ id }) => id)
}

/** Tells every process that tells, but the one that says so, where there is something to hear. */
export async function hintDeliveries(
  db: Database,
  destinationIds: readonly string[],
  sender: string,
): Promise<void> {
  // Nothing is written that would have to be on the disk, so nobody waits for it.
  await db.execute(sql`
    select pg_notify(${deliveriesChannel}::text, ${sender}::text || ' ' || id),
      set_config('synchronous_commit', 'off', true)
    from unnest(${textArray(destinationIds)}) as there (id)`)
}
