import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { allDone } from '#db/all-done.ts'
import { fewOf, textArray, textLiteral } from '#db/record-set.ts'
import { hole, pairOf, selection, statement } from '#db/statement.ts'
import { alerts } from '#db/schema/alerts.ts'
import { alertGroupMembers, alertGroups } from '#db/schema/dispatch.ts'
import { postedAlerts } from '#db/schema/intake.ts'
import type { Alert } from '#engine/alert.ts'
import type { Told } from '#engine/dispatch/flush.ts'
import type { Labels } from '#engine/labels.ts'

/** Told when groups have something to say; a hint only, whoever looks later finds them too. */
export const groupsChannel = 'tocsin_groups'

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

/** For a `with`: these groups, locked in the order in which everybody locks them. */
export function lockedGroups(ids: SQL): SQL {
  return sql`locked as (
    select id from ${alertGroups} where id in (${ids}) order by environment, key, receiver for update)`
}

/** Due as before, for whoever claims them next. */
export async function releaseGroups(db: Database, ids: readonly string[]): Promise<void> {
  await db.execute(sql`
    with ${lockedGroups(sql`select unnest(${textArray(ids)})::uuid`)}
    update ${alertGroups} set lease_until = null from locked where ${alertGroups.id} = locked.id`)
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
  const found = await listMembers.run(db, { ids: textLiteral(groupIds), rows: groupIds.length })
  return found.map(({ first: { first: member, second: alert }, second: posted }) => {
    if (!alert) throw new Error(`a member of the group ${member.groupId} has no alert`)
    return { ...member, alert, posted: posted ?? null }
  })
}

const memberRow = selection({
  groupId: alertGroupMembers.groupId,
  fingerprint: alertGroupMembers.fingerprint,
})
const postedRow = selection({
  labels: postedAlerts.labels,
  annotations: postedAlerts.annotations,
  startsAt: postedAlerts.startsAt,
  endsAt: postedAlerts.endsAt,
  generatorUrl: postedAlerts.generatorUrl,
  over: postedAlerts.over,
})
const members = pairOf(pairOf(memberRow, selection(getTableColumns(alerts))), postedRow)
const listMembers = statement(
  sql`
    select ${members.columns} from ${fewOf(sql`unnest(${hole('ids')}::text[]) as wanted (id)`, 'wanted')}
    join ${alertGroupMembers} on ${alertGroupMembers.groupId} = wanted.id::uuid
    join lateral (select * from ${alerts} where id = ${alertGroupMembers.alertId} limit 1) ${alerts} on true
    left join lateral (
      select * from ${postedAlerts}
      where environment = ${alerts.environment} and fingerprint = ${alertGroupMembers.fingerprint} limit 1
    ) ${postedAlerts} on true`,
  members,
)

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

/**
 * Mostly one statement for all of them, which says when they are next. A group without alerts is over, unless one joined in
 * the meantime.
 */
export async function settleGroups(db: Database, flushed: readonly FlushedGroup[]): Promise<void> {
  if (flushed.length === 0) return
  const column = (value: (group: FlushedGroup) => string | null) => textLiteral(flushed.map(value))
  const ids = { ids: column(({ id }) => id), rows: flushed.length }
  const settled = {
    ...ids,
    versions: column(({ version }) => String(version)),
    tickBases: column(({ tickBase }) => tickBase.toISOString()),
    flushes: column(({ flushAt }) => flushAt.toISOString()),
    nextTicks: column(({ nextTickAt }) => nextTickAt.toISOString()),
    told: column(({ told }) => JSON.stringify(told)),
    attempts: column(({ attempts }) => String(attempts)),
    errors: column(({ lastError }) => lastError),
  }
  const gone = flushed.flatMap(({ id, goneAlertIds }) => goneAlertIds.map((alertId) => ({ id, alertId })))
  const over = flushed.filter(({ isOver }) => isOver)
  if (gone.length === 0 && over.length === 0) {
    await settle.run(db, settled)
    return
  }
  await db.transaction(async (tx) => {
    await allDone([
      lockSome.run(tx, ids),
      forgetMembers.run(tx, {
        ids: textLiteral(gone.map(({ id }) => id)),
        alertIds: textLiteral(gone.map(({ alertId }) => alertId)),
        rows: gone.length,
      }),
      forgetGroups.run(tx, {
        ids: textLiteral(over.map(({ id }) => id)),
        versions: textLiteral(over.map(({ version }) => String(version))),
        rows: over.length,
      }),
      settle.run(tx, settled),
    ])
  })
}

const wantedGroups = lockedGroups(
  sql`select wanted.id::uuid from ${fewOf(sql`unnest(${hole('ids')}::text[]) as wanted (id)`, 'wanted')}`,
)
const lockSome = statement(sql`with ${wantedGroups} select count(*) from locked`)

const goneMembers = sql`unnest(${hole('ids')}::text[], ${hole('alertIds')}::text[]) as gone (group_id, alert_id)`
const forgetMembers = statement(sql`
  delete from ${alertGroupMembers} using ${fewOf(goneMembers, 'gone')}
  where ${alertGroupMembers.groupId} = gone.group_id::uuid and ${alertGroupMembers.alertId} = gone.alert_id::uuid`)

const overGroups = sql`unnest(${hole('ids')}::text[], ${hole('versions')}::text[]) as over (id, version)`
const forgetGroups = statement(sql`
  delete from ${alertGroups} using ${fewOf(overGroups, 'over')}
  where ${alertGroups.id} = over.id::uuid and ${alertGroups.version} = over.version::int
    and not exists (select from ${alertGroupMembers} where group_id = over.id::uuid)`)

const flushedGroups = sql`unnest(
  ${hole('ids')}::text[], ${hole('versions')}::text[], ${hole('tickBases')}::text[], ${hole('flushes')}::text[],
  ${hole('nextTicks')}::text[], ${hole('told')}::text[], ${hole('attempts')}::text[], ${hole('errors')}::text[]
) as flushed (id, version, tick_base, flush_at, next_tick_at, told, attempts, last_error)`
const settle = statement(sql`
  with ${wantedGroups}
  update ${alertGroups} as known set
    lease_until = null,
    told = flushed.told::jsonb,
    attempts = flushed.attempts::int,
    last_error = flushed.last_error,
    tick_base = flushed.tick_base::timestamptz,
    flush_at = case when known.version = flushed.version::int then flushed.flush_at else least(flushed.flush_at, flushed.next_tick_at) end::timestamptz
  from ${fewOf(flushedGroups, 'flushed')}
  where known.id = flushed.id::uuid and (select count(*) from locked) >= 0`)
