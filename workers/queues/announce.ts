import type { Logger } from 'pino'
import { deliver } from './deliver.ts'
import type { QueueHouse } from './queue.ts'

/**
 * Rows first, jobs second: tells the delivery workers which notifications were just written. A queue that is down is no
 * reason to fail whoever wrote the rows: the sweeper finds them.
 */
export type Announce = (notificationIds: readonly string[]) => Promise<void>

export function openAnnounce(queues: QueueHouse, log: Logger): Announce {
  const deliveries = queues.open(deliver)
  return async (notificationIds) => {
    if (notificationIds.length === 0) return
    const jobs = notificationIds.map((notificationId) => ({
      payload: { notificationId },
      id: notificationId,
    }))
    try {
      await deliveries.addMany(jobs)
    } catch (error) {
      log.warn(
        { err: error, notifications: jobs.length },
        'notifications wait for the sweeper: the queue did not take them',
      )
    }
  }
}
