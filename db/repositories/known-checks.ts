import { randomUUID } from 'node:crypto'
import { asc, eq, getTableColumns, inArray, ne, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textRecords } from '#db/record-set.ts'
import { alerts, checks } from '#db/schema/alerts.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import type { Event } from '#engine/event.ts'
import { neverSeen } from '#engine/suppress/check-memory.ts'

/** Another worker stored a check of this batch first: what was decided has to be decided again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

/** Checks and their open alerts, as they were when they were looked at. */
export interface Known {
  /** By `environment` + `key`. One that is not stored yet is there as it will be made. */
  readonly checks: ReadonlyMap<string, Check>
  /** By check id. */
  readonly openAlerts: ReadonlyMap<string, Alert>
  /** The alerts that were closed by hand while their checks still fail, and those that flapping ones go on with, by check id. */
  readonly closedAlerts: ReadonlyMap<string, Alert>
  /** Which version of each stored check and alert this is, by its id. */
  readonly versions: ReadonlyMap<string, string>
}

export function knownKey(event: Pick<Event, 'environment' | 'checkKey'>): string {
  return `${event.environment}\n${event.checkKey}`
}

/** Loads what the whole batch needs in two queries, without a lock. */
export async function loadKnown(db: Database, events: readonly Event[]): Promise<Known> {
  const wanted = new Map<string, Check>()
  for (const event of events) {
    const key = knownKey(event)
    if (!wanted.has(key)) wanted.set(key, newCheck(event))
  }
  return lookAgain(db, wanted)
}

async function lookAgain(db: Database, checksByKey: ReadonlyMap<string, Check>): Promise<Known> {
  const wanted = new Map(checksByKey)
  if (wanted.size === 0)
    return { checks: wanted, openAlerts: new Map(), closedAlerts: new Map(), versions: new Map() }
  const places = [...wanted.values()].map(({ environment, key }) => ({ environment, key }))
  const [rows, open] = await Promise.all([listChecks(db, places), listOpenAlerts(db, places)])
  const versions = new Map<string, string>()
  const openAlerts = new Map<string, Alert>()
  for (const { version, ...check } of rows) {
    wanted.set(knownKey({ environment: check.environment, checkKey: check.key }), check)
    versions.set(check.id, version)
  }
  for (const { version, ...alert } of open) {
    openAlerts.set(alert.checkId, alert)
    versions.set(alert.id, version)
  }
  return { checks: wanted, openAlerts, closedAlerts: await listClosedAlerts(db, rows), versions }
}

async function listClosedAlerts(db: Database, among: readonly Check[]): Promise<Map<string, Alert>> {
  const ids = among.flatMap(({ closed, flapping }) => (closed ?? flapping)?.alertId ?? [])
  const found = ids.length === 0 ? [] : await db.select().from(alerts).where(inArray(alerts.id, ids))
  return new Map(found.map((alert) => [alert.checkId, alert]))
}

/**
 * Locks the stored ones until the transaction ends: in key order, so that two workers with overlapping batches wait for
 * each other instead of deadlocking. Mostly nobody came in between, and what was seen is what is there; else it is read
 * again. Throws `Overtaken`.
 */
export async function lockKnown(tx: Database, seen: Known): Promise<Known> {
  const ids = [...seen.checks.values()].filter(({ id }) => seen.versions.has(id)).map(({ id }) => id)
  if (ids.length === 0) return seen
  // One after the other, so that what is read of alerts is never older than the locks.
  const [locked, open] = await Promise.all([lockVersions(tx, ids), listOpenVersions(tx, ids)])
  const current = [...locked, ...open]
  const isSame = ({ id, version }: Version) => seen.versions.get(id) === version
  if (current.length === seen.versions.size && current.every(isSame)) return seen
  const again = await lookAgain(tx, seen.checks)
  // One that was stored meanwhile is not locked: what is decided of it could be undone by whoever stored it.
  const isUnlocked = ({ id }: Check) => again.versions.has(id) && !seen.versions.has(id)
  if ([...again.checks.values()].some(isUnlocked))
    throw new Overtaken('another worker saw these checks first')
  return again
}

interface Version {
  readonly id: string
  readonly version: string
}

/** PostgreSQL writes every version of a row under the number of the transaction that made it. */
const version = (table: SQLWrapper) => sql<string>`${table}.xmin::text`

/** Not `for update`: that would also keep out whoever only refers to a check. */
function lockVersions(tx: Database, ids: readonly string[]): Promise<Version[]> {
  return tx
    .select({ id: checks.id, version: version(checks) })
    .from(checks)
    .innerJoin(idRecords(ids), isOf(checks.id))
    .orderBy(asc(checks.environment), asc(checks.key))
    .for('no key update', { of: checks })
}

function listOpenVersions(tx: Database, checkIds: readonly string[]): Promise<Version[]> {
  return tx
    .select({ id: alerts.id, version: version(alerts) })
    .from(alerts)
    .innerJoin(idRecords(checkIds), isOf(alerts.checkId))
    .where(ne(alerts.state, 'RESOLVED'))
}

function idRecords(ids: readonly string[]): SQL {
  return textRecords(
    'wanted',
    ['id'],
    ids.map((id) => ({ id })),
  )
}

function isOf(column: SQLWrapper): SQL {
  return sql`wanted.id::uuid = ${column}`
}

interface Place {
  readonly environment: string
  readonly key: string
}

export const isWanted = sql`wanted.environment = ${checks.environment} and wanted.key = ${checks.key}`

function listChecks(db: Database, places: readonly Place[]): Promise<(Check & { version: string })[]> {
  return db
    .select({ ...getTableColumns(checks), version: version(checks) })
    .from(checks)
    .innerJoin(textRecords('wanted', ['environment', 'key'], places), isWanted)
}

function listOpenAlerts(db: Database, places: readonly Place[]): Promise<(Alert & { version: string })[]> {
  return db
    .select({ ...getTableColumns(alerts), version: version(alerts) })
    .from(alerts)
    .innerJoin(checks, eq(checks.id, alerts.checkId))
    .innerJoin(textRecords('wanted', ['environment', 'key'], places), isWanted)
    .where(ne(alerts.state, 'RESOLVED'))
}

function newCheck(event: Event): Check {
  return {
    id: randomUUID(),
    environment: event.environment,
    key: event.checkKey,
    entity: event.entity,
    name: event.check,
    ruleId: event.ruleId ?? null,
    memory: neverSeen,
    closed: null,
    flapping: null,
  }
}
