import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { maintenances, stateChanges } from '#db/schema/check-history.ts'
import type { MaintenanceKind } from '#engine/advance/history.ts'
import { type EpochSeconds, epochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckState } from '#engine/event.ts'
import type { CheckPast, Period } from '#engine/view/flapjack-reports.ts'

/** By check id: the states of the period with the one it began with, and the maintenances that reach into it. */
export async function loadPasts(
  db: Database,
  checkIds: readonly string[],
  { from, to }: Period,
): Promise<ReadonlyMap<string, CheckPast>> {
  const [first, last] = [instantOf(from, '-infinity'), instantOf(to, 'infinity')]
  const wanted = sql`any(${sql.param([...checkIds])}::uuid[])`
  const [states, windows] = await Promise.all([
    db.execute<{ check_id: string; at: number; state: CheckState; summary: string | null }>(sql`
      select check_id, extract(epoch from at)::float8 as at, state, summary
      from ${stateChanges} change
      where check_id = ${wanted} and at <= ${last}::timestamptz and at >= coalesce(
        (select max(earlier.at) from ${stateChanges} earlier
          where earlier.check_id = change.check_id and earlier.at <= ${first}::timestamptz),
        '-infinity')
      order by check_id, at`),
    db.execute<{
      check_id: string
      kind: MaintenanceKind
      starts_at: number
      ends_at: number
      summary: string | null
    }>(sql`
      select check_id, kind, extract(epoch from starts_at)::float8 as starts_at,
        extract(epoch from ends_at)::float8 as ends_at, summary
      from ${maintenances}
      where check_id = ${wanted} and starts_at <= ${last}::timestamptz
        and ends_at >= ${first}::timestamptz and ends_at > starts_at
      order by check_id, starts_at`),
  ])
  const statesOf = Map.groupBy(states, (row) => row.check_id)
  const windowsOf = Map.groupBy(windows, (row) => row.check_id)
  return new Map(
    checkIds.map((id) => {
      const own = (windowsOf.get(id) ?? []).map(({ kind, starts_at, ends_at, summary }) => ({
        kind,
        startsAt: starts_at,
        endsAt: ends_at,
        summary,
      }))
      return [
        id,
        {
          stateChanges: (statesOf.get(id) ?? []).map(({ at, state, summary }) => ({ at, state, summary })),
          scheduled: own.filter(({ kind }) => kind === 'scheduled'),
          unscheduled: own.filter(({ kind }) => kind === 'unscheduled'),
        },
      ]
    }),
  )
}

function instantOf(seconds: EpochSeconds | null, otherwise: string): string {
  return seconds === null ? otherwise : new Date(seconds * 1000).toISOString()
}

/** When each of these checks was last acknowledged, by check id. */
export async function lastAcknowledgements(
  db: Database,
  checkIds: readonly string[],
): Promise<ReadonlyMap<string, EpochSeconds>> {
  const rows = await db
    .select({
      checkId: maintenances.checkId,
      at: sql<Date>`max(${maintenances.startsAt})`.mapWith(maintenances.startsAt),
    })
    .from(maintenances)
    .where(
      sql`${maintenances.kind} = 'unscheduled' and ${maintenances.checkId} = any(${sql.param([...checkIds])}::uuid[])`,
    )
    .groupBy(maintenances.checkId)
  return new Map(rows.map(({ checkId, at }) => [checkId, epochSeconds(at)]))
}
