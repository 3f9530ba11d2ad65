import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { inLockOrder } from '#db/in-lock-order.ts'
import { floods } from '#db/schema/intake.ts'
import type { Flood } from '#engine/intake/flood-event.ts'

/** Adds to what is known of them, from whatever process; one statement, however many. */
export async function noteFloods(db: Database, seen: readonly Flood[]): Promise<void> {
  if (seen.length === 0) return
  await db
    .insert(floods)
    .values(inLockOrder(seen, ({ source }) => source))
    .onConflictDoUpdate({
      target: floods.source,
      set: {
        lastAt: sql`greatest(${floods.lastAt}, excluded.last_at)`,
        requests: sql`${floods.requests} + excluded.requests`,
      },
    })
}

export async function listFloods(db: Database): Promise<Flood[]> {
  return db.select().from(floods)
}

/** Unless it began again meanwhile. */
export async function forgetFlood(db: Database, { source, lastAt }: Flood): Promise<void> {
  await db.delete(floods).where(and(eq(floods.source, source), eq(floods.lastAt, lastAt)))
}
