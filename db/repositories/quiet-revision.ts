import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { silenceRevisions } from '#db/schema/suppressions.ts'

/** Tells every process that what it made ready for this environment no longer holds. */
export async function renewRevision(db: Database, environment: string): Promise<void> {
  const revision = sql`gen_random_uuid()`
  await db
    .insert(silenceRevisions)
    .values({ environment, revision })
    .onConflictDoUpdate({ target: silenceRevisions.environment, set: { revision } })
}
