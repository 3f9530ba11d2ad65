import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { postedAlerts } from '#db/schema/intake.ts'
import { rules } from '#db/schema/rules.ts'

/** Which of these names of checks are a rule's, by its id, or those of an alert that was posted, by its fingerprint. */
export async function listSpokenFor(db: Database, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set()
  const ids = names.filter((name) => name.length === 36)
  const rows = await db.execute<{ name: string }>(sql`
    select id::text as name from ${rules} where id = any (${textArray(ids)}::uuid[])
    union all
    select fingerprint from ${postedAlerts} where fingerprint = any (${textArray(names)})`)
  return new Set(rows.map(({ name }) => name))
}
