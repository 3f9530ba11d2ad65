import { and, asc, desc, eq, gt, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts } from '#db/schema/alerts.ts'
import { exchangeCursors } from '#db/schema/exchanges.ts'
import { rules } from '#db/schema/rules.ts'
import { readingOf } from '#engine/exchange/cursor.ts'
import { lastEvaluated } from '#engine/rule/cadence.ts'
import { compileRule } from '#engine/rule/compile.ts'
import type { Rule } from '#engine/rule/rule.ts'
import type { WatchedRule } from '#engine/view/rule-list.ts'
import { listShards, progressOf, type ShardRow } from './evaluation-shards.ts'
import { toRule } from './rules.ts'

/** Where the next page begins: after this rule. */
export interface RuleCursor {
  readonly name: string
  readonly id: string
}

interface WatchedQuery {
  readonly environment?: string
  readonly ids?: readonly string[]
  readonly limit?: number
  readonly after?: RuleCursor
}

/** Rules, each with how it is doing, by name: those of one environment or of all, or by their ids. */
export async function listWatchedRules(db: Database, query: WatchedQuery = {}): Promise<WatchedRule[]> {
  return watched(db, query, [asc(rules.name), asc(rules.id)])
}

/** What fires comes first, then by name; and how many there are. */
export async function listWorstRules(
  db: Database,
  limit: number,
): Promise<{ readonly rules: readonly WatchedRule[]; readonly total: number; readonly firing: number }> {
  const [worst, [counted]] = await Promise.all([
    watched(db, { limit }, [desc(isFiring), asc(rules.name), asc(rules.id)]),
    db
      .select({
        total: sql<number>`count(*)::int`,
        firing: sql<number>`(count(*) filter (where ${isFiring}))::int`,
      })
      .from(rules)
      .where(isNull(rules.deletedAt)),
  ])
  return { rules: worst, total: counted?.total ?? 0, firing: counted?.firing ?? 0 }
}

/** What all rules of an environment are called, for whoever looks for one. */
export async function listRuleNames(
  db: Database,
  environment: string,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return db
    .select({ id: rules.id, name: rules.name })
    .from(rules)
    .where(and(isNull(rules.deletedAt), eq(rules.environment, environment)))
    .orderBy(asc(rules.name), asc(rules.id))
}

/** Of all alerts those that are not over are looked at, which have an index of their own. */
const isFiring = sql<boolean>`${rules.id} in (
  select rule_id from ${alerts} where state <> 'RESOLVED' and state = 'FIRING' and rule_id is not null)`

async function watched(db: Database, query: WatchedQuery, order: readonly SQL[]): Promise<WatchedRule[]> {
  const { environment, ids, limit, after } = query
  const where = and(
    isNull(rules.deletedAt),
    environment === undefined ? undefined : eq(rules.environment, environment),
    ids && inArray(rules.id, [...ids]),
    after && isAfter(after),
  )
  const found = db
    .select({ row: rules, firing: isFiring, cursor: exchangeCursors })
    .from(rules)
    .leftJoin(exchangeCursors, eq(exchangeCursors.ruleId, rules.id))
    .where(where)
    .orderBy(...order)
  const [rows, shards] = await Promise.all([limit === undefined ? found : found.limit(limit), listShards(db)])
  const evaluatedAt = evaluatedAccordingTo(shards)
  return rows.map(({ row, firing, cursor }) => ({
    rule: toRule(row),
    lastEvaluatedAt: evaluatedAt(toRule(row), row.revision),
    lastError: row.lastError,
    firing,
    ...(cursor && { exchanges: readingOf(cursor) }),
  }))
}

function isAfter({ name, id }: RuleCursor): SQL | undefined {
  return or(gt(rules.name, name), and(eq(rules.name, name), gt(rules.id, id)))
}

/** Nothing is written for each rule and slot: how far its shard is tells when it was evaluated. */
function evaluatedAccordingTo(shards: readonly ShardRow[]): (rule: Rule, revision: number) => Date | null {
  const byName = new Map(shards.map((row) => [row.shard, row]))
  return (rule, revision) => {
    const compiled = compileRule(rule, revision)
    const row = byName.get(compiled.shard)
    if (!row?.committedSlot || !rule.enabled) return null
    const last = lastEvaluated(compiled.cadence, progressOf(row, row.committedSlot))
    return last === undefined || last < rule.createdAt.getTime() ? null : new Date(last)
  }
}
