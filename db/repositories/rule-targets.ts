import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { people } from '#db/schema/people.ts'
import { rules } from '#db/schema/rules.ts'
import type { RuleTarget } from '#engine/rule/bindings.ts'

/** Whom each of these rules is for, by rule; most name nobody. */
export async function listRuleTargets(
  db: Database,
  ruleIds: readonly (string | null)[],
): Promise<ReadonlyMap<string, readonly RuleTarget[]>> {
  const wanted = [...new Set(ruleIds.filter((id) => id !== null))]
  if (wanted.length === 0) return new Map()
  const rows = await db
    .select({ id: rules.id, targets: rules.targets })
    .from(rules)
    .where(and(inArray(rules.id, wanted), sql`jsonb_array_length(${rules.targets}) > 0`))
  return new Map(rows.map(({ id, targets }) => [id, targets]))
}

/** The rules that name this target, by name. */
export async function listRulesFor(
  db: Database,
  kind: RuleTarget['kind'],
  name: string,
): Promise<{ readonly name: string; readonly environment: string }[]> {
  const asWritten = kind === 'ROLE' ? sql`upper(target ->> 'targetId')` : sql`target ->> 'targetId'`
  return db
    .select({ name: rules.name, environment: rules.environment })
    .from(rules)
    .where(
      and(
        isNull(rules.deletedAt),
        sql`exists (select from jsonb_array_elements(${rules.targets}) target
          where target ->> 'kind' = ${kind} and ${asWritten} = ${kind === 'ROLE' ? name.toUpperCase() : name})`,
      ),
    )
    .orderBy(rules.name)
}

/** Somebody who spoke in a chat, by the name or the id they have here. */
export async function findPersonCalled(
  db: Database,
  called: string,
): Promise<Pick<typeof people.$inferSelect, 'name' | 'surface' | 'externalId'> | undefined> {
  const [person] = await db
    .select({ name: people.name, surface: people.surface, externalId: people.externalId })
    .from(people)
    .where(or(sql`${people.id}::text = ${called}`, eq(people.name, called)))
    .limit(1)
  return person
}
