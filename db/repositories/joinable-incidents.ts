import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alerts, incidents } from '#db/schema/alerts.ts'
import type { Alert } from '#engine/alert.ts'
import { isWorse, type Severity } from '#engine/event.ts'
import { isFiringAmong } from './alert-states.ts'
import { type SharedIncident, stillJoinable } from '#engine/dispatch/together.ts'

/** An alert that fires, and what it shares with others of its incident. */
export interface Joiner {
  readonly alert: Alert
  readonly shared: SharedIncident
}

/** The incident alerts join: a new one, or one that is open with the worst severity it had before. */
export interface JoinedIncident {
  readonly id: string
  readonly environment: string
  readonly alerts: readonly Alert[]
  readonly worstBefore: Severity | undefined
}

/**
 * Finds the open incident of each key, or makes one. Nobody else joins or makes one of these keys until the transaction ends. One
 * whose window has passed takes no more: the next alert is a new incident.
 */
export async function joinIncidents(
  tx: Database,
  joiners: readonly Joiner[],
  now: Date,
): Promise<readonly JoinedIncident[]> {
  if (joiners.length === 0) return []
  const groups = [...Map.groupBy(joiners, placeOf).entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, some]) => some)
  await lockPlaces(tx, groups)
  const open = await findOpen(tx, groups)
  const joined = groups.flatMap(([first, ...rest]) =>
    first ? joinOne(open.get(placeOf(first)), [first, ...rest], now) : [],
  )
  await writeDown(tx, joined, now)
  return joined.map(({ incident }) => incident)
}

function placeOf({ alert: { environment }, shared: { key } }: Joiner): string {
  return `${environment} ${key}`
}

async function lockPlaces(tx: Database, groups: readonly (readonly Joiner[])[]): Promise<void> {
  const places = textArray(groups.flatMap(([first]) => (first ? placeOf(first) : [])))
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(place, 3)) from unnest(${places}) with ordinality as places (place, position) order by position`,
  )
}

interface OpenRow extends Record<string, unknown> {
  readonly id: string
  readonly environment: string
  readonly group_key: string
  readonly opened_at: string
  readonly last_joined_at: string
  readonly severities: Severity[]
}

async function findOpen(
  tx: Database,
  groups: readonly (readonly Joiner[])[],
): Promise<ReadonlyMap<string, OpenRow>> {
  const firsts = groups.flatMap(([first]) => first ?? [])
  const rows = await tx.execute<OpenRow>(sql`
    select ${incidents.id}, ${incidents.environment}, group_key, opened_at, last_joined_at,
      (select array_agg(distinct ${alerts.severity}) from ${alerts} where ${alerts.incidentId} = ${incidents.id}) as severities
    from ${incidents} join unnest(
      ${textArray(firsts.map(({ alert }) => alert.environment))}, ${textArray(firsts.map(({ shared }) => shared.key))}
    ) as wanted (environment, key) on ${incidents.environment} = wanted.environment and group_key = wanted.key
    order by ${incidents.id} for update of incidents`)
  return new Map(rows.map((row) => [`${row.environment} ${row.group_key}`, row]))
}

interface Joined {
  readonly incident: JoinedIncident
  readonly key: string
  /** Takes no more alerts from now on. */
  readonly sealed: string | undefined
}

function joinOne(open: OpenRow | undefined, joiners: readonly [Joiner, ...Joiner[]], now: Date): Joined {
  const [{ alert, shared }] = joiners
  const { environment } = alert
  const alertsOfIt = joiners.map((one) => one.alert)
  const isOpen =
    open !== undefined &&
    stillJoinable(
      { openedAt: new Date(open.opened_at), lastJoinedAt: new Date(open.last_joined_at) },
      shared,
      now,
    )
  const incident = isOpen
    ? { id: open.id, environment, alerts: alertsOfIt, worstBefore: worst(open.severities) }
    : { id: randomUUID(), environment, alerts: alertsOfIt, worstBefore: undefined }
  return { incident, key: shared.key, sealed: isOpen ? undefined : open?.id }
}

function worst(severities: readonly Severity[]): Severity | undefined {
  return severities.reduce<Severity | undefined>(
    (most, one) => (most === undefined || isWorse(one, most) ? one : most),
    undefined,
  )
}

async function writeDown(tx: Database, joined: readonly Joined[], now: Date): Promise<void> {
  const instant = sql`${now.toISOString()}::timestamptz`
  const ids = (some: readonly string[]) => sql`(select unnest(${textArray(some)})::uuid)`
  const sealed = joined.flatMap((one) => one.sealed ?? [])
  const known = joined.flatMap(({ incident }) => (incident.worstBefore === undefined ? [] : incident.id))
  const fresh = joined.filter(({ incident }) => incident.worstBefore === undefined)
  if (sealed.length > 0)
    await tx.execute(sql`update ${incidents} set group_key = null where id in ${ids(sealed)}`)
  if (known.length > 0)
    await tx.execute(sql`update ${incidents} set last_joined_at = ${instant} where id in ${ids(known)}`)
  if (fresh.length === 0) return
  await tx.execute(sql`
    insert into ${incidents} (id, environment, opened_at, group_key, last_joined_at)
    select id::uuid, environment, ${instant}, key, ${instant}
    from unnest(
      ${textArray(fresh.map(({ incident }) => incident.id))}, ${textArray(fresh.map(({ incident }) => incident.environment))},
      ${textArray(fresh.map(({ key }) => key))}) as fresh (id, environment, key)`)
}

/** Before one is closed: an alert that joins it at this moment must have joined, or find it closed. */
export async function lockShared(tx: Database, resolved: readonly Alert[]): Promise<void> {
  const ids = resolved.flatMap(({ sharesIncident, incidentId }) => (sharesIncident ? (incidentId ?? []) : []))
  if (ids.length === 0) return
  await tx.execute(
    sql`select from ${incidents} where id in (select unnest(${textArray(ids)})::uuid) order by id for update`,
  )
}

/** Of these incidents those where something else fires than these alerts. */
export async function listStillFiring(
  tx: Database,
  incidentIds: readonly string[],
  exceptAlerts: readonly string[],
): Promise<ReadonlySet<string>> {
  if (incidentIds.length === 0) return new Set()
  const rows = await tx.execute<{ incident_id: string }>(sql`
    select distinct ${alerts.incidentId} as incident_id from ${alerts}
    where ${alerts.incidentId} = any(${textArray(incidentIds)}::uuid[]) and ${isFiringAmong(alerts.state)}
      and ${alerts.id} not in (select unnest(${textArray(exceptAlerts)})::uuid)`)
  return new Set(rows.map((row) => row.incident_id))
}
