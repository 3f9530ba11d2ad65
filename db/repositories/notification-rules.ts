import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { Conflict, NotFound, quoteNames } from '#db/errors.ts'
import { recordSet } from '#db/record-set.ts'
import { contacts, notificationRules } from '#db/schema/contacts.ts'
import { mediaTypes } from '#engine/directory/media-types.ts'
import type { RuleDraft } from '#engine/route/read-rule.ts'
import {
  implicitGeneralRule,
  implicitRuleEnd,
  isSpecific,
  type NotificationRule,
} from '#engine/route/rules.ts'
import { changeRouting } from './change-routing.ts'
import { requireContacts } from './contact-directory.ts'

/** A rule of the same contact with the same id is replaced. Throws NotFound for the contact, Conflict for others' rules. */
export async function putRules(
  db: Database,
  contactId: string,
  drafts: readonly { readonly id: string; readonly rule: RuleDraft }[],
): Promise<void> {
  const rows = [...new Map(drafts.map(({ id, rule }) => [id, { id, contactId, definition: rule }])).values()]
  await changeRouting(db, async (tx) => {
    await requireContacts(tx, [contactId])
    const known = await tx
      .select({ id: notificationRules.id, contactId: notificationRules.contactId })
      .from(notificationRules)
      .where(
        inArray(
          notificationRules.id,
          rows.map(({ id }) => id),
        ),
      )
    const foreign = known.filter((rule) => rule.contactId !== contactId).map(({ id }) => id)
    if (foreign.length > 0)
      throw new Conflict(`Notification rules of another contact have these ids: ${quoteNames(foreign)}.`)
    await saveRules(tx, rows)
  })
}

/** Each changed by itself, all or none. Throws NotFound, which names all that are missing. */
export async function changeRules(
  db: Database,
  ids: readonly string[],
  change: (rule: RuleDraft) => RuleDraft,
): Promise<void> {
  await changeRouting(db, async (tx) => {
    const rules = await requireRules(tx, ids)
    await saveRules(
      tx,
      rules.map(({ id, contactId, ...definition }) => ({ id, contactId, definition: change(definition) })),
    )
  })
}

/** An implicit rule cannot be deleted: it is there as long as no other general one is. Throws NotFound as above. */
export async function deleteRules(db: Database, ids: readonly string[]): Promise<void> {
  await changeRouting(db, async (tx) => {
    await requireRules(tx, ids)
    await tx.delete(notificationRules).where(inArray(notificationRules.id, [...ids]))
  })
}

interface RuleQuery {
  readonly ids?: readonly string[]
  readonly contactId?: string
  /** Those whose id comes after this one. */
  readonly after?: string
  readonly limit?: number
}

/** By id, as they are stored. */
export async function listRules(
  db: Database,
  { ids, contactId, after, limit }: RuleQuery,
): Promise<NotificationRule[]> {
  const query = db
    .select()
    .from(notificationRules)
    .where(
      and(
        ids && inArray(notificationRules.id, [...ids]),
        contactId === undefined ? undefined : eq(notificationRules.contactId, contactId),
        after === undefined ? undefined : gt(notificationRules.id, after),
      ),
    )
    .orderBy(asc(notificationRules.id))
  const rows = await (limit === undefined ? query : query.limit(limit))
  return rows.map(({ id, contactId, definition }) => ({ ...definition, id, contactId }))
}

export async function loadRule(db: Database, id: string): Promise<NotificationRule> {
  const [rule] = await listRulesWithImplicit(db, [id])
  if (!rule) throw new NotFound(`notification rule ${quoteNames([id])}`)
  return rule
}

/**
 * With the implicit rules of those who have no general one, as Flapjack lists them. Once such a rule is changed it is
 * stored under the id it had here.
 */
export async function listRulesWithImplicit(
  db: Database,
  ids: readonly string[] | undefined,
): Promise<NotificationRule[]> {
  const stored = await listRules(db, ids ? { ids } : {})
  const named = ids?.map((id) => contactOfImplicit(id)).filter((id) => id !== undefined)
  if (named?.length === 0) return stored
  const own = await db
    .select({
      contactId: contacts.id,
      definitions: sql<
        (RuleDraft | null)[]
      >`coalesce(jsonb_agg(${notificationRules.definition}), '[]'::jsonb)`,
    })
    .from(contacts)
    .leftJoin(notificationRules, eq(notificationRules.contactId, contacts.id))
    .where(named && inArray(contacts.id, named))
    .groupBy(contacts.id)
    .orderBy(asc(contacts.id))
  const silent = own.filter(({ definitions }) =>
    definitions.every((definition) => definition === null || isSpecific(definition)),
  )
  return [...stored, ...silent.map(({ contactId }) => implicitRuleOf(contactId))]
}

/** Names every type of medium: those the contact has not got make no difference, and those to come are heard. */
function implicitRuleOf(contactId: string): NotificationRule {
  const medium = { address: '', intervalSeconds: null, rollupThreshold: null }
  const media = Object.fromEntries(mediaTypes.map((type) => [type, medium]))
  return implicitGeneralRule({ id: contactId, timezone: null, media })
}

function contactOfImplicit(ruleId: string): string | undefined {
  return ruleId.endsWith(implicitRuleEnd) ? ruleId.slice(0, -implicitRuleEnd.length) : undefined
}

async function requireRules(tx: Database, ids: readonly string[]): Promise<NotificationRule[]> {
  const rules = await listRulesWithImplicit(tx, ids)
  const found = new Set(rules.map(({ id }) => id))
  const missing = [...new Set(ids)].filter((id) => !found.has(id))
  if (missing.length > 0) throw new NotFound(`notification rule ${quoteNames(missing)}`)
  return rules
}

async function saveRules(
  tx: Database,
  rows: readonly { id: string; contactId: string; definition: RuleDraft }[],
): Promise<void> {
  if (rows.length === 0) return
  await tx
    .insert(notificationRules)
    .select(recordSet(notificationRules, rows))
    .onConflictDoUpdate({ target: notificationRules.id, set: { definition: sql`excluded.definition` } })
}
