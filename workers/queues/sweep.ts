import { z } from 'zod'
import { defineQueue } from './queue.ts'

export const sweepMs = 5000

/** Finds what ended, began or was forgotten since the last time. */
export const sweep = defineQueue({ name: 'sweep', payload: z.object({}), attempts: 1, concurrency: 1 })
