import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alerts } from '#db/schema/alerts.ts'
import { alertGroupMembers, alertGroups } from '#db/schema/dispatch.ts'
import { postedAlerts } from '#db/schema/intake.ts'
import type { Alert } from '#engine/alert.ts'
import type { Told } from '#engine/dispatch/flush.ts'
import type { Labels } from '#engine/labels.ts'

/** Told when groups have something to say; a hint only, whoever looks later finds them too. */
export const groupsChannel = 'tocsin_groups'

/** An alert on its way into a group. */
export interface Joining {
  readonly environment: string
  readonly key: string
  readonly labels: Labels
  readonly receiver: string
  /** A group that was not told yet waits so long for others; not at all when one of its alerts has been firing for longer. */
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  readonly repeatIntervalMs: number
  readonly checkId: string
  readonly alertId: string
  readonly fingerprint: string
}

/**
 * Alerts that fired, changed or ended join their groups. Groups that are new wait for theirs; one that was told already
 * is due at its next tick. One statement, and whoever tells groups hears of it once the transaction is through.
 */
export async function joinGroups(tx: Database, joining: readonly Joining[], now: Date): Promise<void> {
  if (joining.length === 0) return
  const together = Map.groupBy(joining, ({ environment, key, receiver }) =>
    [environment, receiver, key].join('\n'),
  )
  const groups = [...together.values()].flatMap((some) =>
    some
      .slice(0, 1)
      .map((first) => ({ ...first, fingerprints: some.map((one) => one.fingerprint).join(',') })),
  )
  const column = <T>(rows: readonly T[], value: (row: T) => string) => textArray(rows.map(value))
  const instant = sql`${now.toISOString()}::timestamptz`
  const wait = sql`(group_wait_ms::bigint * interval '1 millisecond')`
  const since = sql`(select min(starts_at) from ${postedAlerts} posted
    where posted.environment = fresh.environment and posted.fingerprint = any(string_to_array(fresh.fingerprints, ',')))`
  const isWaited = groups.some(({ groupWaitMs }) => groupWaitMs > 0)
  const flushAt = isWaited
    ? sql`case when coalesce(${since}, ${instant}) + ${wait} <= ${instant} then ${instant} else ${instant} + ${wait} end`
    : instant
  await tx.execute(sql`
    with fresh as (
      select * from unnest(
        ${column(groups, () => randomUUID())}, ${column(groups, (row) => row.environment)},
        ${column(groups, (row) => row.key)}, ${column(groups, (row) => JSON.stringify(row.labels))},
        ${column(groups, (row) => row.receiver)}, ${column(groups, (row) => String(row.groupIntervalMs))},
        ${column(groups, (row) => String(row.repeatIntervalMs))}, ${column(groups, (row) => String(row.groupWaitMs))},
        ${column(groups, (row) => row.fingerprints)}
      ) as fresh (id, environment, key, labels, receiver, group_interval_ms, repeat_interval_ms, group_wait_ms, fingerprints)
    ), joined as (
      insert into ${alertGroups} as known
        (id, environment, key, labels, receiver, group_interval_ms, repeat_interval_ms, flush_at, version, told, attempts)
      select id::uuid, environment, key, labels::jsonb, receiver, group_interval_ms::bigint, repeat_interval_ms::bigint,
        ${flushAt}, 0, '[]'::jsonb, 0
      from fresh order by environment, key, receiver
      on conflict (environment, key, receiver) do update set
        version = known.version + 1,
        group_interval_ms = excluded.group_interval_ms,
        repeat_interval_ms = excluded.repeat_interval_ms,
        flush_at = least(known.flush_at,
          case when known.tick_base is null then excluded.flush_at else ${nextTickAfter(instant)} end)
      returning id, environment, key, receiver
    ), members as (
      select * from unnest(
        ${column(joining, (row) => row.environment)}, ${column(joining, (row) => row.key)},
        ${column(joining, (row) => row.receiver)}, ${column(joining, (row) => row.checkId)},
        ${column(joining, (row) => row.alertId)}, ${column(joining, (row) => row.fingerprint)}
      ) with ordinality as members (environment, key, receiver, check_id, alert_id, fingerprint, position)
    ), kept as (
      insert into ${alertGroupMembers} (group_id, check_id, alert_id, fingerprint)
      select distinct on (joined.id, members.check_id) joined.id, members.check_id::uuid, members.alert_id::uuid, members.fingerprint
      from members join joined using (environment, key, receiver)
      order by joined.id, members.check_id, members.position desc
      on conflict (group_id, check_id) do update set alert_id = excluded.alert_id, fingerprint = excluded.fingerprint
    )
    select pg_notify(${groupsChannel}, '')`)
}

