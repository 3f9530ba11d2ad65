import { z } from 'zod'
import { slotMs } from '#engine/rule/cadence.ts'
import { defineQueue } from './queue.ts'

/** How often due rules are looked for: the shortest interval a rule may have. */
export const tickMs = slotMs

/** The ticker: one repeated job per deployment. Its slot is the instant the rules are evaluated for. */
export const tick = defineQueue({
  name: 'tick',
  payload: z.object({}),
  attempts: 1,
  concurrency: 1,
  lockMs: 5000,
})
