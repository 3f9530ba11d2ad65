import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { insertion } from '#db/record-set.ts'
import { maintenances, stateChanges } from '#db/schema/check-history.ts'
import type { CheckHistory, MaintenanceSpan } from '#engine/advance/history.ts'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { Actor } from '#engine/person.ts'

/** One statement for each kind of row, and none where there is nothing to keep. */
export async function recordHistory(
  tx: Database,
  { stateChanges: changes, begun, moved }: CheckHistory,
): Promise<void> {
  await saveStateChanges(
    tx,
    changes.map(({ at, ...change }) => ({ ...change, at: instantOf(at) })),
  )
  await recordMaintenances(tx, begun, { idOf: () => randomUUID(), createdBy: null })
  await moveEnds(tx, moved)
}

const saveStateChanges = insertion(
  stateChanges,
  sql`on conflict (check_id, at) do update set state = excluded.state, summary = excluded.summary`,
)

/** A window takes the place of one of the same check that starts in the same second. */
export async function recordMaintenances(
  tx: Database,
  spans: readonly MaintenanceSpan[],
  { idOf, createdBy }: { idOf: (span: MaintenanceSpan) => string; createdBy: Actor | null },
): Promise<void> {
  const rows = spans.map((span) => ({
    ...span,
    id: idOf(span),
    createdBy,
    startsAt: instantOf(span.startsAt),
    endsAt: instantOf(span.endsAt),
  }))
  await saveMaintenances(tx, rows)
}

const saveMaintenances = insertion(
  maintenances,
  sql`on conflict (check_id, kind, starts_at) do update set
    id = excluded.id, ends_at = excluded.ends_at, summary = excluded.summary, created_by = excluded.created_by`,
)

async function moveEnds(tx: Database, moved: CheckHistory['moved']): Promise<void> {
  if (moved.length === 0) return
  const rows = moved.map(({ checkId, kind, startsAt, endsAt }) => ({
    check_id: checkId,
    kind,
    starts_at: instantOf(startsAt),
    ends_at: instantOf(endsAt),
  }))
  await tx.execute(sql`
    update ${maintenances} set ends_at = moved.ends_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as moved (check_id uuid, kind text, starts_at timestamptz, ends_at timestamptz)
    where ${maintenances.checkId} = moved.check_id
      and ${maintenances.kind} = moved.kind
      and ${maintenances.startsAt} = moved.starts_at`)
}

function instantOf(seconds: EpochSeconds): Date {
  return new Date(seconds * 1000)
}
