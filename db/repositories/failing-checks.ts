import { and, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { checks } from '#db/schema/alerts.ts'

/** Of each rule the entities of its checks that fail: in lower case, and as they were written. */
export type FailingChecks = ReadonlyMap<string, ReadonlyMap<string, string>>

export async function loadFailingChecks(db: Database, ruleIds: readonly string[]): Promise<FailingChecks> {
  if (ruleIds.length === 0) return new Map()
  const rows = await db
    .select({ ruleId: checks.ruleId, entity: checks.entity })
    .from(checks)
    .where(and(inArray(checks.ruleId, [...ruleIds]), isFailing))
  return new Map(
    [...Map.groupBy(rows, ({ ruleId }) => ruleId ?? '')].map(([ruleId, some]) => [
      ruleId,
      new Map(some.map(({ entity }) => [entity.toLowerCase(), entity])),
    ]),
  )
}

const isFailing = sql`${checks.memory} #>> '{lastChange,state}' <> 'ok'`
