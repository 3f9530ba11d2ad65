import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import type { Arrival, BodyForm, EventRefusal, ReadEvents } from '#engine/intake/each-event.ts'
import { problemSchema } from './problem.ts'

export const refusedSchema = z.array(
  z.object({
    index: z.number().int().describe('Its place among those that were sent, from 0'),
    problems: z.array(z.string()),
  }),
)
const acceptedSchema = z.object({ accepted: z.number().int(), refused: refusedSchema })
const rejectedSchema = problemSchema.extend({ refused: refusedSchema.optional() })

/** What every door for events takes and answers. */
export const eventTypes = ['application/json', 'application/x-ndjson']
export const eventAnswers = { 200: acceptedSchema, 400: rejectedSchema }

export function readRawBody({ body, headers }: FastifyRequest): { text: string; form: BodyForm } {
  const type = headers['content-type']?.toLowerCase() ?? ''
  return {
    text: typeof body === 'string' ? body : '',
    form: type.startsWith('application/x-ndjson') ? 'lines' : 'json',
  }
}

/**
 * 200 means that what was accepted is stored, whatever happens to any process afterwards. Good events are kept beside bad
 * ones; 400 says that there was none.
 */
export async function acceptEvents(
  db: Database,
  { events, refused }: ReadEvents,
  { environment, now }: Arrival,
  reply: FastifyReply,
): Promise<z.infer<typeof acceptedSchema> | FastifyReply> {
  if (events.length === 0 && refused.length > 0) {
    return reply.code(400).send({ error: 'No event was accepted.', refused: presentRefused(refused) })
  }
  if (events.length > 0) {
    await acceptBatch(db, { source: 'events', items: events }, { environment, receivedAt: now })
  }
  return { accepted: events.length, refused: presentRefused(refused) }
}

export function presentRefused(refused: readonly EventRefusal[]): z.infer<typeof refusedSchema> {
  return refused.map(({ index, problems }) => ({ index, problems: [...problems] }))
}
