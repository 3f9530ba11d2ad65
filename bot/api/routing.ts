import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { unfitConnections } from '#bot/routed-connections.ts'
import type { Database } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import { listReceivers } from '#db/repositories/destinations.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadRoutingTree, removeRouting, saveRouting } from '#db/repositories/routings.ts'
import { maskRouting, readRouting, type RoutingDocument } from '#engine/dispatch/read-routing.ts'
import type { RoutingTree } from '#engine/dispatch/routing-tree.ts'
import { readJson } from '#engine/intake/json.ts'
import type { Surface } from '#engine/person.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { eventTypes, readRawBody } from './accept-events.ts'
import { Invalid, problemSchema } from './problem.ts'
import { takeRawBodies } from './raw-body.ts'

const path = '/api/v1/routing'
const surfaces = ['local', 'slack', 'teams', 'discord'] as const satisfies readonly Surface[]
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
      const problems = 'problems' in read ? read.problems : await unknownPlaces(db, read.tree)
      if ('problems' in read || problems.length > 0) throw new Invalid('This routing cannot work.', problems)
      await saveRouting(db, firstEnvironment.slug, read.document, { now: clock() })
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

async function unknownPlaces(db: Database, tree: RoutingTree): Promise<FieldProblem[]> {
  return [...(await unknownChats(db, tree)), ...(await unfitConnections(db, tree, firstEnvironment.slug))]
}

/** A name with a typing error in it would be silence at night. */
async function unknownChats(db: Database, { receivers }: RoutingTree): Promise<FieldProblem[]> {
  const names = await listReceivers(db)
  const known = new Set<string>([...surfaces, ...names])
  const there = [...surfaces, ...names.map((name) => JSON.stringify(name))].join(', ')
  return [...receivers.values()].flatMap(({ chats }, receiver) =>
    (chats === 'all' ? [] : chats).flatMap((chat, index) => {
      if (known.has(chat)) return []
      const problem = `No chat is called ${JSON.stringify(chat)}. There are: ${there}; or "all" in place of a list.`
      return [{ field: `receivers.${receiver}.chats.${index}`, problem }]
    }),
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
