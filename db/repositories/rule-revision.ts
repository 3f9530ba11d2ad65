import { eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { ruleRevisions } from '#db/schema/evaluation.ts'

const part = 'rules'

/** In the transaction that changes rules: their row is locked until it ends, so that revisions become known in their order. */
export async function nextRevision(tx: Database): Promise<number> {
  const [row] = await tx
    .insert(ruleRevisions)
    .values({ part, revision: 1 })
    .onConflictDoUpdate({
      target: ruleRevisions.part,
      set: { revision: sql`${ruleRevisions.revision} + 1` },
    })
    .returning()
  if (!row) throw new Error('the revision of the rules was not raised')
  return row.revision
}

export async function findRevision(db: Database): Promise<number> {
  const [row] = await db.select().from(ruleRevisions).where(eq(ruleRevisions.part, part))
  return row?.revision ?? 0
}
