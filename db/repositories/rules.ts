import { and, count, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alerts } from '#db/schema/alerts.ts'
import { exchangeCursors } from '#db/schema/exchanges.ts'
import { environments, rules } from '#db/schema/rules.ts'
import type { Wording } from '#engine/message/wording.ts'
import type { Rule } from '#engine/rule/rule.ts'
import { nextRevision } from './rule-revision.ts'

type RuleRow = typeof rules.$inferSelect

export async function saveRule(db: Database, rule: Rule, createdBy: string): Promise<void> {
  await saveRules(db, [rule], createdBy)
}

/** As many as one statement's parameters hold, at a time. */
const rulesAtOnce = 1000

export async function saveRules(db: Database, fresh: readonly Rule[], createdBy: string): Promise<void> {
  await db.transaction(async (tx) => {
    const revision = await nextRevision(tx)
    for (let begin = 0; begin < fresh.length; begin += rulesAtOnce) {
      const rows = fresh.slice(begin, begin + rulesAtOnce)
      await tx
        .insert(rules)
        .values(rows.map((rule) => ({ ...rule, conditionKind: rule.condition.kind, createdBy, revision })))
    }
  })
}

/** Waits for whoever changes it now. */
export async function lockRule(tx: Database, environment: string, id: string): Promise<Rule | undefined> {
  const [row] = await tx
    .select()
    .from(rules)
    .where(and(eq(rules.id, id), eq(rules.environment, environment), isKept))
    .for('no key update')
  return row && toRule(row)
}

/** As people changed it; why it was not answered before says nothing of how it is now. */
export async function replaceRule(
  tx: Database,
  { id, createdAt: _made, ...rule }: Rule,
  now: Date,
): Promise<void> {
  const revision = await nextRevision(tx)
  if (!rule.enabled) await forgetPending(tx, id, now)
  await tx
    .update(rules)
    .set({
      ...rule,
      conditionKind: rule.condition.kind,
      revision,
      lastError: null,
      unansweredSince: null,
    })
    .where(eq(rules.id, id))
}

/** Nobody looks any more whether what is about to fire goes on. */
async function forgetPending(tx: Database, ruleId: string, now: Date): Promise<void> {
  await tx
    .update(alerts)
    .set({ state: 'RESOLVED', resolvedAt: now })
    .where(and(eq(alerts.ruleId, ruleId), eq(alerts.state, 'PENDING')))
}

/** Its alerts stay, and find its name and its words where they were. */
export async function removeRule(tx: Database, id: string, now: Date): Promise<void> {
  const revision = await nextRevision(tx)
  await forgetPending(tx, id, now)
  await tx
    .update(rules)
    .set({ deletedAt: now, enabled: false, revision, lastError: null, unansweredSince: null })
    .where(eq(rules.id, id))
  await tx.delete(exchangeCursors).where(eq(exchangeCursors.ruleId, id))
}

export interface RuleChange {
  readonly rule: Rule
  readonly revision: number
  readonly isWatched: boolean
}

/** What was changed after this revision, whatever became of it. */
export async function listRulesSince(db: Database, revision: number): Promise<RuleChange[]> {
  const rows = await db.select().from(rules).where(gt(rules.revision, revision))
  return rows.map((row) => ({
    rule: toRule(row),
    revision: row.revision,
    isWatched: row.enabled && row.deletedAt === null,
  }))
}

const isKept = isNull(rules.deletedAt)

export async function countRules(db: Database): Promise<number> {
  const [row] = await db.select({ rules: count() }).from(rules).where(isKept)
  return row?.rules ?? 0
}

/** Nothing keeps two rules of an environment from having one name; whoever reads it in a chat cannot tell them apart. */
export async function countRulesNamed(db: Database, environment: string, name: string): Promise<number> {
  return db.$count(rules, and(isKept, eq(rules.environment, environment), eq(rules.name, name)))
}

export async function countRulesByState(
  db: Database,
): Promise<Readonly<Record<'enabled' | 'disabled', number>>> {
  const rows = await db
    .select({ enabled: rules.enabled, rules: count() })
    .from(rules)
    .where(isKept)
    .groupBy(rules.enabled)
  const counted = (enabled: boolean) => rows.find((row) => row.enabled === enabled)?.rules ?? 0
  return { enabled: counted(true), disabled: counted(false) }
}

/** What rules say of themselves, by rule; their templates may be empty. */
export async function loadWordings(
  db: Database,
  ruleIds: readonly string[],
): Promise<ReadonlyMap<string, Wording>> {
  if (ruleIds.length === 0) return new Map()
  const rows = await db
    .select({ rule: rules, environment: environments })
    .from(rules)
    .innerJoin(environments, eq(environments.slug, rules.environment))
    .where(sql`${rules.id} in (select unnest(${textArray([...new Set(ruleIds)])})::uuid)`)
  return new Map(rows.map(({ rule, environment }) => [rule.id, wordingOf(rule, environment)]))
}

function wordingOf(rule: typeof rules.$inferSelect, environment: Wording['environment']): Wording {
  const { id, name, description, severity, notificationTitleTmpl, notificationMessageTmpl } = rule
  return {
    rule: { id, name, description, severity },
    environment,
    titleTemplate: notificationTitleTmpl,
    messageTemplate: notificationMessageTmpl,
  }
}

export function toRule(row: RuleRow): Rule {
  const { createdBy: _by, revision: _revision, deletedAt: _deleted, ...known } = row
  const { lastError: _error, unansweredSince: _since, ...rule } = known
  return rule
}

/** How long each of them must have seen a problem before it is one, by rule id. */
export async function listForDurations(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: rules.id, seconds: rules.forDurationSeconds })
    .from(rules)
    .where(inArray(rules.id, [...new Set(ids)]))
  return new Map(rows.map(({ id, seconds }) => [id, seconds]))
}
