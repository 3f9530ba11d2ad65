import { and, desc, eq, lt, or, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { inLockOrder } from '#db/in-lock-order.ts'
import { audit } from '#db/schema/audit.ts'
import type { AuditEntry } from '#engine/audit.ts'

export type KeptAuditEntry = AuditEntry & { readonly id: number }

/** What is refused carries `sameAs`: another of that name adds to it. */
export type NewAuditEntry = AuditEntry & { readonly sameAs?: string }

/** One statement, however many. */
export async function recordAudit(db: Database, entries: readonly NewAuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  await db
    .insert(audit)
    .values(inLockOrder(entries, ({ sameAs = '' }) => sameAs))
    .onConflictDoUpdate({
      target: audit.sameAs,
      set: { times: sql`${audit.times} + excluded.times`, lastAt: sql`excluded.last_at` },
    })
}

/** → its id. */
export async function beginAudit(db: Database, entry: AuditEntry): Promise<number> {
  const [row] = await db.insert(audit).values(entry).returning({ id: audit.id })
  if (!row) throw new Error('what was about to be done could not be written down')
  return row.id
}

export async function endAudit(db: Database, id: number): Promise<void> {
  await db.update(audit).set({ outcome: 'done' }).where(eq(audit.id, id))
}

export async function forgetAudit(db: Database, id: number): Promise<void> {
  await db.delete(audit).where(eq(audit.id, id))
}

interface AuditPage {
  readonly outcome?: AuditEntry['outcome'] | undefined
  /** The id that the page before ended with. */
  readonly before?: number | undefined
  readonly limit: number
}

/** Newest first. */
export async function listAudit(
  db: Database,
  { outcome, before, limit }: AuditPage,
): Promise<KeptAuditEntry[]> {
  return db
    .select()
    .from(audit)
    .where(
      and(outcome && eq(audit.outcome, outcome), before === undefined ? undefined : lt(audit.id, before)),
    )
    .orderBy(desc(audit.id))
    .limit(limit)
}

const dayMs = 86_400_000
const keptDays = { begun: 400, done: 400, refused: 90 }

export async function forgetOldAudit(db: Database, now: Date): Promise<void> {
  const isOld = (outcome: AuditEntry['outcome']) =>
    and(eq(audit.outcome, outcome), lt(audit.lastAt, new Date(now.getTime() - keptDays[outcome] * dayMs)))
  await db.delete(audit).where(or(isOld('begun'), isOld('done'), isOld('refused')))
}
