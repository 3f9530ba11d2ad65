import { z } from 'zod'
import { defineQueue } from './queue.ts'

export const sweepMs = 5000

/** Finds notifications whose job was lost, postponed or held, and hands them to delivery again. */
export const sweep = defineQueue({ name: 'sweep', payload: z.object({}), attempts: 1, concurrency: 1 })
