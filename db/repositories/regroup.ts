import { and, eq, inArray, ne, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alerts, checks } from '#db/schema/alerts.ts'
import { alertGroupMembers, alertGroups } from '#db/schema/dispatch.ts'
import { destine, routedAs, type Routes } from '#engine/dispatch/join.ts'
import { groupOf, type Joining, joiningOf, joinGroups } from './joining-groups.ts'

/**
 * Everything that fires goes into the groups of a new routing, as if it had fired now. Groups that are in the old and the
 * new one keep what they told and their ticks; what is in no group any more is told by nobody.
 */
export async function regroup(
  tx: Database,
  environment: string,
  routes: Routes | undefined,
  now: Date,
): Promise<void> {
  const destined = routes ? await destinedBy(tx, environment, routes) : []
  await leaveGroups(tx, environment, destined)
  const firing = destined.filter(({ alert }) => alert.state === 'FIRING')
  await joinGroups(tx, firing, { now, leaseMs: 0 })
}

/** Of what fires, and of what has ended and is not told yet. */
async function destinedBy(tx: Database, environment: string, routes: Routes): Promise<Joining[]> {
  const grouped = tx.select({ id: alertGroupMembers.alertId }).from(alertGroupMembers)
  const rows = await tx
    .select({ alert: alerts, check: { name: checks.name } })
    .from(alerts)
    .innerJoin(checks, eq(checks.id, alerts.checkId))
    .where(
      and(eq(alerts.environment, environment), or(ne(alerts.state, 'RESOLVED'), inArray(alerts.id, grouped))),
    )
  return rows.flatMap(({ alert, check }) => {
    const routed = routedAs(alert, check)
    return destine(routes, routed).groups.map((group) => joiningOf(alert, routed, group))
  })
}

async function leaveGroups(tx: Database, environment: string, destined: readonly Joining[]): Promise<void> {
  const places = [...new Set(destined.map((one) => JSON.stringify([groupOf(one), one.alert.id])))].map(
    (text) => JSON.parse(text) as [string, string],
  )
  const groupName = sql`${alertGroups.environment} || E'\\n' || ${alertGroups.receiver} || E'\\n' || ${alertGroups.key}`
  await tx.execute(sql`
    delete from ${alertGroupMembers} using ${alertGroups}
    where ${alertGroups.id} = ${alertGroupMembers.groupId} and ${alertGroups.environment} = ${environment}
      and not exists (
        select from unnest(${textArray(places.map(([group]) => group))}, ${textArray(places.map(([, id]) => id))}) as place (name, alert_id)
        where place.alert_id = ${alertGroupMembers.alertId}::text and place.name = ${groupName})`)
  await tx.execute(sql`
    delete from ${alertGroups} where ${alertGroups.environment} = ${environment}
      and not exists (select from ${alertGroupMembers} where ${alertGroupMembers.groupId} = ${alertGroups.id})`)
}
