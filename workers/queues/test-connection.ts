import { z } from 'zod'
import { defineQueue } from './queue.ts'

/** The row says which connection; somebody waits for what comes of it, so it is tried once. */
export const testConnection = defineQueue({
  name: 'test-connection',
  payload: z.object({ testId: z.uuid() }),
  attempts: 1,
})
