import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { routingVersion } from '#db/schema/contacts.ts'

/**
 * Whatever changes who hears of what, in one transaction, which tells every process so. One at a time in the deployment:
 * the version is written first, and its row is locked until the end.
 */
export async function changeRouting<Result>(
  db: Database,
  change: (tx: Database) => PromiseLike<Result>,
): Promise<Result> {
  return db.transaction(async (tx) => {
    await tx
      .insert(routingVersion)
      .values({ only: 1, version: randomUUID() })
      .onConflictDoUpdate({ target: routingVersion.only, set: { version: sql`excluded.version` } })
    return change(tx)
  })
}
