import { and, count, eq, inArray, isNotNull, ne, or, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { rules } from '#db/schema/rules.ts'

/** Why a rule got no answer, and the first slot of all those since which it got none. */
export interface Trouble {
  readonly because: string
  readonly since: Date
}

/** By rule id; mostly there is none. */
export async function loadTroubles(db: Database): Promise<ReadonlyMap<string, Trouble>> {
  const rows = await db
    .select({ id: rules.id, because: rules.lastError, since: rules.unansweredSince })
    .from(rules)
    .where(isNotNull(rules.lastError))
  return new Map(
    rows.flatMap(({ id, because, since }) =>
      because === null ? [] : [[id, { because, since: since ?? new Date(0) }] as const],
    ),
  )
}

/** How many rules that are switched on got no answer the last time. */
export async function countTroubles(db: Database): Promise<number> {
  const [row] = await db
    .select({ troubled: count() })
    .from(rules)
    .where(and(isNotNull(rules.lastError), eq(rules.enabled, true), isNull(rules.deletedAt)))
  return row?.troubled ?? 0
}

/** Keeps why these rules got no answer. Only a change is written. */
export async function recordTroubles(
  db: Database,
  troubles: ReadonlyMap<string, string>,
  slot: Date,
): Promise<void> {
  const ids = Map.groupBy(troubles.keys(), (id) => troubles.get(id) ?? '')
  for (const [because, some] of ids) {
    const isNews = or(isNull(rules.lastError), ne(rules.lastError, because))
    await db
      .update(rules)
      .set({
        lastError: because,
        unansweredSince: sql`coalesce(${rules.unansweredSince}, ${slot.toISOString()}::timestamptz)`,
      })
      .where(and(isOneOf(some), isNews))
  }
}

export async function endTroubles(db: Database, ruleIds: readonly string[]): Promise<void> {
  if (ruleIds.length === 0) return
  await db.update(rules).set({ lastError: null, unansweredSince: null }).where(isOneOf(ruleIds))
}

/** One parameter, however many. */
function isOneOf(ids: readonly string[]) {
  return ids.length === 1
    ? eq(rules.id, ids[0] ?? '')
    : inArray(rules.id, sql`(select unnest(${textArray(ids)})::uuid)`)
}