/** The tick after an instant, of a group `known`. */
function nextTickAfter(instant: ReturnType<typeof sql>) {
  const interval = sql`(known.group_interval_ms * interval '1 millisecond')`
  return sql`case when known.tick_base > ${instant} then known.tick_base else
    known.tick_base + ${interval} * (floor(extract(epoch from ${instant} - known.tick_base) * 1000 / known.group_interval_ms) + 1) end`
}

/** Something about these alerts changed that no event brought: their groups are due at their next tick. */
export async function touchGroups(tx: Database, alertIds: readonly string[], now: Date): Promise<void> {
  if (alertIds.length === 0) return
  const instant = sql`${now.toISOString()}::timestamptz`
  await tx.execute(sql`
    with touched as (
      update ${alertGroups} as known set version = known.version + 1,
        flush_at = case when known.tick_base is null then known.flush_at
          else least(known.flush_at, ${nextTickAfter(instant)}) end
      where known.id in (
        select group_id from ${alertGroupMembers} where alert_id in (select unnest(${textArray(alertIds)})::uuid)
      )
      returning 1
    )
    select pg_notify(${groupsChannel}, '') where exists (select from touched)`)
}

export type AlertGroup = typeof alertGroups.$inferSelect

/** Groups that are due become the caller's until the lease ends: should it die, somebody else tells them then. */
export async function claimDueGroups(
  db: Database,
  now: Date,
  { limit, leaseMs }: { limit: number; leaseMs: number },
): Promise<AlertGroup[]> {
  const instant = sql`${now.toISOString()}::timestamptz`
  const due = sql`(
    select id from ${alertGroups}
    where flush_at <= ${instant} and (lease_until is null or lease_until <= ${instant})
    order by flush_at limit ${limit} for update skip locked)`
  return db
    .update(alertGroups)
    .set({ leaseUntil: new Date(now.getTime() + leaseMs) })
    .where(sql`${alertGroups.id} in ${due}`)
    .returning()
}

/** Due as before, for whoever claims them next. */
export async function releaseGroups(db: Database, ids: readonly string[]): Promise<void> {
  await db
    .update(alertGroups)
    .set({ leaseUntil: null })
    .where(sql`${alertGroups.id} in (select unnest(${textArray(ids)})::uuid)`)
}

/** When the next group is due that nobody is telling; undefined = none. */
export async function nextGroupDue(db: Database, now: Date): Promise<Date | undefined> {
  const rows = await db.execute<{ due: string | null }>(sql`
    select min(greatest(flush_at, lease_until)) as due from (
      (select flush_at, null::timestamptz as lease_until from ${alertGroups}
        where lease_until is null or lease_until <= ${now.toISOString()}::timestamptz order by flush_at limit 1)
      union all
      (select flush_at, lease_until from ${alertGroups} where lease_until > ${now.toISOString()}::timestamptz
        order by lease_until limit 1)
    ) next`)
  const due = rows[0]?.due
  return due ? new Date(due) : undefined
}

export interface GroupMember {
  readonly groupId: string
  readonly fingerprint: string
  readonly alert: Alert
  /** As it was posted, where it came through Alertmanager's API. */
  readonly posted: {
    readonly labels: Labels
    readonly annotations: Labels
    readonly startsAt: Date
    readonly endsAt: Date
    readonly generatorUrl: string
    readonly over: boolean
  } | null
}

