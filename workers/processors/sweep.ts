import { dropExpiredDrafts } from '#db/repositories/form-drafts.ts'
import { listDueNotifications } from '#db/repositories/notifications.ts'
import type { Hands } from '#workers/hands.ts'

/** Younger ones are most likely still on their way through the queue. */
const graceMs = 3000
const mostAtOnce = 1000

/** Row first, job second: whatever a crash, an outage or a silence left behind is handed to delivery again. */
export async function sweepUp({
  db,
  announce,
  clock,
}: Pick<Hands, 'db' | 'announce' | 'clock'>): Promise<number> {
  const now = clock()
  const due = await listDueNotifications(db, new Date(now.getTime() - graceMs), mostAtOnce)
  await announce(due)
  await dropExpiredDrafts(db, now)
  return due.length
}
