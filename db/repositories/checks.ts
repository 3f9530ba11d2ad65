import { randomUUID } from 'node:crypto'
import { and, asc, eq, inArray, isNotNull, isNull, ne, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { changeOf, insertion, textRecords } from '#db/record-set.ts'
import { alerts, checks } from '#db/schema/alerts.ts'
import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import { checkKey } from '#engine/event.ts'
import type { KnownCheck } from '#engine/notify/rollup.ts'
import { type CheckMemory, neverSeen } from '#engine/suppress/check-memory.ts'
import { isWanted, Overtaken } from './known-checks.ts'

export async function findCheck(db: Database, environment: string, key: string): Promise<Check | undefined> {
  const [check] = await db
    .select()
    .from(checks)
    .where(and(eq(checks.environment, environment), eq(checks.key, key)))
  return check
}

export async function findCheckById(db: Database, id: string): Promise<Check | undefined> {
  const [check] = await db.select().from(checks).where(eq(checks.id, id))
  return check
}

export function listOpenAlertsOf(db: Database, checkIds: readonly string[]): Promise<Alert[]> {
  return db
    .select()
    .from(alerts)
    .where(and(inArray(alerts.checkId, [...checkIds]), ne(alerts.state, 'RESOLVED')))
}

/** How these checks of one environment stand, by key and without a lock: for summaries that name them. */
export async function loadStandings(
  db: Database,
  environment: string,
  keys: readonly string[],
): Promise<(readonly [key: string, known: KnownCheck & { readonly ruleId: string | null }])[]> {
  if (keys.length === 0) return []
  const places = keys.map((key) => ({ environment, key }))
  const rows = await db
    .select({
      key: checks.key,
      entity: sql<string>`lower(${checks.entity})`,
      memory: checks.memory,
      ruleId: checks.ruleId,
    })
    .from(checks)
    .innerJoin(textRecords('wanted', ['environment', 'key'], places), isWanted)
  return rows.map(({ key, ...known }) => [key, known] as const)
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
      closed: null,
      flapping: null,
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

/** Checks never stored before. Throws `Overtaken`. */
export async function insertChecks(tx: Database, fresh: readonly Check[]): Promise<void> {
  const inserted = await insertUnknown(tx, fresh)
  if (inserted.length < fresh.length) throw new Overtaken('another worker saw these checks first')
}

const insertUnknown = insertion(checks, sql`on conflict do nothing returning id`)

/** One statement for the batch, whatever its size. */
export const saveChecks: (db: Database, changed: readonly Check[]) => Promise<void> = changeOf(checks, [
  'memory',
  'closed',
  'flapping',
])

/** Closed by hand, still failing, and their time is over. Rules say by themselves how it stands. */
export async function listDueReopenings(
  db: Database,
  now: EpochSeconds,
  limit: number,
): Promise<{ check: Check; alert: Alert }[]> {
  const reopensAt = sql`(closed ->> 'reopensAt')::bigint`
  return db
    .select({ check: checks, alert: alerts })
    .from(checks)
    .innerJoin(alerts, sql`${alerts.id} = (${checks.closed} ->> 'alertId')::uuid`)
    .where(and(isNotNull(checks.closed), sql`${reopensAt} <= ${now}`, isNull(checks.ruleId)))
    .orderBy(reopensAt)
    .limit(limit)
}

/** Flapping, and calm for long enough. */
export async function listCalmed(
  db: Database,
  now: EpochSeconds,
  limit: number,
): Promise<{ check: Check; alert: Alert }[]> {
  const until = sql`(flapping ->> 'until')::bigint`
  return db
    .select({ check: checks, alert: alerts })
    .from(checks)
    .innerJoin(alerts, sql`${alerts.id} = (${checks.flapping} ->> 'alertId')::uuid`)
    .where(and(isNotNull(checks.flapping), sql`${until} <= ${now}`))
    .orderBy(until)
    .limit(limit)
}

export const insertAlerts: (db: Database, fresh: readonly Alert[]) => Promise<unknown> = insertion(alerts)

/** All that may change in the life of an alert. */
export const saveAlerts: (db: Database, changed: readonly Alert[]) => Promise<void> = changeOf(alerts, [
  'incidentId',
  'state',
  'severity',
  'summary',
  'measurement',
  'facts',
  'startedAt',
  'firedAt',
  'acknowledgedAt',
  'acknowledgedBy',
  'resolvedAt',
  'resolvedBy',
  'lastNotifiedAt',
])

export async function savePicture(db: Database, alertId: string, picture: Alert['picture']): Promise<void> {
  await db.update(alerts).set({ picture }).where(eq(alerts.id, alertId))
}
