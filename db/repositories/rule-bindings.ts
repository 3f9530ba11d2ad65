import { and, eq, inArray, sql, isNull } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { rules } from '#db/schema/rules.ts'

const namesSome = sql`jsonb_array_length(${rules.webhooks}) > 0`

/** The ids of the connections that each of these rules names, by rule; most name none. */
export async function listRuleConnections(
  db: Database,
  ruleIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (ruleIds.length === 0) return new Map()
  const rows = await db
    .select({ id: rules.id, webhooks: rules.webhooks })
    .from(rules)
    .where(and(inArray(rules.id, [...new Set(ruleIds)]), namesSome))
  return new Map(rows.map(({ id, webhooks }) => [id, webhooks.map((one) => one.outboundConnectionId)]))
}

/** The body that a rule gives to a connection in place of the connection's own. */
export async function findBodyOverride(
  db: Database,
  ruleId: string,
  connectionId: string,
): Promise<string | undefined> {
  const [row] = await db
    .select({ webhooks: rules.webhooks })
    .from(rules)
    .where(and(eq(rules.id, ruleId), namesSome))
  const bound = row?.webhooks.find((one) => one.outboundConnectionId === connectionId)
  return bound?.bodyOverride ?? undefined
}

interface BoundRule {
  readonly name: string
  readonly environment: string
}

/** The rules that name this connection. */
export async function listRulesNaming(db: Database, connectionId: string): Promise<BoundRule[]> {
  const names = JSON.stringify([{ outboundConnectionId: connectionId }])
  return db
    .select({ name: rules.name, environment: rules.environment })
    .from(rules)
    .where(and(sql`${rules.webhooks} @> ${names}::jsonb`, isNull(rules.deletedAt)))
    .orderBy(rules.name)
}
