import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { pageOfGaps } from '#db/repositories/evaluation-gaps.ts'
import { problemSchema } from './problem.ts'

const querySchema = z.object({
  limit: z.coerce
    .number({ error: 'limit must be a number.' })
    .int('limit must be a whole number.')
    .min(1, 'limit is below 1.')
    .max(200, 'limit is above 200.')
    .default(50),
  cursor: z.coerce
    .number({ error: 'Use nextCursor of the page before, unchanged.' })
    .int('Use nextCursor of the page before, unchanged.')
    .positive('Use nextCursor of the page before, unchanged.')
    .optional()
    .describe('nextCursor of the page before'),
})

const gapSchema = z.object({
  shard: z.string().describe('The rules that look at this were not evaluated'),
  after: z.iso.datetime().describe('The last slot that was'),
  until: z.iso.datetime().describe('The next one that was'),
  missedSlots: z.int().describe('Slots of 5 s in between. What was missed is not evaluated later'),
  reason: z.enum(['stopped', 'late']).describe('stopped: nothing ran. late: the answers took too long'),
})

/** When rules were not looked at, and so cannot have fired; kept for 30 days. */
export function serveEvaluationGaps(app: FastifyInstance, { db }: Desk): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/evaluation/gaps',
    {
      schema: {
        summary: 'Stretches in which rules were not evaluated, newest first',
        querystring: querySchema,
        response: {
          200: z.object({ gaps: z.array(gapSchema), nextCursor: z.int().nullable() }),
          400: problemSchema,
        },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const page = await pageOfGaps(db, { limit, before: cursor })
      const gaps = page.map(({ shard, after, until, missed, reason }) => ({
        shard,
        after: after.toISOString(),
        until: until.toISOString(),
        missedSlots: missed,
        reason,
      }))
      return { gaps, nextCursor: page.length === limit ? (page.at(-1)?.id ?? null) : null }
    },
  )
}
