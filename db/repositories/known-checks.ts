import { randomUUID } from 'node:crypto'
import { getTableColumns, inArray, sql, type SQLWrapper } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { fewOf, textLiteral } from '#db/record-set.ts'
import { hole, pairOf, selection, statement } from '#db/statement.ts'
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

/** Loads what the whole batch needs in one query, without a lock. */
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
  const places = {
    rows: wanted.size,
    environments: textLiteral([...wanted.values()].map(({ environment }) => environment)),
    keys: textLiteral([...wanted.values()].map(({ key }) => key)),
  }
  const versions = new Map<string, string>()
  const openAlerts = new Map<string, Alert>()
  const stored: Check[] = []
  for (const { first, second } of await listKnown.run(db, places)) {
    const { version: ofCheck, ...check } = first
    stored.push(check)
    wanted.set(knownKey({ environment: check.environment, checkKey: check.key }), check)
    versions.set(check.id, ofCheck)
    if (!second) continue
    const { version: ofAlert, ...alert } = second
    openAlerts.set(alert.checkId, alert)
    versions.set(alert.id, ofAlert)
  }
  return { checks: wanted, openAlerts, closedAlerts: await listClosedAlerts(db, stored), versions }
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
  const [locked, open] = await Promise.all([
    lockVersions.run(tx, { ids: textLiteral(ids), rows: ids.length }),
    listOpenVersions.run(tx, { ids: textLiteral(ids), rows: ids.length }),
  ])
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

const checkVersion = selection({ id: checks.id, version: version(checks) })
const alertVersion = selection({ id: alerts.id, version: version(alerts) })
const checkRow = selection({ ...getTableColumns(checks), version: version(checks) })
const alertRow = selection({ ...getTableColumns(alerts), version: version(alerts) })

const wantedIds = fewOf(sql`unnest(${hole('ids')}::text[]) as wanted (id)`, 'wanted')
const wantedPlaces = fewOf(
  sql`unnest(${hole('environments')}::text[], ${hole('keys')}::text[]) as wanted (environment, key)`,
  'wanted',
)
export const isWanted = sql`wanted.environment = ${checks.environment} and wanted.key = ${checks.key}`

/** Not `for update`: that would also keep out whoever only refers to a check. */
const lockVersions = statement(
  sql`
    select ${checkVersion.columns} from ${checks} join ${wantedIds} on wanted.id::uuid = ${checks.id}
    order by ${checks.environment}, ${checks.key} for no key update of ${checks}`,
  checkVersion,
)

const listOpenVersions = statement(
  sql`
    select ${alertVersion.columns} from ${alerts} join ${wantedIds} on wanted.id::uuid = ${alerts.checkId}
    where ${alerts.state} <> 'RESOLVED'`,
  alertVersion,
)

const known = pairOf(checkRow, alertRow)
const listKnown = statement(
  sql`
    select ${known.columns} from ${wantedPlaces} join ${checks} on ${isWanted}
    left join ${alerts} on ${alerts.checkId} = ${checks.id} and ${alerts.state} <> 'RESOLVED'`,
  known,
)

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
