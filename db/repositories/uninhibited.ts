import { inArray, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { alerts } from '#db/schema/alerts.ts'
import { notifications } from '#db/schema/notifications.ts'
import { listFiring, retell } from './retell.ts'

const mostAtOnce = 1000

/** What was held because of an alert that has resolved since. The ids are to be announced. */
export async function releaseUninhibited(db: Database, now: Date): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    const released = await tx.execute<{ id: string; incident_id: string }>(sql`
      update ${notifications} set not_before = ${now.toISOString()}::timestamptz, inhibited_by = null
      where id in (
        select held.id from ${notifications} held
        join ${alerts} on ${alerts.id} = held.inhibited_by
        where held.state = 'HELD' and held.inhibited_by is not null and ${alerts.state} = 'RESOLVED'
        limit ${mostAtOnce}
        for update of held skip locked)
      returning id, incident_id`)
    if (released.length === 0) return []
    const ids = released.map(({ id }) => id)
    const incidentIds = [...new Set(released.map(({ incident_id }) => incident_id))]
    const firing = await listFiring(tx, inArray(alerts.incidentId, incidentIds))
    const { notificationIds } = await retell(tx, firing, 'inhibition', now)
    return [...ids, ...notificationIds]
  })
}
