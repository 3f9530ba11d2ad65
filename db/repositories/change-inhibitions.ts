import type { Database } from '#db/client.ts'
import { removeInhibitionRule, saveInhibitionRule, type StoredInhibitionRule } from './inhibition-rules.ts'
import { releaseHeld } from './notifications.ts'
import { renewRevision } from './quiet-revision.ts'

/** A new rule or a changed one. What rules hold back is looked at again; the ids are to be announced. */
export async function placeInhibitionRule(
  db: Database,
  rule: StoredInhibitionRule,
  now: Date,
): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    await saveInhibitionRule(tx, rule)
    await renewRevision(tx, rule.environment)
    return releaseHeld(tx, rule.environment, now)
  })
}

/** Undefined: there was none. */
export async function dropInhibitionRule(
  db: Database,
  { environment, id }: Pick<StoredInhibitionRule, 'environment' | 'id'>,
  now: Date,
): Promise<readonly string[] | undefined> {
  return db.transaction(async (tx) => {
    if (!(await removeInhibitionRule(tx, environment, id))) return undefined
    await renewRevision(tx, environment)
    return releaseHeld(tx, environment, now)
  })
}
