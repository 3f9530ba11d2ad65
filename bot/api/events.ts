import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Desk } from '#bot/desk.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { readPushedEvents } from '#engine/intake/pushed-events.ts'
import { acceptEvents, eventAnswers, eventTypes, readRawBody } from './accept-events.ts'
import { takeRawBodies } from './raw-body.ts'
import { holdToQuota } from './hold-to-quota.ts'

/** `POST /api/v1/events`: events in Flapjack's form. */
export function serveEvents(api: FastifyInstance, desk: Desk): void {
  const { clock } = desk
  void api.register(async (scope) => {
    takeRawBodies(scope, eventTypes)
    holdToQuota(scope, desk)
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/events',
      {
        schema: {
          summary: 'Send events: one, an array of them, or one a line as application/x-ndjson',
          consumes: eventTypes,
          response: eventAnswers,
        },
      },
      async (request, reply) => {
        const arrival = { environment: firstEnvironment.slug, now: clock() }
        const { text, form } = readRawBody(request)
        return acceptEvents(desk, readPushedEvents(text, form, arrival.environment), arrival, reply)
      },
    )
  })
}
