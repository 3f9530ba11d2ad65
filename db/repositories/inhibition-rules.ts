import { and, asc, eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { inhibitionRules } from '#db/schema/suppressions.ts'
import type { InhibitionRule } from '#engine/suppress/inhibition.ts'

export type StoredInhibitionRule = typeof inhibitionRules.$inferSelect & InhibitionRule

/** Oldest first: of several that apply, the first one names what inhibits. */
export async function listInhibitionRules(
  db: Database,
  environment: string,
): Promise<StoredInhibitionRule[]> {
  return db
    .select()
    .from(inhibitionRules)
    .where(eq(inhibitionRules.environment, environment))
    .orderBy(asc(inhibitionRules.createdAt), asc(inhibitionRules.id))
}

export async function findInhibitionRule(
  db: Database,
  environment: string,
  id: string,
): Promise<StoredInhibitionRule | undefined> {
  const [rule] = await db.select().from(inhibitionRules).where(isRule(environment, id))
  return rule
}

/** In a transaction with `renewQuiet`: processes keep rules made ready. */
export async function saveInhibitionRule(db: Database, rule: StoredInhibitionRule): Promise<void> {
  const { name, source, target, equal } = rule
  await db
    .insert(inhibitionRules)
    .values(rule)
    .onConflictDoUpdate({ target: inhibitionRules.id, set: { name, source, target, equal } })
}

/** False: there was none. */
export async function removeInhibitionRule(db: Database, environment: string, id: string): Promise<boolean> {
  const gone = await db
    .delete(inhibitionRules)
    .where(isRule(environment, id))
    .returning({ id: inhibitionRules.id })
  return gone.length > 0
}

function isRule(environment: string, id: string) {
  return and(eq(inhibitionRules.environment, environment), eq(inhibitionRules.id, id))
}
