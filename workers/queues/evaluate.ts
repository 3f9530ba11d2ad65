import { z } from 'zod'
import { defineQueue } from './queue.ts'

/**
 * Something is due in a shard. The slot says when it was offered; what is evaluated is the newest one in the shard's row. A
 * slot missed is not made up for: no retries.
 */
export const evaluate = defineQueue({
  name: 'evaluate',
  payload: z.object({ shard: z.string(), slot: z.iso.datetime() }),
  attempts: 1,
  lockMs: 5000,
})
