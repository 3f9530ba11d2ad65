import { and, asc, count, eq, exists, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { alerts } from '#db/schema/alerts.ts'
import { environments, rules } from '#db/schema/rules.ts'
import type { Wording } from '#engine/message/wording.ts'
import type { Rule } from '#engine/rule/rule.ts'
import type { WatchedRule } from '#engine/view/rule-list.ts'

type RuleRow = typeof rules.$inferSelect

export async function saveRule(db: Database, rule: Rule, createdBy: string): Promise<void> {
  await db
    .insert(rules)
    .values({ ...rule, conditionKind: rule.condition.kind, createdBy, nextEvaluationAt: rule.createdAt })
}

export async function countRules(db: Database): Promise<number> {
  const [row] = await db.select({ rules: count() }).from(rules)
  return row?.rules ?? 0
}

export async function countRulesByState(
  db: Database,
): Promise<Readonly<Record<'enabled' | 'disabled', number>>> {
  const rows = await db.select({ enabled: rules.enabled, rules: count() }).from(rules).groupBy(rules.enabled)
  const counted = (enabled: boolean) => rows.find((row) => row.enabled === enabled)?.rules ?? 0
  return { enabled: counted(true), disabled: counted(false) }
}

/** Of rules that have templates of their own, by rule. */
export async function loadWordings(
  db: Database,
  ruleIds: readonly string[],
): Promise<ReadonlyMap<string, Wording>> {
  if (ruleIds.length === 0) return new Map()
  const rows = await db
    .select({ rule: rules, environment: environments })
    .from(rules)
    .innerJoin(environments, eq(environments.slug, rules.environment))
    .where(
      and(
        sql`${rules.id} in (select unnest(${textArray([...new Set(ruleIds)])})::uuid)`,
        sql`(${rules.notificationTitleTmpl} <> '' or ${rules.notificationMessageTmpl} <> '')`,
      ),
    )
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

/**
 * Of these rules the ones to evaluate for this slot: still switched on, and not claimed for a later slot meanwhile. A store
 * that hangs makes jobs pile up; when it answers again only the newest of each rule is worth asking.
 */
export async function listRulesToEvaluate(db: Database, ids: readonly string[], slot: Date): Promise<Rule[]> {
  const isNewest = or(isNull(rules.lastEvaluatedAt), lte(rules.lastEvaluatedAt, slot))
  const rows = await db
    .select()
    .from(rules)
    .where(and(inArray(rules.id, [...ids]), eq(rules.enabled, true), isNewest))
  return rows.map(toRule)
}

export async function listWatchedRules(db: Database, environment?: string): Promise<WatchedRule[]> {
  const firing = exists(
    db
      .select({ one: sql`1` })
      .from(alerts)
      .where(and(eq(alerts.ruleId, rules.id), eq(alerts.state, 'FIRING'))),
  )
  const rows = await db
    .select({ row: rules, firing: sql<boolean>`${firing}` })
    .from(rules)
    .where(environment === undefined ? undefined : eq(rules.environment, environment))
    .orderBy(asc(rules.name), asc(rules.id))
  return rows.map(({ row, firing }) => ({
    rule: toRule(row),
    lastEvaluatedAt: row.lastEvaluatedAt,
    lastError: row.lastError,
    firing,
  }))
}

/**
 * Takes the rules due at this slot, and says when each is due next: on its own grid, so that an evaluation missed while
 * nobody ran is skipped, not replayed; the grid reaches back as well, for a clock that was set back. SKIP LOCKED: two tickers at once share the work instead of doing it twice.
 */
export async function claimDueRules(db: Database, slot: Date, limit: number): Promise<Rule[]> {
  const due = db
    .select({ id: rules.id })
    .from(rules)
    .where(and(eq(rules.enabled, true), or(lte(rules.nextEvaluationAt, slot), isAhead(slot))))
    .orderBy(asc(rules.nextEvaluationAt))
    .limit(limit)
    .for('update', { skipLocked: true })
  const rows = await db
    .update(rules)
    .set({ nextEvaluationAt: nextOnGrid(slot), lastEvaluatedAt: slot })
    .where(inArray(rules.id, due))
    .returning()
  return rows.map(toRule)
}

const slackSeconds = 60

/**
 * Due later than its interval allows: the clock was set back, and nobody shall wait until it has caught up. With some
 * slack, because the slot of a tick that comes late lies a little before one that was claimed.
 */
function isAhead(slot: Date) {
  const latest = sql`${slot.toISOString()}::timestamptz + (${rules.evaluationIntervalSeconds} + ${slackSeconds}) * interval '1 second'`
  return sql`${rules.nextEvaluationAt} > ${latest}`
}

function nextOnGrid(slot: Date) {
  const at = sql`${slot.toISOString()}::timestamptz`
  const interval = sql`${rules.evaluationIntervalSeconds}`
  const missed = sql`floor(extract(epoch from ${at} - ${rules.nextEvaluationAt}) / ${interval})`
  return sql`${rules.nextEvaluationAt} + (${missed} + 1) * ${interval} * interval '1 second'`
}

/** Keeps, for each rule, why its newest evaluation gave no answer; null once it did. Only a change is written. */
export async function recordProblems(
  db: Database,
  evaluated: readonly Rule[],
  unanswered: readonly { readonly rule: Rule; readonly because: string }[],
): Promise<void> {
  const problems = Map.groupBy(unanswered, ({ because }) => because)
  for (const [because, failed] of problems) {
    const ids = failed.map(({ rule }) => rule.id)
    const isNews = or(isNull(rules.lastError), ne(rules.lastError, because))
    await db
      .update(rules)
      .set({ lastError: because })
      .where(and(inArray(rules.id, ids), isNews))
  }
  const silent = new Set(unanswered.map(({ rule }) => rule.id))
  const answered = evaluated.map((rule) => rule.id).filter((id) => !silent.has(id))
  if (answered.length === 0) return
  await db
    .update(rules)
    .set({ lastError: null })
    .where(and(inArray(rules.id, answered), isNotNull(rules.lastError)))
}

function toRule(row: RuleRow): Rule {
  const { createdBy: _by, nextEvaluationAt: _next, lastEvaluatedAt: _last, lastError: _error, ...rule } = row
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
