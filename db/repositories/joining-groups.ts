import { randomUUID } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alertGroupMembers, alertGroups } from '#db/schema/dispatch.ts'
import { postedAlerts } from '#db/schema/intake.ts'
import type { Alert } from '#engine/alert.ts'
import type { JoinedGroup, RoutedAlert } from '#engine/dispatch/join.ts'
import type { Labels } from '#engine/labels.ts'
import { type AlertGroup, groupsChannel, lockedGroups } from './alert-groups.ts'

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
  readonly alert: Alert
  readonly fingerprint: string
}

export function joiningOf(
  alert: Alert,
  { fingerprint }: RoutedAlert,
  { route, key, labels }: JoinedGroup,
): Joining {
  const { receiver, groupWaitMs, groupIntervalMs, repeatIntervalMs } = route
  return {
    environment: alert.environment,
    key,
    labels,
    receiver,
    groupWaitMs,
    groupIntervalMs,
    repeatIntervalMs,
    alert,
    fingerprint,
  }
}

/**
 * Alerts that fired, changed or ended join their groups. Groups that are new wait for theirs; one that was told already
 * is due at its next tick. One statement, and whoever tells groups hears of it once the transaction is through. With a
 * lease, new groups that wait for nothing are the caller's to tell, and what it is answered.
 */
export async function joinGroups(
  tx: Database,
  joining: readonly Joining[],
  { now, leaseMs }: { now: Date; leaseMs: number },
): Promise<AlertGroup[]> {
  if (joining.length === 0) return []
  const together = Map.groupBy(joining, groupOf)
  const groups = [...together.values()].flatMap((some) =>
    some.slice(0, 1).map((first) => {
      const fingerprints = some.map(({ fingerprint }) => fingerprint).join(',')
      return { ...first, id: randomUUID(), fingerprints }
    }),
  )
  const leaseUntil = new Date(now.getTime() + leaseMs)
  const rows = await tx.execute<{ id: string; claimed: boolean }>(
    joinStatement(groups, joining, { now, leaseUntil: leaseMs > 0 ? leaseUntil : undefined }),
  )
  const claimed = new Set(rows.filter((row) => row.claimed).map(({ id }) => id))
  return groups
    .filter(({ id }) => claimed.has(id))
    .map(({ alert: _alert, fingerprint: _one, fingerprints: _all, groupWaitMs: _wait, ...group }) => ({
      ...group,
      flushAt: now,
      tickBase: null,
      leaseUntil,
      version: 0,
      told: [],
      attempts: 0,
      lastError: null,
    }))
}

/** Who a group is. */
export function groupOf({
  environment,
  key,
  receiver,
}: Pick<Joining, 'environment' | 'key' | 'receiver'>): string {
  return [environment, receiver, key].join('\n')
}

type NewGroup = Joining & { readonly id: string; readonly fingerprints: string }

