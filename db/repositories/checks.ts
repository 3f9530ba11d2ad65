import { randomUUID } from 'node:crypto'
import { and, asc, eq, getTableColumns, inArray, ne, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet, textRecords } from '#db/record-set.ts'
import { alerts, checks } from '#db/schema/alerts.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { checkKey, type Event } from '#engine/event.ts'
import type { KnownCheck } from '#engine/notify/rollup.ts'
import { type CheckMemory, neverSeen } from '#engine/suppress/check-memory.ts'

/** Checks and their open alerts, by `environment` + `key`, locked until the transaction ends. */
export interface Known {
  readonly checks: ReadonlyMap<string, Check>
  /** By check id. */
  readonly openAlerts: ReadonlyMap<string, Alert>
}

export function knownKey(event: Pick<Event, 'environment' | 'checkKey'>): string {
  return `${event.environment}\n${event.checkKey}`
}

/**
 * Loads what the whole batch needs in two queries. A check never seen before is not stored yet. With `lock` it is stored,
 * and all rows stay locked until the transaction ends: taken in key order, so that two workers with overlapping batches
 * wait for each other instead of deadlocking. `seen` is what a look without a lock found.
 */
export async function loadKnown(
  db: Database,
  events: readonly Event[],
  lock?: { readonly seen: Known },
): Promise<Known> {
  const wanted = new Map(
    events.map((event) => [knownKey(event), lock?.seen.checks.get(knownKey(event)) ?? newCheck(event)]),
  )
  if (wanted.size === 0) return { checks: new Map(), openAlerts: new Map() }
  const places = [...wanted.values()].map(({ environment, key }) => ({ environment, key }))
  if (lock) {
    const unstored = [...wanted.values()].filter((check) => check.memory === neverSeen).sort(byKey)
    if (unstored.length > 0) await db.insert(checks).select(recordSet(checks, unstored)).onConflictDoNothing()
  }
  // In a transaction they run one after the other, so that what is read of alerts is never older than the locks.
  const [rows, open] = await Promise.all([
    listChecks(db, places, lock !== undefined),
    listOpenAlerts(db, places),
  ])
  for (const row of rows) wanted.set(`${row.environment}\n${row.key}`, row)
  return { checks: wanted, openAlerts: new Map(open.map((alert) => [alert.checkId, alert])) }
}

interface Place {
  readonly environment: string
  readonly key: string
}

const isWanted = sql`wanted.environment = ${checks.environment} and wanted.key = ${checks.key}`

function listChecks(db: Database, places: readonly Place[], lock: boolean): Promise<Check[]> {
  const query = db
    .select(getTableColumns(checks))
    .from(checks)
    .innerJoin(textRecords('wanted', ['environment', 'key'], places), isWanted)
  // Not `update`: that would also keep out whoever only refers to a check.
  if (lock)
    return query.orderBy(asc(checks.environment), asc(checks.key)).for('no key update', { of: checks })
  return query
}

function listOpenAlerts(db: Database, places: readonly Place[]): Promise<Alert[]> {
  return db
    .select(getTableColumns(alerts))
    .from(alerts)
    .innerJoin(checks, eq(checks.id, alerts.checkId))
    .innerJoin(textRecords('wanted', ['environment', 'key'], places), isWanted)
    .where(ne(alerts.state, 'RESOLVED'))
}

/** How these checks of one environment stand, by key and without a lock: for summaries that name them. */
export async function loadStandings(
  db: Database,
  environment: string,
  keys: readonly string[],
): Promise<(readonly [key: string, known: KnownCheck])[]> {
  if (keys.length === 0) return []
  const places = keys.map((key) => ({ environment, key }))
  const rows = await db
    .select({ key: checks.key, entity: sql<string>`lower(${checks.entity})`, memory: checks.memory })
    .from(checks)
    .innerJoin(textRecords('wanted', ['environment', 'key'], places), isWanted)
  return rows.map(({ key, ...known }) => [key, known] as const)
}

function byKey(one: Check, other: Check): number {
  return one.environment === other.environment
    ? Number(one.key > other.key) - Number(one.key < other.key)
    : Number(one.environment > other.environment) - Number(one.environment < other.environment)
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
    quietUntilClear: false,
  }
}

export interface CheckPlace {
  readonly environment: string
  readonly entity: string
  readonly check: string
}

/** What a person decides about a check: maintenances, and whether it is watched. Also for one that was never seen yet. */
export async function changeMemory(
  db: Database,
  { environment, entity, check: name }: CheckPlace,
  change: (memory: CheckMemory) => CheckMemory,
): Promise<CheckMemory> {
  const key = checkKey({ entity, check: name })
  return db.transaction(async (tx) => {
    const fresh = {
      id: randomUUID(),
      environment,
      key,
      entity,
      name,
      memory: neverSeen,
      quietUntilClear: false,
    }
    await tx.insert(checks).values(fresh).onConflictDoNothing()
    const [known] = await lockChecks(tx, and(eq(checks.environment, environment), eq(checks.key, key)))
    if (!known) throw new Error(`the check ${key} went away while it was changed`)
    const memory = change(known.memory)
    await tx.update(checks).set({ memory }).where(eq(checks.id, known.id))
    return memory
  })
}

/** Locked in the order in which everybody locks them. */
export function lockChecks(db: Database, which: SQL | undefined): Promise<Check[]> {
  return db
    .select()
    .from(checks)
    .where(which)
    .orderBy(asc(checks.environment), asc(checks.key))
    .for('no key update')
}

/** One statement for the batch, whatever its size. */
export async function saveChecks(db: Database, changed: readonly Check[]): Promise<void> {
  if (changed.length === 0) return
  await db
    .insert(checks)
    .select(recordSet(checks, changed))
    .onConflictDoUpdate({
      target: checks.id,
      set: { memory: sql`excluded.memory`, quietUntilClear: sql`excluded.quiet_until_clear` },
    })
}

export async function quietChecks(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const isFailing = sql`${checks.memory} #>> '{lastChange,state}' <> 'ok'`
  await db
    .update(checks)
    .set({ quietUntilClear: true })
    .where(and(inArray(checks.id, [...ids]), isFailing))
}

export async function saveAlerts(db: Database, changed: readonly Alert[]): Promise<void> {
  if (changed.length === 0) return
  await db
    .insert(alerts)
    .select(recordSet(alerts, changed))
    .onConflictDoUpdate({
      target: alerts.id,
      set: {
        incidentId: sql`excluded.incident_id`,
        state: sql`excluded.state`,
        severity: sql`excluded.severity`,
        summary: sql`excluded.summary`,
        measurement: sql`excluded.measurement`,
        firedAt: sql`excluded.fired_at`,
        acknowledgedAt: sql`excluded.acknowledged_at`,
        acknowledgedBy: sql`excluded.acknowledged_by`,
        resolvedAt: sql`excluded.resolved_at`,
        resolvedBy: sql`excluded.resolved_by`,
        lastNotifiedAt: sql`excluded.last_notified_at`,
      },
    })
}

export async function savePicture(db: Database, alertId: string, picture: Alert['picture']): Promise<void> {
  await db.update(alerts).set({ picture }).where(eq(alerts.id, alertId))
}
