import { and, eq, inArray, isNotNull, lte, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts, checks } from '#db/schema/alerts.ts'
import { maintenances } from '#db/schema/check-history.ts'
import { maintenanceTurns } from '#db/schema/suppressions.ts'
import type { Check } from '#engine/check.ts'
import type { Actor } from '#engine/person.ts'
import { mostNamed, type AnnouncementDetails } from '#engine/suppress/announcement.ts'
import {
  maintenanceState,
  nextMaintenanceTurn,
  type PlannedMaintenance,
} from '#engine/suppress/maintenance-plan.ts'
import type { SilenceState } from '#engine/suppress/silence-schedule.ts'
import { lockChecks } from './checks.ts'
import { type NewAnnouncement, queueAnnouncements } from './announcements.ts'
import { findPlannedMaintenance } from './planned-maintenances.ts'
import { type FiringAlert, listFiring } from './retell.ts'

interface Planned {
  readonly maintenanceId: string
  readonly startsAt: Date
  readonly endsAt: Date
}

/** From now on its beginning and its end are followed. The ids are to be announced. */
export async function watchMaintenances(
  tx: Database,
  planned: readonly Planned[],
  now: Date,
): Promise<string[]> {
  const ahead = planned.filter(({ endsAt }) => endsAt > now)
  if (ahead.length === 0) return []
  await tx
    .insert(maintenanceTurns)
    .values(
      ahead.map((one) => ({
        maintenanceId: one.maintenanceId,
        phase: maintenanceState(one, now),
        turnsAt: nextMaintenanceTurn(one, now) ?? null,
        followedAt: now,
      })),
    )
    .onConflictDoNothing()
  const ids: string[] = []
  for (const { maintenanceId } of ahead) {
    const maintenance = await findPlannedMaintenance(tx, maintenanceId)
    if (maintenance) ids.push(...(await tellOf(tx, { maintenance, kind: 'made', firing: [] }, now)))
  }
  return ids
}

/** Ended by hand: it is followed at the next sweep. */
export async function hurryMaintenances(
  tx: Database,
  ended: readonly Pick<Check, 'id'>[],
  now: Date,
): Promise<void> {
  if (ended.length === 0) return
  const ids = tx
    .select({ id: maintenances.id })
    .from(maintenances)
    .where(
      inArray(
        maintenances.checkId,
        ended.map(({ id }) => id),
      ),
    )
  await tx
    .update(maintenanceTurns)
    .set({ turnsAt: now })
    .where(and(isNotNull(maintenanceTurns.turnsAt), inArray(maintenanceTurns.maintenanceId, ids)))
}

export interface MaintenanceTurn {
  readonly maintenance: PlannedMaintenance
  readonly kind: 'began' | 'ended' | undefined
  /** Checks whose window is over. */
  readonly released: readonly Check[]
}

const mostAtOnce = 100

/** Maintenances that began or ended, locked until the transaction ends and marked as followed. */
export async function takeMaintenanceTurns(tx: Database, now: Date): Promise<MaintenanceTurn[]> {
  const isDue = and(isNotNull(maintenanceTurns.turnsAt), lte(maintenanceTurns.turnsAt, now))
  const due = await tx
    .select({ id: maintenanceTurns.maintenanceId })
    .from(maintenanceTurns)
    .where(isDue)
    .orderBy(maintenanceTurns.turnsAt, maintenanceTurns.maintenanceId)
    .limit(mostAtOnce)
  if (due.length === 0) return []
  const ids = due.map(({ id }) => id)
  const concerned = tx
    .select({ id: maintenances.checkId })
    .from(maintenances)
    .where(inArray(maintenances.id, ids))
  // Checks before turns, as whoever ends a maintenance by hand locks them.
  await lockChecks(tx, inArray(checks.id, concerned))
  const rows = await tx
    .select()
    .from(maintenanceTurns)
    .where(and(isDue, inArray(maintenanceTurns.maintenanceId, ids)))
    .for('update', { skipLocked: true })
  const turns: MaintenanceTurn[] = []
  for (const row of rows) {
    const maintenance = await findPlannedMaintenance(tx, row.maintenanceId)
    const phase = maintenance ? maintenanceState(maintenance, now) : 'expired'
    const turnsAt = (maintenance && nextMaintenanceTurn(maintenance, now)) ?? null
    await tx
      .update(maintenanceTurns)
      .set({ phase, turnsAt, followedAt: now })
      .where(eq(maintenanceTurns.maintenanceId, row.maintenanceId))
    if (!maintenance) continue
    const released = await listReleased(tx, row, now)
    turns.push({ maintenance, kind: turnOf(row.phase, phase), released })
  }
  return turns
}

function turnOf(before: SilenceState, after: SilenceState): 'began' | 'ended' | undefined {
  if (before === after) return undefined
  return after === 'expired' ? 'ended' : 'began'
}

async function listReleased(
  tx: Database,
  { maintenanceId, followedAt }: typeof maintenanceTurns.$inferSelect,
  now: Date,
): Promise<Check[]> {
  const rows = await tx
    .select({ check: checks })
    .from(maintenances)
    .innerJoin(checks, eq(checks.id, maintenances.checkId))
    .where(
      and(
        eq(maintenances.id, maintenanceId),
        lte(maintenances.endsAt, now),
        sql`${maintenances.endsAt} > ${maintenances.startsAt}`,
        // Windows end in whole seconds.
        sql`${maintenances.endsAt} >= date_trunc('second', ${followedAt.toISOString()}::timestamptz)`,
      ),
    )
  return rows.map(({ check }) => check)
}

interface Told {
  readonly maintenance: PlannedMaintenance
  readonly kind: 'made' | 'began' | 'ended'
  /** Numbers of alerts that still fire. */
  readonly firing: readonly number[]
}

/** The announcement, or a line under it. */
export async function tellOf(
  tx: Database,
  { maintenance, kind, firing }: Told,
  now: Date,
): Promise<string[]> {
  const actor: Actor = (kind === 'made' && maintenance.createdBy) || { kind: 'clock' }
  const details: AnnouncementDetails = {
    until: maintenance.endsAt.toISOString(),
    alerts: firing.slice(0, mostNamed),
    count: firing.length,
  }
  const subject = `maintenance/${maintenance.id}`
  const announcement: NewAnnouncement = {
    environment: maintenance.environment,
    subject,
    kind,
    at: now,
    actor,
    details,
  }
  return queueAnnouncements(tx, [announcement], now)
}

/** What fires on these checks. */
export async function listFiringOf(
  tx: Database,
  released: readonly Pick<Check, 'id'>[],
): Promise<FiringAlert[]> {
  if (released.length === 0) return []
  return listFiring(
    tx,
    inArray(
      alerts.checkId,
      released.map(({ id }) => id),
    ),
  )
}