function joinStatement(
  groups: readonly NewGroup[],
  joining: readonly Joining[],
  { now, leaseUntil }: { now: Date; leaseUntil: Date | undefined },
): SQL {
  const column = <T>(rows: readonly T[], value: (row: T) => string) => textArray(rows.map(value))
  const instant = sql`${now.toISOString()}::timestamptz`
  const flushAt = firstFlush(groups, instant)
  const lease = leaseUntil
    ? sql`case when ${flushAt} <= ${instant} then ${leaseUntil.toISOString()}::timestamptz end`
    : sql`null::timestamptz`
  return sql`
    with fresh as (
      select * from unnest(
        ${column(groups, (row) => row.id)}, ${column(groups, (row) => row.environment)},
        ${column(groups, (row) => row.key)}, ${column(groups, (row) => JSON.stringify(row.labels))},
        ${column(groups, (row) => row.receiver)}, ${column(groups, (row) => String(row.groupIntervalMs))},
        ${column(groups, (row) => String(row.repeatIntervalMs))}, ${column(groups, (row) => String(row.groupWaitMs))},
        ${column(groups, (row) => row.fingerprints)}
      ) as fresh (id, environment, key, labels, receiver, group_interval_ms, repeat_interval_ms, group_wait_ms, fingerprints)
    ), joined as (
      insert into ${alertGroups} as known
        (id, environment, key, labels, receiver, group_interval_ms, repeat_interval_ms, flush_at, lease_until, version, told, attempts)
      select id::uuid, environment, key, labels::jsonb, receiver, group_interval_ms::bigint, repeat_interval_ms::bigint,
        ${flushAt}, ${lease}, 0, '[]'::jsonb, 0
      from fresh order by environment, key, receiver
      on conflict (environment, key, receiver) do update set
        version = known.version + 1,
        group_interval_ms = excluded.group_interval_ms,
        repeat_interval_ms = excluded.repeat_interval_ms,
        flush_at = least(known.flush_at,
          case when known.tick_base is null then excluded.flush_at else ${nextTickAfter(instant)} end)
      returning id, environment, key, receiver, xmax = 0 and lease_until is not null as claimed
    ), members as (
      select * from unnest(
        ${column(joining, (row) => row.environment)}, ${column(joining, (row) => row.key)},
        ${column(joining, (row) => row.receiver)}, ${column(joining, (row) => row.alert.checkId)},
        ${column(joining, (row) => row.alert.id)}, ${column(joining, (row) => row.fingerprint)}
      ) with ordinality as members (environment, key, receiver, check_id, alert_id, fingerprint, position)
    ), kept as (
      insert into ${alertGroupMembers} (group_id, check_id, alert_id, fingerprint)
      select distinct on (joined.id, members.check_id) joined.id, members.check_id::uuid, members.alert_id::uuid, members.fingerprint
      from members join joined using (environment, key, receiver)
      order by joined.id, members.check_id, members.position desc
      on conflict (group_id, check_id) do update set alert_id = excluded.alert_id, fingerprint = excluded.fingerprint
    )
    select id, claimed, case when not claimed then pg_notify(${groupsChannel}, '') end from joined`
}

/** When a new group is told: after its wait, or now if its first alert has been firing for that long. */
function firstFlush(groups: readonly NewGroup[], instant: SQL): SQL {
  if (groups.every(({ groupWaitMs }) => groupWaitMs === 0)) return instant
  const wait = sql`(group_wait_ms::bigint * interval '1 millisecond')`
  const since = sql`(select min(starts_at) from ${postedAlerts} posted
    where posted.environment = fresh.environment and posted.fingerprint = any(string_to_array(fresh.fingerprints, ',')))`
  return sql`case when coalesce(${since}, ${instant}) + ${wait} <= ${instant} then ${instant} else ${instant} + ${wait} end`
}

/** The tick after an instant, of a group `known`. */
function nextTickAfter(instant: SQL): SQL {
  const interval = sql`(known.group_interval_ms * interval '1 millisecond')`
  return sql`case when known.tick_base > ${instant} then known.tick_base else
    known.tick_base + ${interval} * (floor(extract(epoch from ${instant} - known.tick_base) * 1000 / known.group_interval_ms) + 1) end`
}

/** Something about these alerts changed that no event brought: their groups are due at their next tick. */
export async function touchGroups(tx: Database, alertIds: readonly string[], now: Date): Promise<void> {
  if (alertIds.length === 0) return
  const instant = sql`${now.toISOString()}::timestamptz`
  await tx.execute(sql`
    with ${lockedGroups(sql`
      select group_id from ${alertGroupMembers} where alert_id in (select unnest(${textArray(alertIds)})::uuid)`)},
    touched as (
      update ${alertGroups} as known set version = known.version + 1,
        flush_at = case when known.tick_base is null then known.flush_at
          else least(known.flush_at, ${nextTickAfter(instant)}) end
      from locked where known.id = locked.id
      returning 1
    )
    select pg_notify(${groupsChannel}, '') where exists (select from touched)`)
}
