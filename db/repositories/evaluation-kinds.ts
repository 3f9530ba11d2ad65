import { asc, getTableColumns, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { evaluationKinds } from '#db/schema/evaluation.ts'
import type { ConditionKind } from '#engine/rule/conditions/registry.ts'
import type { KindTally } from '#engine/rule/evaluation-tally.ts'

type KindRow = typeof evaluationKinds.$inferSelect

/** Kinds of which nothing was evaluated yet have none. */
export async function listTallies(db: Database): Promise<KindTally[]> {
  return (await db.select().from(evaluationKinds).orderBy(asc(evaluationKinds.kind))).map(toTally)
}

/** Locked in the order of their names, so that two workers wait for each other instead of deadlocking. */
export async function lockTallies(tx: Database, kinds: readonly ConditionKind[]): Promise<KindTally[]> {
  const rows = await tx
    .select()
    .from(evaluationKinds)
    .where(inArray(evaluationKinds.kind, [...kinds]))
    .orderBy(asc(evaluationKinds.kind))
    .for('update')
  return rows.map(toTally)
}

export async function saveTallies(tx: Database, tallies: readonly KindTally[]): Promise<void> {
  if (tallies.length === 0) return
  const { kind: _key, ...columns } = getTableColumns(evaluationKinds)
  const asGiven = Object.entries(columns).map(
    ([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`] as const,
  )
  await tx
    .insert(evaluationKinds)
    .values(tallies.map(toRow))
    .onConflictDoUpdate({ target: evaluationKinds.kind, set: Object.fromEntries(asGiven) })
}

function toTally({ failures, openUntil, ...row }: KindRow): KindTally {
  return { ...row, breaker: { failures, openUntil: openUntil?.getTime() ?? null } }
}

function toRow({ breaker, ...tally }: KindTally): KindRow {
  const { failures, openUntil } = breaker
  return { ...tally, failures, openUntil: openUntil === null ? null : new Date(openUntil) }
}
