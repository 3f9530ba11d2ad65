import { asc, count, desc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import { fewOf, textLiteral } from '#db/record-set.ts'
import { hole, statement } from '#db/statement.ts'
import { alerts, checks, incidents } from '#db/schema/alerts.ts'
import type { Check } from '#engine/check.ts'
import { type DecisionSettings, defaultDecisionSettings } from '#engine/decision-settings.ts'
import type { Decide, Decision } from '#engine/incident/decide.ts'
import type { Incident } from '#engine/incident/incident.ts'
import { reasonFor } from '#engine/notify/plan.ts'
import { isFiringAmong, isOpenAmong } from './alert-states.ts'
import { type IncidentRow, withAlerts } from './incident-alerts.ts'
import { lockShared } from './joinable-incidents.ts'
import { touchGroups } from './joining-groups.ts'
import { lockChecks, saveAlerts } from './checks.ts'
import { acknowledgeChecks, closeChecks, endAcknowledgements, type HeldChecks } from './changed-checks.ts'
import type { SaveTold } from './contact-alerts.ts'
import type { Storyline } from './contact-notifications.ts'
import { type Queued, recordNews } from './notifications.ts'
import { saveSilence } from './silences.ts'
import { touchWatches } from './touch-watches.ts'

interface Changed {
  readonly decision: Decision
  /** To be announced to the delivery workers after the transaction. */
  readonly notificationIds: readonly string[]
}

/** The one way a person changes an incident: lock, decide, save, record and queue every edit, in one transaction. */
export async function changeIncident(
  db: Database,
  number: number,
  decide: Decide,
  { now, settings = defaultDecisionSettings }: { now: Date; settings?: DecisionSettings },
): Promise<Changed> {
  return db.transaction((tx) => changeIncidentWithin(tx, number, decide, { now, settings }))
}

/** The same inside a transaction of the caller's. */
export async function changeIncidentWithin(
  tx: Database,
  number: number,
  decide: Decide,
  { now, settings }: { now: Date; settings: DecisionSettings },
): Promise<Changed> {
  // Lock before deciding: two people may click within the same second, and the evaluator may be about to write.
  const held = await lockChecksOf(tx, number)
  const { row, incident } = await loadIncident(tx, number)
  const decision = decide(withStanding(incident, held))
  if (decision.kind === 'refused') return { decision, notificationIds: [] }
  return { decision, notificationIds: await carryOut(tx, { row, held, now, settings }, decision) }
}

export async function loadIncident(
  db: Database,
  number: number,
): Promise<{ row: IncidentRow; incident: Incident }> {
  const [row] = await db.select().from(incidents).where(eq(incidents.number, number))
  if (!row) throw new NotFound(`alert #${number}`)
  const [incident] = await withAlerts(db, [row])
  return { row, incident: incident as Incident }
}

/** The locks the evaluator takes first too, in the same order: whoever changes an alert holds its check. */
export function lockChecksOf(tx: Database, number: number): Promise<Check[]> {
  const checkIds = tx
    .select({ id: alerts.checkId })
    .from(alerts)
    .innerJoin(incidents, eq(incidents.id, alerts.incidentId))
    .where(eq(incidents.number, number))
  return lockChecks(tx, inArray(checks.id, checkIds))
}

type Change = Extract<Decision, { kind: 'changed' }>

interface Held extends HeldChecks {
  readonly row: IncidentRow
}

async function carryOut(tx: Database, place: Held, change: Change): Promise<string[]> {
  const { row, now } = place
  const { kind } = change.entry
  const saves: SaveTold[] = []
  if (kind === 'acknowledged') saves.push(await acknowledgeChecks(tx, place, change))
  if (kind === 'unacknowledged') await endAcknowledgements(tx, place, change)
  if (change.closes) saves.push(await closeChecks(tx, place, change, change.closes.reopensAt))
  await saveAlerts(tx, change.alerts)
  if (change.silence) await saveSilence(tx, change.silence, now)
  const resolved = change.alerts.filter(({ state }) => state === 'RESOLVED')
  await touchGroups(
    tx,
    resolved.map(({ id }) => id),
    now,
  )
  await touchWatches(tx, [row.id], now)
  await lockShared(tx, resolved)
  await closeFinished(tx, [row.id], now)
  const reason = reasonFor(kind)
  const told = await recordNews(tx, [{ incidentId: row.id, entry: change.entry, reason }], now)
  const queued: Queued[] = [...told.queued]
  const [entryId = null] = told.entryIds
  const story: Storyline = {
    incidentOf: ({ incidentId }) => incidentId,
    newsOf: () => [{ reason, entryId }],
  }
  for (const save of saves) queued.push(...(await save(story)))
  return queued.map(({ id }) => id)
}

/** Whether one of its alerts was closed by hand and its check fails on, or is flapping. */
export function withStanding(incident: Incident, itsChecks: readonly Standing[]): Incident {
  const ids = new Set(incident.alerts.map(({ id }) => id))
  const isIts = ({ alertId }: { readonly alertId: string }) => ids.has(alertId)
  const closed = itsChecks.flatMap((check) => check.closed ?? []).find(isIts)
  const flapping = itsChecks.flatMap((check) => check.flapping ?? []).find(isIts)
  if (!closed) return flapping ? { ...incident, flapping } : incident
  const { reopensAt } = closed
  return { ...incident, stillFails: { reopensAt: reopensAt === null ? null : new Date(reopensAt * 1000) } }
}

export type Standing = Pick<Check, 'closed' | 'flapping'>

/** → their numbers, by id. */
export async function insertIncidents(
  db: Database,
  fresh: readonly { id: string; environment: string; openedAt: Date }[],
): Promise<ReadonlyMap<string, number>> {
  if (fresh.length === 0) return new Map()
  const rows = await insertFresh.run(db, {
    ids: textLiteral(fresh.map(({ id }) => id)),
    environments: textLiteral(fresh.map(({ environment }) => environment)),
    instants: textLiteral(fresh.map(({ openedAt }) => openedAt.toISOString())),
  })
  return new Map(rows.map(({ id, number }) => [id, number]))
}

const insertFresh = statement<{ id: string; number: number }>(sql`
  insert into ${incidents} (id, environment, opened_at)
  select id::uuid, environment, opened_at::timestamptz
  from unnest(${hole('ids')}::text[], ${hole('environments')}::text[], ${hole('instants')}::text[])
    as fresh (id, environment, opened_at)
  returning id, number`)

/** What was closed by hand and fails on is the same incident again. */
export async function reopenIncidents(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db
    .update(incidents)
    .set({ closedAt: null })
    .where(inArray(incidents.id, [...ids]))
}

/** Closes those whose alerts are all resolved, and reopens none: a new episode is a new incident. */
export async function closeFinished(db: Database, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return
  await close.run(db, { now: now.toISOString(), ids: textLiteral(ids), rows: ids.length })
}

/**
 * Each is looked up by its id, and not among all that are open. A scalar subquery is looked up for each incident; `not exists` may be
 * planned as a look at every alert there is.
 */
const close = statement(sql`
  update ${incidents} set closed_at = ${hole('now')}::timestamptz, group_key = null
  from ${fewOf(sql`unnest(${hole('ids')}::text[]) as ended (id)`, 'ended')}
  where ${incidents.id} = ended.id::uuid and case when ${incidents.closedAt} is null then true end
    and (select 1 from ${alerts} where ${alerts.incidentId} = ended.id::uuid and ${isFiringAmong(alerts.state)} limit 1) is null`)

export type IncidentFilter = 'open' | 'firing' | 'acknowledged' | 'resolved'

export interface IncidentPage {
  readonly incidents: readonly Incident[]
  readonly total: number
}

/** Worst first while open, newest first once resolved. */
export async function listIncidents(
  db: Database,
  only: IncidentFilter,
  limit: number,
): Promise<IncidentPage> {
  const where = filters[only]
  const rank = sql`(select min(case a.severity when 'CRITICAL' then 0 when 'WARNING' then 1 else 2 end) from ${alerts} a where a.incident_id = ${incidents.id} and ${isOpenAmong(sql`a.state`)})`
  const order =
    only === 'resolved'
      ? [desc(incidents.closedAt), desc(incidents.number)]
      : [asc(rank), asc(incidents.openedAt), asc(incidents.number)]
  const rows = await db
    .select()
    .from(incidents)
    .where(where)
    .orderBy(...order)
    .limit(limit)
  const [total] = await db.select({ incidents: count() }).from(incidents).where(where)
  return { incidents: await withAlerts(db, rows), total: total?.incidents ?? 0 }
}

const unacknowledged = sql`exists (select 1 from ${alerts} a where a.incident_id = ${incidents.id} and ${isFiringAmong(sql`a.state`)} and a.acknowledged_at is null)`

const filters: Record<IncidentFilter, SQL> = {
  open: sql`${incidents.closedAt} is null`,
  firing: sql`${incidents.closedAt} is null and ${unacknowledged}`,
  acknowledged: sql`${incidents.closedAt} is null and not ${unacknowledged}`,
  resolved: sql`${incidents.closedAt} is not null`,
}
