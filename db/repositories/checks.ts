import { randomUUID } from 'node:crypto'
import { and, asc, eq, inArray, ne, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts, checks } from '#db/schema/alerts.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { checkKey, type Event } from '#engine/event.ts'

/** Checks and their open alerts, by `environment` + `key`, locked until the transaction ends. */
export interface Known {
  readonly checks: ReadonlyMap<string, Check>
  /** By check id. */
  readonly openAlerts: ReadonlyMap<string, Alert>
}

export function knownKey(event: Pick<Event, 'environment' | 'entity' | 'check'>): string {
  return `${event.environment}\n${checkKey(event)}`
}

/**
 * Loads what the whole batch needs in two queries. A check never seen before counts as ok and is not stored yet.
 * With `lock` it is stored, and all rows stay locked until the transaction ends: taken in key order, so that two workers
 * with overlapping batches wait for each other instead of deadlocking.
 */
export async function loadKnown(
  db: Database,
  events: readonly Event[],
  options: { now: Date; lock: boolean },
): Promise<Known> {
  const unseen = [
    ...new Map(events.map((event) => [knownKey(event), newCheck(event, options.now)])).values(),
  ].sort(byKey)
  if (unseen.length === 0) return { checks: new Map(), openAlerts: new Map() }
  if (options.lock) await db.insert(checks).values(unseen).onConflictDoNothing()
  const rows = await listChecks(db, unseen, options.lock)
  const ids = rows.map((row) => row.id)
  const open = await db
    .select()
    .from(alerts)
    .where(and(inArray(alerts.checkId, ids), ne(alerts.state, 'RESOLVED')))
  return {
    checks: new Map([...unseen, ...rows].map((check) => [`${check.environment}\n${check.key}`, check])),
    openAlerts: new Map(open.map((alert) => [alert.checkId, alert])),
  }
}

async function listChecks(db: Database, wanted: readonly Check[], lock: boolean): Promise<Check[]> {
  const pairs = wanted.map((check) => sql`(${check.environment}, ${check.key})`)
  const query = db
    .select()
    .from(checks)
    .where(sql`(${checks.environment}, ${checks.key}) in (${sql.join(pairs, sql`, `)})`)
    .orderBy(asc(checks.environment), asc(checks.key))
  // Not `update`: that would also keep out whoever only refers to a check.
  return lock ? query.for('no key update') : query
}

function byKey(one: Check, other: Check): number {
  return one.environment === other.environment
    ? Number(one.key > other.key) - Number(one.key < other.key)
    : Number(one.environment > other.environment) - Number(one.environment < other.environment)
}

function newCheck(event: Event, now: Date): Check {
  return {
    id: randomUUID(),
    environment: event.environment,
    key: checkKey(event),
    entity: event.entity,
    name: event.check,
    ruleId: event.ruleId ?? null,
    state: 'ok',
    lastChangeAt: now,
    lastSeenAt: now,
    quietUntilClear: false,
  }
}

/** One statement for the batch, whatever its size. */
export async function saveChecks(db: Database, changed: readonly Check[]): Promise<void> {
  if (changed.length === 0) return
  await db
    .insert(checks)
    .values([...changed])
    .onConflictDoUpdate({
      target: checks.id,
      set: {
        state: sql`excluded.state`,
        lastChangeAt: sql`excluded.last_change_at`,
        lastSeenAt: sql`excluded.last_seen_at`,
        quietUntilClear: sql`excluded.quiet_until_clear`,
      },
    })
}

export async function quietChecks(db: Database, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await db
    .update(checks)
    .set({ quietUntilClear: true })
    .where(and(inArray(checks.id, [...ids]), ne(checks.state, 'ok')))
}

export async function saveAlerts(db: Database, changed: readonly Alert[]): Promise<void> {
  if (changed.length === 0) return
  await db
    .insert(alerts)
    .values([...changed])
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
