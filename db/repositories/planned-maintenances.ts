import { and, asc, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { checks, entityOfKey } from '#db/schema/alerts.ts'
import { maintenances } from '#db/schema/check-history.ts'
import type { Actor } from '#engine/person.ts'
import type { PlannedMaintenance } from '#engine/suppress/maintenance-plan.ts'

export async function findPlannedMaintenance(
  db: Database,
  id: string,
): Promise<PlannedMaintenance | undefined> {
  const [found] = await listPlanned(db, eq(maintenances.id, id), 1)
  return found
}

/** Running and to come, what begins first first. */
export function listPlannedMaintenances(
  db: Database,
  environment: string,
  now: Date,
  limit: number,
): Promise<PlannedMaintenance[]> {
  return listPlanned(db, and(eq(maintenances.environment, environment), gt(maintenances.endsAt, now)), limit)
}

/** By the beginning of their id, among those that are not over; at most two, so that one can be told from many. */
export function findPlannedByPrefix(
  db: Database,
  environment: string,
  { prefix, now }: { readonly prefix: string; readonly now: Date },
): Promise<PlannedMaintenance[]> {
  const isIt = sql`starts_with(${maintenances.id}::text, ${prefix})`
  return listPlanned(
    db,
    and(eq(maintenances.environment, environment), gt(maintenances.endsAt, now), isIt),
    2,
  )
}

function listPlanned(db: Database, where: SQL | undefined, limit: number): Promise<PlannedMaintenance[]> {
  return db
    .select({
      id: maintenances.id,
      environment: maintenances.environment,
      startsAt: maintenances.startsAt,
      endsAt: sql<Date>`max(${maintenances.endsAt})`.mapWith(maintenances.endsAt),
      summary: sql<string | null>`min(${maintenances.summary})`,
      createdBy: sql<Actor | null>`(array_agg(${maintenances.createdBy}))[1]`,
      checks: sql<
        PlannedMaintenance['checks']
      >`to_jsonb((array_agg(jsonb_build_object('entity', ${checks.entity}, 'name', ${checks.name}) order by ${checks.key}))[1:3])`,
      checkCount: sql<number>`count(*)::int`,
      entityCount: sql<number>`count(distinct ${entityOfKey(checks)})::int`,
    })
    .from(maintenances)
    .innerJoin(checks, eq(checks.id, maintenances.checkId))
    .where(and(eq(maintenances.kind, 'scheduled'), gt(maintenances.endsAt, maintenances.startsAt), where))
    .groupBy(maintenances.id, maintenances.environment, maintenances.startsAt)
    .orderBy(asc(maintenances.startsAt), asc(maintenances.id))
    .limit(limit)
}
