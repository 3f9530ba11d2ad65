import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { fewOf, textLiteral } from '#db/record-set.ts'
import { hole, statement } from '#db/statement.ts'
import {
  announcementReceipts,
  digests,
  type NotificationState,
  notifications,
  receipts,
} from '#db/schema/notifications.ts'
import { type DeliveryAttempt, mostAttemptsKept } from '#engine/notify/delivery-attempt.ts'
import type { Receipt } from './notifications.ts'

/** What became of a notification: said, given up, not worth saying any more, or to be looked at again. */
export interface Outcome {
  readonly notificationId: string
  readonly state: NotificationState
  /** When it is looked at again. */
  readonly notBefore?: Date
  /** The alert it is HELD for. */
  readonly inhibitedBy?: string
  readonly error?: string
  /** Of whoever called the vendor. */
  readonly attempt?: DeliveryAttempt
}

/** The handle to a message that was posted; its subject is the id of an incident or a digest, or an announcement's subject. */
export interface FreshReceipt {
  readonly of: 'incident' | 'announcement' | 'digest'
  readonly subject: string
  readonly destinationId: string
  readonly receipt: Receipt
}

/** Incidents that a digest tells from now on. */
interface Digested {
  readonly digestId: string
  readonly destinationId: string
  readonly incidentIds: readonly string[]
}

export interface Said {
  readonly outcomes: readonly Outcome[]
  readonly receipts?: readonly FreshReceipt[]
  readonly digested?: readonly Digested[]
}

/** One statement, so that a message that was posted is never known without its handle, or the other way round. */
export async function saveOutcomes(db: Database, said: Said, now: Date): Promise<void> {
  const { outcomes, receipts: fresh = [], digested = [] } = said
  if (outcomes.length === 0 && fresh.length === 0 && digested.length === 0) return
  const { incident = [], announcement = [], digest = [] } = Object.groupBy(fresh, ({ of }) => of)
  const column = (value: (outcome: Outcome) => string | null | undefined) =>
    textLiteral(outcomes.map((outcome) => value(outcome) ?? null))
  const isInDigests = digest.length > 0 || digested.length > 0
  const save = isInDigests ? savings.digests : savings.outcomes
  await (announcement.length > 0 ? save.announced : save.alone).run(db, {
    at: now.toISOString(),
    rows: outcomes.length,
    ids: column(({ notificationId }) => notificationId),
    states: column(({ state }) => state),
    waits: column(({ notBefore }) => notBefore?.toISOString()),
    inhibitors: column(({ inhibitedBy }) => inhibitedBy),
    errors: column(({ error }) => error),
    attempts: column(({ attempt }) => attempt && JSON.stringify(attempt)),
    ...freshValues('incident', incident),
    ...freshValues('announcement', announcement),
    ...freshValues('digest', digest),
    ...joiningValues(digested),
  })
}

const outcomeRows = sql`unnest(
  ${hole('ids')}::text[], ${hole('states')}::text[], ${hole('waits')}::text[], ${hole('inhibitors')}::text[],
  ${hole('errors')}::text[], ${hole('attempts')}::text[]
) as outcome (id, state, not_before, inhibited_by, error, attempt)`

const at = sql`${hole('at')}::timestamptz`

const announced = sql`, announced as (
  insert into ${announcementReceipts} (subject, destination_id, receipt, posted_at)
  select subject, destination_id::uuid, receipt::jsonb, ${at} from ${freshRows('announcement')}
  on conflict (subject, destination_id) do update set receipt = excluded.receipt, posted_at = excluded.posted_at)`

const inDigests = sql`, posted as (
  update ${digests} set receipt = fresh.receipt::jsonb, posted_at = ${at} from ${freshRows('digest')}
  where ${digests.id} = fresh.subject::uuid
), joined as (
  insert into ${receipts} (incident_id, destination_id, digest_id, posted_at)
  select incident_id::uuid, destination_id::uuid, digest_id::uuid, ${at} from unnest(
    ${hole('joiningIncidents')}::text[], ${hole('joiningDestinations')}::text[], ${hole('joiningDigests')}::text[]
  ) as joining (incident_id, destination_id, digest_id)
  on conflict (incident_id, destination_id) do update
    set digest_id = coalesce(${receipts.digestId}, excluded.digest_id))`

const savings = {
  outcomes: { alone: saving(sql``), announced: saving(announced) },
  digests: { alone: saving(inDigests), announced: saving(sql`${announced}${inDigests}`) },
}

/** What is not settled is said in a way that leads to no index: each is looked up by its id, however many wait. */
function saving(also: SQL) {
  return statement(sql`
    with kept as (
      insert into ${receipts} (incident_id, destination_id, receipt, posted_at)
      select subject::uuid, destination_id::uuid, receipt::jsonb, ${at} from ${freshRows('incident')}
      on conflict (incident_id, destination_id) do update set receipt = excluded.receipt, posted_at = excluded.posted_at
    )${also}
    update ${notifications} as known set
      state = outcome.state,
      not_before = coalesce(outcome.not_before::timestamptz, known.not_before),
      inhibited_by = outcome.inhibited_by::uuid,
      settled_at = case when outcome.state in ('DELIVERED', 'FAILED', 'DROPPED') then ${at} end,
      attempts = known.attempts + case when outcome.attempt is null then 0 else 1 end,
      last_error = case when outcome.state in ('PENDING', 'HELD') then coalesce(outcome.error, known.last_error) else outcome.error end,
      attempt_log = case when outcome.attempt is null then known.attempt_log else (
        case when jsonb_array_length(known.attempt_log) >= ${sql.raw(String(mostAttemptsKept))}
          then known.attempt_log - 0 else coalesce(known.attempt_log, '[]') end) || outcome.attempt::jsonb end
    from ${fewOf(outcomeRows, 'outcome')}
    where known.id = outcome.id::uuid and case when known.settled_at is null then true end`)
}

function freshRows(of: FreshReceipt['of']): SQL {
  return sql`unnest(
    ${hole(`${of}Subjects`)}::text[], ${hole(`${of}Destinations`)}::text[], ${hole(`${of}Receipts`)}::text[]
  ) as fresh (subject, destination_id, receipt)`
}

function freshValues(of: FreshReceipt['of'], fresh: readonly FreshReceipt[]): Record<string, string> {
  const column = (value: (one: FreshReceipt) => string) => textLiteral(fresh.map(value))
  return {
    [`${of}Subjects`]: column(({ subject }) => subject),
    [`${of}Destinations`]: column(({ destinationId }) => destinationId),
    [`${of}Receipts`]: column(({ receipt }) => JSON.stringify(receipt)),
  }
}

function joiningValues(digested: readonly Digested[]): Record<string, string> {
  const rows = digested.flatMap(({ incidentIds, ...there }) =>
    incidentIds.map((incidentId) => ({ incidentId, ...there })),
  )
  const column = (value: (one: (typeof rows)[number]) => string) => textLiteral(rows.map(value))
  return {
    joiningIncidents: column(({ incidentId }) => incidentId),
    joiningDestinations: column(({ destinationId }) => destinationId),
    joiningDigests: column(({ digestId }) => digestId),
  }
}
