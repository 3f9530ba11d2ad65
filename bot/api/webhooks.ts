import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Desk } from '#bot/desk.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadMapping } from '#db/repositories/mappings.ts'
import { genericReader } from '#engine/intake/generic.ts'
import { acceptEvents, eventAnswers, eventTypes, readRawBody } from './accept-events.ts'
import { mappingParams } from './mappings.ts'
import { problemSchema } from './problem.ts'
import { takeRawBodies } from './raw-body.ts'
import { holdToQuota } from './hold-to-quota.ts'

/** `POST /api/v1/webhooks/{name}`: any JSON, read by the mapping of that name. */
export function serveWebhooks(api: FastifyInstance, desk: Desk): void {
  const { db, clock } = desk
  void api.register(async (scope) => {
    takeRawBodies(scope, eventTypes)
    holdToQuota(scope, desk)
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/webhooks/:name',
      {
        schema: {
          summary: 'Send JSON of any shape, to be read by the mapping of that name',
          consumes: eventTypes,
          params: mappingParams,
          response: { ...eventAnswers, 404: problemSchema },
        },
      },
      async (request, reply) => {
        const { mapping } = await loadMapping(db, request.params.name)
        const arrival = { environment: firstEnvironment.slug, now: clock() }
        const { text, form } = readRawBody(request)
        return acceptEvents(desk, genericReader(mapping)(text, form, arrival), arrival, reply)
      },
    )
  })
}
