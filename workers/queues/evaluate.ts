import { z } from 'zod'
import { defineQueue } from './queue.ts'

/** Rules that share a store, to be asked about together for one slot. A slot missed is not made up for: no retries. */
export const evaluate = defineQueue({
  name: 'evaluate',
  payload: z.object({ ruleIds: z.array(z.uuid()), slot: z.iso.datetime() }),
  attempts: 1,
})
