import { randomUUID } from 'node:crypto'
import { and, desc, eq, gt, inArray, lte, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import { checks } from '#db/schema/alerts.ts'
import { maintenances } from '#db/schema/check-history.ts'
import { historyOf, type MaintenanceKind } from '#engine/advance/history.ts'
import type { Check } from '#engine/check.ts'
import { type EpochSeconds, epochSeconds } from '#engine/epoch-seconds.ts'
import type { Actor } from '#engine/person.ts'
import { endUnscheduledMaintenance } from '#engine/suppress/acknowledgement.ts'
import type { CheckMemory, MaintenanceWindow } from '#engine/suppress/check-memory.ts'
import { endScheduledMaintenance, scheduleMaintenance } from '#engine/suppress/maintenance.ts'
import { recordHistory, recordMaintenances } from './check-history.ts'
import { type CheckTargets, holdTargets } from './check-targets.ts'
import { lockChecks, saveChecks } from './checks.ts'
import { hurryMaintenances, watchMaintenances } from './maintenance-turns.ts'

/** One maintenance of one or many checks. */
export interface Maintenance {
  readonly id: string
  readonly kind: MaintenanceKind
  readonly startsAt: Date
  /** The latest of its checks'. */
  readonly endsAt: Date
  readonly summary: string | null
  /** null = an event. */
  readonly createdBy: Actor | null
  readonly checks: readonly Pick<Check, 'entity' | 'name'>[]
}

interface MaintenanceOrder {
  readonly targets: CheckTargets
  readonly windows: readonly MaintenanceWindow[]
  readonly by: Actor | null
}

type MaintenanceOutcome =
  | {
      readonly kind: 'changed'
      /** One for each window that was asked for. */
      readonly ids: readonly string[]
      readonly checks: readonly Check[]
      /** What is said of it in the chats; to be announced. */
      readonly notificationIds: readonly string[]
    }
  | { readonly kind: 'refused'; readonly because: string }

/**
 * Nobody hears of these checks in these windows. In force from the next event on; one that is over already is only kept
 * for the reports. Throws NotFound where an entity or a check is unknown.
 */
export async function scheduleMaintenances(
  db: Database,
  { targets, windows, by }: MaintenanceOrder,
  now: Date,
): Promise<MaintenanceOutcome> {
  const empty = windows.find(({ startsAt, endsAt }) => endsAt <= startsAt)
  if (empty)
    return {
      kind: 'refused',
      because: 'A maintenance must end after it starts; give a duration of at least one second.',
    }
  return db.transaction(async (tx) => {
    const held = await holdTargets(tx, targets, 'store')
    const seconds = epochSeconds(now)
    const schedule = (memory: CheckMemory) =>
      windows.reduce((changed, window) => {
        const change = scheduleMaintenance(changed, window, seconds)
        return change.kind === 'changed' ? change.memory : changed
      }, memory)
    await saveChecks(
      tx,
      held.map((check) => ({ ...check, memory: schedule(check.memory) })),
    )
    const ids = new Map(windows.map(({ startsAt }) => [startsAt, randomUUID() as string]))
    const spans = [...new Map(windows.map((window) => [window.startsAt, window])).values()].flatMap(
      (window) =>
        held.map((check) => ({
          ...window,
          checkId: check.id,
          environment: check.environment,
          kind: 'scheduled' as const,
        })),
    )
    await recordMaintenances(tx, spans, {
      idOf: ({ startsAt }) => ids.get(startsAt) ?? randomUUID(),
      createdBy: by,
    })
    const planned = windows.map(({ startsAt, endsAt }) => ({
      maintenanceId: ids.get(startsAt) ?? '',
      startsAt: new Date(startsAt * 1000),
      endsAt: new Date(endsAt * 1000),
    }))
    const notificationIds = held.length > 0 ? await watchMaintenances(tx, planned, now) : []
    return { kind: 'changed', ids: [...ids.values()], checks: held, notificationIds }
  })
}

/** A running one ends now, a future one never happens. Throws NotFound where there is none with this id. */
export async function endMaintenance(db: Database, id: string, now: Date): Promise<MaintenanceOutcome> {
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(maintenances).where(eq(maintenances.id, id))
    const [first] = rows
    if (!first) throw new NotFound(`maintenance ${id}`)
    const held = await lockChecks(
      tx,
      inArray(
        checks.id,
        rows.map(({ checkId }) => checkId),
      ),
    )
    const startsAt = epochSeconds(first.startsAt)
    const changed = await changeHeld(tx, held, endOf(first.kind, startsAt, now), now)
    return changed.length > 0
      ? { kind: 'changed', ids: [id], checks: changed, notificationIds: [] }
      : { kind: 'refused', because: 'This maintenance is over already.' }
  })
}

