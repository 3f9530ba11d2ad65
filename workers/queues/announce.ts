import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { listSurfaces } from '#db/repositories/notifications.ts'
import { deliveries } from './deliver.ts'
import type { QueueHouse } from './queue.ts'

/**
 * Rows first, jobs second: tells the delivery workers which notifications were just written. A queue that is down is no
 * reason to fail whoever wrote the rows: the sweeper finds them.
 */
export type Announce = (notificationIds: readonly string[]) => Promise<void>

export function openAnnounce(queues: QueueHouse, db: Database, log: Logger): Announce {
  const opened = new Map([...new Set(deliveries.values())].map((queue) => [queue, queues.open(queue)]))
  return async (notificationIds) => {
    if (notificationIds.length === 0) return
    try {
      const surfaces = await listSurfaces(db, notificationIds)
      for (const [queue, meant] of Map.groupBy(surfaces, (row) => deliveries.get(row.surface))) {
        const jobs = meant.map(({ id }) => ({ payload: { notificationId: id }, id }))
        await (queue && opened.get(queue))?.addMany(jobs)
      }
    } catch (error) {
      log.warn(
        { err: error, notifications: notificationIds.length },
        'notifications wait for the sweeper: the queue did not take them',
      )
    }
  }
}
