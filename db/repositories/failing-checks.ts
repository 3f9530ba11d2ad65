import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { checks } from '#db/schema/alerts.ts'
import { rules } from '#db/schema/rules.ts'
import type { ConditionKind } from '#engine/rule/conditions/registry.ts'

/** Of each rule the entities of its checks that fail: in lower case, and as they were written. */
export type FailingChecks = ReadonlyMap<string, ReadonlyMap<string, string>>

/**
 * Of all rules of these kinds. What fails is little beside what there is, and has an index of its own. Exchanges that matched
 * fail for good and are nobody's question.
 */
export async function loadFailingChecks(
  db: Database,
  kinds: readonly ConditionKind[],
): Promise<FailingChecks> {
  if (kinds.length === 0) return new Map()
  const rows = await db
    .select({ ruleId: rules.id, entity: checks.entity })
    .from(checks)
    .innerJoin(rules, eq(rules.id, checks.failingRuleId))
    .where(and(isNotNull(checks.failingRuleId), inArray(rules.conditionKind, [...kinds]), mayRecover))
  return new Map(
    [...Map.groupBy(rows, ({ ruleId }) => ruleId)].map(([ruleId, some]) => [
      ruleId,
      new Map(some.map(({ entity }) => [entity.toLowerCase(), entity])),
    ]),
  )
}

/** Which of the platform's own checks fail, by name. */
export async function loadFailingPlatform(
  db: Database,
  environment: string,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ key: checks.key })
    .from(checks)
    .where(and(eq(checks.environment, environment), inArray(checks.key, [...keys]), hasFailed))
  return new Set(rows.map(({ key }) => key))
}

const hasFailed = sql`${checks.memory} #>> '{lastChange,state}' <> 'ok'`

const mayRecover = sql`${rules.condition} ->> 'fireMode' is distinct from 'PER_EXCHANGE'`
