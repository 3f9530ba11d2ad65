import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRoutingTree, removeRouting, saveRouting } from '#db/repositories/routings.ts'
import { maskRouting, readRouting, type RoutingDocument } from '#engine/dispatch/read-routing.ts'
import { readJson } from '#engine/intake/json.ts'
import { eventTypes, readRawBody } from './accept-events.ts'
import { Invalid, problemSchema } from './problem.ts'
import { takeRawBodies } from './raw-body.ts'

const path = '/api/v1/routing'
const routingSchema = z.object({
  route: z.looseObject({}),
  receivers: z.array(z.looseObject({ name: z.string() })),
  global: z.looseObject({}).optional(),
  time_intervals: z.array(z.looseObject({})).optional(),
})

/** `/api/v1/routing`: who is told of which alerts, in Alertmanager's words. */
export function serveRouting(api: FastifyInstance, desk: Desk): void {
  void api.register(async (scope) => {
    takeRawBodies(scope, eventTypes)
    serveReading(scope, desk)
    serveWriting(scope, desk)
  })
}

function serveReading(scope: FastifyInstance, { db }: Desk): void {
  scope.withTypeProvider<ZodTypeProvider>().get(
    path,
    {
      schema: {
        summary: 'Get the routing, without what is secret in its URLs',
        response: { 200: routingSchema, 404: problemSchema },
      },
    },
    async () => {
      const routing = await loadRoutingTree(db, firstEnvironment.slug)
      if (!routing) throw new NotFound('routing of your own, so every chat hears of everything')
      return shown(routing.document)
    },
  )
}

function serveWriting(scope: FastifyInstance, { db, clock }: Desk): void {
  const api = scope.withTypeProvider<ZodTypeProvider>()
  api.put(
    path,
    {
      schema: {
        summary: 'Replace the routing; one that cannot work is refused with the field and the reason',
        response: { 200: routingSchema, 400: problemSchema },
      },
    },
    async (request) => {
      const json = readJson(readRawBody(request).text)
      if ('problem' in json)
        throw new Invalid('The body is not JSON.', [{ field: 'body', problem: json.problem }])
      const read = readRouting(json.value)
      if ('problems' in read) throw new Invalid('This routing cannot work.', read.problems)
      await saveRouting(db, firstEnvironment.slug, read.document, clock())
      return shown(read.document)
    },
  )
  api.delete(
    path,
    {
      schema: {
        summary: 'Forget the routing: every chat hears of everything again',
        response: { 204: z.undefined(), 404: problemSchema },
      },
    },
    async (_request, reply) => {
      if (!(await removeRouting(db, firstEnvironment.slug, clock())))
        throw new NotFound('routing of your own')
      return reply.code(204).send()
    },
  )
}

function shown(document: RoutingDocument): z.infer<typeof routingSchema> {
  const { receivers, time_intervals: intervals, ...rest } = maskRouting(document)
  return {
    ...rest,
    receivers: receivers.map((receiver) => ({ ...receiver })),
    ...(intervals && { time_intervals: intervals.map((interval) => ({ ...interval })) }),
  }
}
