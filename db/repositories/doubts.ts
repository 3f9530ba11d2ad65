import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { textArray } from '#db/record-set.ts'
import { notifications } from '#db/schema/notifications.ts'
import { mostAttemptsKept, unknownAttempt } from '#engine/notify/delivery-attempt.ts'

/**
 * Nobody knows whether these were heard: they are said again, with all that waits behind them, when whoever said them must have
 * come to an end. What was held and was being said is held no more.
 */
export async function doubt(
  db: Database,
  notificationIds: readonly string[],
  { now, until }: { readonly now: Date; readonly until: Date },
): Promise<void> {
  await db.execute(sql`
    update ${notifications} set
      state = 'PENDING',
      attempts = attempts + 1,
      not_before = greatest(not_before, ${until.toISOString()}::timestamptz),
      attempt_log = (case when jsonb_array_length(attempt_log) >= ${mostAttemptsKept}::int
        then attempt_log - 0 else coalesce(attempt_log, '[]') end) || ${JSON.stringify(unknownAttempt(now))}::jsonb
    where id = any(${textArray(notificationIds)}::uuid[]) and state in ('PENDING', 'HELD')`)
}
