import { asc, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { inLockOrder } from '#db/in-lock-order.ts'
import { callTimes } from '#db/schema/lanes.ts'
import type { Medium } from '#engine/medium.ts'
import type { CallTimes } from '#engine/notify/call-times.ts'

/** Adds what a process has counted to what all of them have. */
export async function addCallTimes(db: Database, counted: ReadonlyMap<Medium, CallTimes>): Promise<void> {
  const rows = [...counted].map(([surface, times]) => ({
    surface,
    ...times,
    callsWithin: [...times.callsWithin],
  }))
  if (rows.length === 0) return
  await db
    .insert(callTimes)
    .values(inLockOrder(rows, ({ surface }) => surface))
    .onConflictDoUpdate({
      target: callTimes.surface,
      set: {
        calls: sql`${callTimes.calls} + excluded.calls`,
        seconds: sql`${callTimes.seconds} + excluded.seconds`,
        callsWithin: sql`array(select coalesce(known, 0) + fresh
          from unnest(${callTimes.callsWithin}, excluded.calls_within) with ordinality as both_of (known, fresh, place)
          order by place)`,
      },
    })
}

export async function listCallTimes(db: Database): Promise<(CallTimes & { readonly surface: Medium })[]> {
  return db.select().from(callTimes).orderBy(asc(callTimes.surface))
}
