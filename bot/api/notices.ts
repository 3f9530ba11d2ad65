import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { noticeCategories, noticeTypes } from '#engine/intake/axonops-catalogue.ts'
import { readNotices } from '#engine/intake/axonops.ts'
import { acceptEvents, eventAnswers, eventTypes, readRawBody } from './accept-events.ts'
import { takeRawBodies } from './raw-body.ts'
import { holdToQuota } from './hold-to-quota.ts'

const catalogueSchema = z.object({
  categories: z.array(z.string()),
  types: z.array(
    z.object({
      type: z.string(),
      category: z.string(),
      severity: z.string().describe('critical, warning or info, unless the notice says another'),
      title: z.string(),
    }),
  ),
})

/** `POST /api/v1/notices` in AxonOps' words, and `GET /api/v1/notices/types`, the kinds that have a name. */
export function serveNotices(api: FastifyInstance, desk: Desk): void {
  const { clock } = desk
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/notices/types',
    {
      schema: {
        summary: 'List the notices that have a name, with what the name alone says',
        response: { 200: catalogueSchema },
      },
    },
    async () => ({
      categories: [...noticeCategories],
      types: Object.entries(noticeTypes).map(([type, { category, state, title }]) => ({
        type,
        category,
        severity: state,
        title,
      })),
    }),
  )
  void api.register(async (scope) => {
    takeRawBodies(scope, eventTypes)
    holdToQuota(scope, desk)
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/notices',
      {
        schema: {
          summary: 'Send notices: one, an array of them, or one a line as application/x-ndjson',
          consumes: eventTypes,
          response: eventAnswers,
        },
      },
      async (request, reply) => {
        const arrival = { environment: firstEnvironment.slug, now: clock() }
        const { text, form } = readRawBody(request)
        return acceptEvents(desk, readNotices(text, form, arrival), arrival, reply)
      },
    )
  })
}
