import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { type EventRefusal, readPushedEvents } from '#engine/intake/pushed-events.ts'
import { takeRawBodies } from './raw-body.ts'

const refusedSchema = z.array(
  z.object({
    index: z.number().int().describe('Its place among those that were sent, from 0'),
    problems: z.array(z.string()),
  }),
)
const acceptedSchema = z.object({ accepted: z.number().int(), refused: refusedSchema })
const rejectedSchema = z.object({ error: z.string(), refused: refusedSchema })

/** `POST /api/v1/events`: 200 means that what was accepted is stored, whatever happens to any process afterwards. */
export function serveEvents(api: FastifyInstance, { db, clock }: Desk): void {
  void api.register(async (scope) => {
    takeRawBodies(scope, ['application/json', 'application/x-ndjson'])
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/events',
      {
        schema: {
          summary: 'Send events: one, an array of them, or one a line as application/x-ndjson',
          consumes: ['application/json', 'application/x-ndjson'],
          response: { 200: acceptedSchema, 400: rejectedSchema },
        },
      },
      async ({ body, headers }, reply) => {
        const form = headers['content-type']?.startsWith('application/x-ndjson') ? 'lines' : 'json'
        const receivedAt = clock()
        const environment = firstEnvironment.slug
        const text = typeof body === 'string' ? body : ''
        const { events, refused } = readPushedEvents(text, form, environment)
        if (events.length === 0 && refused.length > 0) {
          return reply.code(400).send({ error: 'No event was accepted.', refused: refused.map(present) })
        }
        if (events.length > 0) {
          await acceptBatch(db, { source: 'events', items: events }, { environment, receivedAt })
        }
        return { accepted: events.length, refused: refused.map(present) }
      },
    )
  })
}

function present({ index, problems }: EventRefusal): z.infer<typeof refusedSchema>[number] {
  return { index, problems: [...problems] }
}