export async function loadGroupMembers(db: Database, groupIds: readonly string[]): Promise<GroupMember[]> {
  return db
    .select({
      groupId: alertGroupMembers.groupId,
      fingerprint: alertGroupMembers.fingerprint,
      alert: alerts,
      posted: {
        labels: postedAlerts.labels,
        annotations: postedAlerts.annotations,
        startsAt: postedAlerts.startsAt,
        endsAt: postedAlerts.endsAt,
        generatorUrl: postedAlerts.generatorUrl,
        over: postedAlerts.over,
      },
    })
    .from(sql`unnest(${textArray(groupIds)}) as wanted (id)`)
    .innerJoin(alertGroupMembers, sql`${alertGroupMembers.groupId} = wanted.id::uuid`)
    .innerJoin(alerts, eq(alerts.id, alertGroupMembers.alertId))
    .leftJoin(
      postedAlerts,
      sql`${postedAlerts.environment} = ${alerts.environment} and ${postedAlerts.fingerprint} = ${alertGroupMembers.fingerprint}`,
    )
}

/** A group after it was looked at and, where there was news, told. */
export interface FlushedGroup {
  readonly id: string
  /** As it was claimed: what joined since is due at the next tick. */
  readonly version: number
  readonly tickBase: Date
  /** Where nothing joined since. */
  readonly flushAt: Date
  /** The tick after now. */
  readonly nextTickAt: Date
  readonly told: readonly (Told | null)[]
  readonly attempts: number
  readonly lastError: string | null
  /** Ended, told, and done with. */
  readonly goneAlertIds: readonly string[]
  /** Nobody else is left in it. */
  readonly isOver: boolean
}

/** One statement for all of them. A group without alerts is over, unless one joined in the meantime. */
export async function settleGroups(db: Database, flushed: readonly FlushedGroup[]): Promise<void> {
  if (flushed.length === 0) return
  const column = (value: (group: FlushedGroup) => string | null) => textArray(flushed.map(value))
  const gone = flushed.flatMap(({ id, goneAlertIds }) => goneAlertIds.map((alertId) => ({ id, alertId })))
  await db.transaction(async (tx) => {
    if (gone.length > 0) {
      await tx.execute(sql`
        delete from ${alertGroupMembers} using unnest(${textArray(gone.map(({ id }) => id))}, ${textArray(gone.map(({ alertId }) => alertId))}) as gone (group_id, alert_id)
        where ${alertGroupMembers.groupId} = gone.group_id::uuid and ${alertGroupMembers.alertId} = gone.alert_id::uuid`)
    }
    const over = flushed.filter(({ isOver }) => isOver)
    if (over.length > 0) {
      await tx.execute(sql`
        delete from ${alertGroups} using unnest(${textArray(over.map(({ id }) => id))}, ${textArray(over.map(({ version }) => String(version)))}) as over (id, version)
        where ${alertGroups.id} = over.id::uuid and ${alertGroups.version} = over.version::int
          and not exists (select from ${alertGroupMembers} where group_id = over.id::uuid)`)
    }
    await tx.execute(sql`
      update ${alertGroups} as known set
        lease_until = null,
        told = flushed.told::jsonb,
        attempts = flushed.attempts::int,
        last_error = flushed.last_error,
        tick_base = flushed.tick_base::timestamptz,
        flush_at = case when known.version = flushed.version::int then flushed.flush_at else least(flushed.flush_at, flushed.next_tick_at) end::timestamptz
      from unnest(
        ${column(({ id }) => id)}, ${column(({ version }) => String(version))},
        ${column(({ tickBase }) => tickBase.toISOString())}, ${column(({ flushAt }) => flushAt.toISOString())},
        ${column(({ nextTickAt }) => nextTickAt.toISOString())}, ${column(({ told }) => JSON.stringify(told))},
        ${column(({ attempts }) => String(attempts))}, ${column(({ lastError }) => lastError)}
      ) as flushed (id, version, tick_base, flush_at, next_tick_at, told, attempts, last_error)
      where known.id = flushed.id::uuid`)
  })
}
