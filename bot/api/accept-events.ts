import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { acceptBatch, type BatchArrival } from '#db/repositories/batches.ts'
import { namesTooMany } from '#engine/intake/named-checks.ts'
import type { Arrival, BodyForm, EventRefusal, ReadEvents } from '#engine/intake/each-event.ts'
import type { Event } from '#engine/event.ts'
import { problemSchema } from './problem.ts'
import { pusherOf, sourceOf } from './hold-to-quota.ts'

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
export const eventAnswers = { 200: acceptedSchema, 400: rejectedSchema, 429: problemSchema }

export function readRawBody({ body, headers }: FastifyRequest): { text: string; form: BodyForm } {
  const type = headers['content-type']?.toLowerCase() ?? ''
  return {
    text: typeof body === 'string' ? body : '',
    form: type.startsWith('application/x-ndjson') ? 'lines' : 'json',
  }
}

interface Accepting extends Arrival, Pick<BatchArrival, 'once'> {
  /** Who pushes it, where the request does not say. */
  readonly by?: string | undefined
}

/**
 * 200 means that what was accepted is stored, whatever happens to any process afterwards. Good events are kept beside bad
 * ones; 400 says that there was none.
 */
export async function acceptEvents(
  { db, quotas }: Pick<Desk, 'db' | 'quotas'>,
  read: ReadEvents,
  { environment, now, once, by }: Accepting,
  reply: FastifyReply,
): Promise<z.infer<typeof acceptedSchema> | FastifyReply> {
  const source = sourceOf(reply.request)
  quotas.spend(source, read.events.length + read.refused.length)
  const failing = read.events.filter(isFailing).map(({ checkKey }) => checkKey)
  const { events, refused } = withoutThose(quotas.tooMany(source, failing), read, source)
  if (events.length === 0 && refused.length > 0) {
    return reply.code(400).send({ error: 'No event was accepted.', refused: presentRefused(refused) })
  }
  if (events.length > 0) {
    await acceptBatch(
      db,
      { source: 'events', items: saidBy(by ?? pusherOf(reply.request), events) },
      { environment, receivedAt: now, ...(once && { once }) },
    )
  }
  return { accepted: events.length, refused: presentRefused(refused) }
}

function isFailing(event: Event): boolean {
  return event.kind === 'service' && event.state !== 'ok'
}

function withoutThose(tooMany: ReadonlySet<string>, read: ReadEvents, source: string): ReadEvents {
  if (tooMany.size === 0) return read
  const known = new Set(read.refused.map(({ index }) => index))
  const places = Array.from({ length: read.events.length + known.size }, (_, index) => index)
  const sent = places.filter((index) => !known.has(index))
  const isRefused = (event: Event) => isFailing(event) && tooMany.has(event.checkKey)
  const refused = read.events.flatMap((event, nth): EventRefusal[] =>
    isRefused(event) ? [{ index: sent[nth] ?? nth, problems: [namesTooMany(source)] }] : [],
  )
  return {
    events: read.events.filter((event) => !isRefused(event)),
    refused: [...read.refused, ...refused].toSorted((one, other) => one.index - other.index),
  }
}

function saidBy(by: string | undefined, events: readonly Event[]): readonly Event[] {
  return by === undefined ? events : events.map((event) => ({ ...event, by }))
}

export function presentRefused(refused: readonly EventRefusal[]): z.infer<typeof refusedSchema> {
  return refused.map(({ index, problems }) => ({ index, problems: [...problems] }))
}
