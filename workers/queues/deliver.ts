import { z } from 'zod'
import { defineQueue } from './queue.ts'

/** One notification to one destination. The row says what, and counts the attempts; a job that fails is swept up. */
export const deliver = defineQueue({
  name: 'deliver',
  payload: z.object({ notificationId: z.uuid() }),
  attempts: 1,
  concurrency: 8,
})
