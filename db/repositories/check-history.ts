import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { recordSet } from '#db/record-set.ts'
import { maintenances, stateChanges } from '#db/schema/check-history.ts'
import type { CheckHistory, MaintenanceSpan } from '#engine/advance/history.ts'
import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { Actor } from '#engine/person.ts'

/** One statement for each kind of row, and none where there is nothing to keep. */
export async function recordHistory(
  tx: Database,
  { stateChanges: changes, begun, moved }: CheckHistory,
): Promise<void> {
  if (changes.length > 0) {
    const rows = changes.map(({ at, ...change }) => ({ ...change, at: instantOf(at) }))
    await tx
      .insert(stateChanges)
      .select(recordSet(stateChanges, rows))
      .onConflictDoUpdate({
        target: [stateChanges.checkId, stateChanges.at],
        set: { state: sql`excluded.state`, summary: sql`excluded.summary` },
      })
  }
  await recordMaintenances(tx, begun, { idOf: () => randomUUID(), createdBy: null })
  await moveEnds(tx, moved)
}

/** A window takes the place of one of the same check that starts in the same second. */
export async function recordMaintenances(
  tx: Database,
  spans: readonly MaintenanceSpan[],
  { idOf, createdBy }: { idOf: (span: MaintenanceSpan) => string; createdBy: Actor | null },
): Promise<void> {
  if (spans.length === 0) return
  const rows = spans.map((span) => ({
    ...span,
    id: idOf(span),
    createdBy,
    startsAt: instantOf(span.startsAt),
    endsAt: instantOf(span.endsAt),
  }))
  await tx
    .insert(maintenances)
    .select(recordSet(maintenances, rows))
    .onConflictDoUpdate({
      target: [maintenances.checkId, maintenances.kind, maintenances.startsAt],
      set: {
        id: sql`excluded.id`,
        endsAt: sql`excluded.ends_at`,
        summary: sql`excluded.summary`,
        createdBy: sql`excluded.created_by`,
      },
    })
}

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
