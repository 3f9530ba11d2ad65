import { eq, getTableColumns, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray, textLiteral } from '#db/record-set.ts'
import { hole, statement } from '#db/statement.ts'
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

/** What a process that tells holds as long as it lives (`Memory.hold`): by it the others know whether it is there. */
export function presenceLock(holder: string): string {
  return `${presence}${holder}`
}

const presence = 'tocsin deliverer '

export interface HeldLane {
  readonly health: LaneHealth
  /** Notifications that were being said when somebody wrote that down last. */
  readonly underway: readonly string[]
  /** Until when somebody else may be saying them; null = nobody. */
  readonly othersUntil: Date | null
}

/** The lane becomes the holder's, or stays so, until the lease ends; undefined while somebody else tells. */
export async function holdLane(db: Database, hold: Hold): Promise<HeldLane | undefined> {
  const { destinationId, holder, now, leaseMs } = hold
  const heldUntil = new Date(now.getTime() + leaseMs)
  const isFree = sql`${lanes.heldUntil} is null or ${lanes.heldUntil} <= ${now.toISOString()}::timestamptz`
  const isGone = sql`pg_try_advisory_xact_lock_shared(hashtextextended(${presence}::text || ${lanes.holder}, 1))`
  const before = sql`(select before.held_until from ${lanes} before
    where before.destination_id = ${destinationId}::uuid and before.holder <> ${holder}::uuid)`
  const [row] = await db
    .insert(lanes)
    .values({ ...healthy, destinationId, holder, heldUntil })
    .onConflictDoUpdate({
      target: lanes.destinationId,
      set: { holder, heldUntil },
      setWhere: sql`${lanes.holder} = ${holder}::uuid or ${isFree} or ${isGone}`,
    })
    // A query beside the change sees what was there before it.
    .returning({ ...getTableColumns(lanes), othersUntil: sql<string | null>`${before}` })
  if (!row) return undefined
  const { underway, othersUntil, ...health } = row
  return { health, underway, othersUntil: othersUntil === null ? null : new Date(othersUntil) }
}

/** Written before they are said, so that whoever takes over knows what may have been heard; false = the lane is somebody else's. */
export async function saveUnderway(
  db: Database,
  { destinationId, holder }: Pick<Hold, 'destinationId' | 'holder'>,
  underway: readonly string[],
): Promise<boolean> {
  const rows = await setUnderway.run(db, { destinationId, holder, underway: textLiteral(underway) })
  return rows.length > 0
}

// It is read when this process has died; should the server die with it, nobody waits for the disk for that.
const setUnderway = statement(sql`
  update ${lanes} set underway = ${hole('underway')}::text[]::uuid[]
  where destination_id = ${hole('destinationId')}::uuid and holder = ${hole('holder')}::uuid
  returning set_config('synchronous_commit', 'off', true)`)

/** `isDone`: nothing is being said any more. */
export async function releaseLanes(
  db: Database,
  holder: string,
  { isDone }: { readonly isDone: boolean },
): Promise<void> {
  await db
    .update(lanes)
    .set({ heldUntil: null, ...(isDone && { underway: [] }) })
    .where(eq(lanes.holder, holder))
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