/** Ends the scheduled maintenance of each of these checks that starts in this second, where there is one. */
export async function endScheduledAt(
  db: Database,
  targets: CheckTargets,
  startsAt: EpochSeconds,
  now: Date,
): Promise<readonly Check[]> {
  return db.transaction(async (tx) =>
    changeHeld(tx, await holdTargets(tx, targets, 'refuse'), endOf('scheduled', startsAt, now), now),
  )
}

/** Acknowledgements end at this instant instead, which may lie ahead; checks without one stay as they are. */
export async function moveAcknowledgementEnd(
  db: Database,
  targets: CheckTargets,
  endsAt: EpochSeconds,
  now: Date,
): Promise<readonly Check[]> {
  const move = (memory: CheckMemory): CheckMemory => {
    const { unscheduled } = memory
    if (unscheduled === null || unscheduled.endsAt <= epochSeconds(now)) return memory
    if (endsAt <= epochSeconds(now)) return endUnscheduledMaintenance(memory)
    return { ...memory, unscheduled: { ...unscheduled, endsAt } }
  }
  return db.transaction(async (tx) => changeHeld(tx, await holdTargets(tx, targets, 'refuse'), move, now))
}

function endOf(
  kind: MaintenanceKind,
  startsAt: EpochSeconds,
  now: Date,
): (memory: CheckMemory) => CheckMemory {
  const seconds = epochSeconds(now)
  return (memory) => {
    if (kind === 'scheduled') {
      const change = endScheduledMaintenance(memory, startsAt, seconds)
      return change.kind === 'changed' ? change.memory : memory
    }
    const { unscheduled } = memory
    return unscheduled?.startsAt === startsAt && seconds < unscheduled.endsAt
      ? endUnscheduledMaintenance(memory)
      : memory
  }
}

/** Those that the change changed, saved with their history. They must be locked. */
async function changeHeld(
  tx: Database,
  held: readonly Check[],
  change: (memory: CheckMemory) => CheckMemory,
  now: Date,
): Promise<readonly Check[]> {
  const before = new Map(held.map((check) => [check.id, check.memory]))
  const changed = held
    .map((check) => ({ ...check, memory: change(check.memory) }))
    .filter((check) => check.memory !== before.get(check.id))
  await saveChecks(tx, changed)
  await recordHistory(
    tx,
    historyOf(changed, ({ id, memory }) => before.get(id) ?? memory, epochSeconds(now)),
  )
  await hurryMaintenances(tx, changed, now)
  return changed
}

interface MaintenanceCursor {
  readonly startsAt: Date
  readonly id: string
}

interface MaintenanceQuery {
  readonly environment: string
  readonly kind?: MaintenanceKind
  /** Those that are not over. */
  readonly only?: 'running' | 'ahead' | 'over'
  readonly now: Date
  readonly limit: number
  readonly after?: MaintenanceCursor
}

/** Latest start first, by keyset. What was called off before it began is left out. */
export async function listMaintenances(
  db: Database,
  query: MaintenanceQuery,
): Promise<{ readonly maintenances: readonly Maintenance[]; readonly next: MaintenanceCursor | undefined }> {
  const { environment, kind, only, now, limit, after } = query
  const rows = await db
    .select({
      id: maintenances.id,
      kind: maintenances.kind,
      startsAt: maintenances.startsAt,
      endsAt: sql<Date>`max(${maintenances.endsAt})`.mapWith(maintenances.endsAt),
      summary: sql<string | null>`min(${maintenances.summary})`,
      createdBy: sql<Actor | null>`(array_agg(${maintenances.createdBy}))[1]`,
      checks: sql<
        Maintenance['checks']
      >`jsonb_agg(jsonb_build_object('entity', ${checks.entity}, 'name', ${checks.name}) order by ${checks.key})`,
    })
    .from(maintenances)
    .innerJoin(checks, eq(checks.id, maintenances.checkId))
    .where(
      and(
        eq(maintenances.environment, environment),
        gt(maintenances.endsAt, maintenances.startsAt),
        kind && eq(maintenances.kind, kind),
        only && stageFilter(only, now),
        after && isAfter(after),
      ),
    )
    .groupBy(maintenances.id, maintenances.kind, maintenances.startsAt)
    .orderBy(desc(maintenances.startsAt), desc(maintenances.id))
    .limit(limit + 1)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    maintenances: page,
    next: rows.length > limit && last ? { startsAt: last.startsAt, id: last.id } : undefined,
  }
}

function stageFilter(only: 'running' | 'ahead' | 'over', now: Date): SQL | undefined {
  switch (only) {
    case 'running':
      return and(lte(maintenances.startsAt, now), gt(maintenances.endsAt, now))
    case 'ahead':
      return gt(maintenances.startsAt, now)
    case 'over':
      return lte(maintenances.endsAt, now)
  }
}

function isAfter({ startsAt, id }: MaintenanceCursor): SQL {
  return sql`(${maintenances.startsAt}, ${maintenances.id}) < (${startsAt.toISOString()}::timestamptz, ${id}::uuid)`
}
