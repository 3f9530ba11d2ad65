import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import {
  listMappings,
  loadMapping,
  type NamedMapping,
  removeMapping,
  saveMapping,
} from '#db/repositories/mappings.ts'
import type { HealthEvent } from '#engine/event.ts'
import { genericReader } from '#engine/intake/generic.ts'
import { readMapping } from '#engine/intake/mapping.ts'
import { eventTypes, presentRefused, readRawBody, refusedSchema } from './accept-events.ts'
import { Invalid, problemSchema } from './problem.ts'
import { takeRawBodies } from './raw-body.ts'

export const mappingParams = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'A name has lower-case letters, digits and -, at most 63 of them.')
    .describe('The name of a mapping, such as grafana'),
})

const mappingSchema = z.looseObject({ name: z.string(), mapping: z.looseObject({}), updatedAt: z.string() })

const dryRunSchema = z.object({ events: z.array(z.looseObject({})), refused: refusedSchema })

/** `/api/v1/mappings`: how webhooks are read, written by whoever sends them. */
export function serveMappings(api: FastifyInstance, desk: Desk): void {
  void api.register(async (scope) => {
    takeRawBodies(scope, eventTypes)
    serveReading(scope, desk)
    serveWriting(scope, desk)
    serveDryRun(scope, desk)
  })
}

const path = '/api/v1/mappings/:name'

function serveReading(scope: FastifyInstance, { db }: Desk): void {
  const api = scope.withTypeProvider<ZodTypeProvider>()
  api.get(
    '/api/v1/mappings',
    {
      schema: {
        summary: 'List the mappings of webhooks',
        response: { 200: z.object({ mappings: z.array(mappingSchema) }) },
      },
    },
    async () => ({ mappings: (await listMappings(db)).map(present) }),
  )
  api.get(
    path,
    {
      schema: {
        summary: 'Get one mapping',
        params: mappingParams,
        response: { 200: mappingSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params }) => present(await loadMapping(db, params.name)),
  )
}

function serveWriting(scope: FastifyInstance, { db, clock }: Desk): void {
  const api = scope.withTypeProvider<ZodTypeProvider>()
  api.put(
    path,
    {
      schema: {
        summary: 'Create or replace a mapping; one that cannot work is refused with the field and the reason',
        params: mappingParams,
        response: { 200: mappingSchema, 201: mappingSchema, 400: problemSchema },
      },
    },
    async (request, reply) => {
      const read = readMapping(readRawBody(request).text)
      if ('problems' in read) throw new Invalid('This mapping cannot work.', read.problems)
      const saved = { name: request.params.name, mapping: read.mapping, updatedAt: clock() }
      const isNew = await saveMapping(db, saved)
      return reply.code(isNew ? 201 : 200).send(present(saved))
    },
  )
  api.delete(
    path,
    {
      schema: {
        summary: 'Remove a mapping; its webhook answers 404 from then on',
        params: mappingParams,
        response: { 204: z.undefined(), 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params }, reply) => {
      if (!(await removeMapping(db, params.name))) throw new NotFound(`mapping "${params.name}"`)
      return reply.code(204).send()
    },
  )
}

function serveDryRun(scope: FastifyInstance, { db, clock }: Desk): void {
  scope.withTypeProvider<ZodTypeProvider>().post(
    `${path}/test`,
    {
      schema: {
        summary: 'Show which events a body would become; nothing is stored and nobody hears',
        consumes: eventTypes,
        params: mappingParams,
        response: { 200: dryRunSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async (request) => {
      const { mapping } = await loadMapping(db, request.params.name)
      const { text, form } = readRawBody(request)
      const arrival = { environment: firstEnvironment.slug, now: clock() }
      const { events, refused } = genericReader(mapping)(text, form, arrival)
      return { events: events.map(presentEvent), refused: presentRefused(refused) }
    },
  )
}

function present({ name, mapping, updatedAt }: NamedMapping): z.infer<typeof mappingSchema> {
  return { name, mapping, updatedAt: updatedAt.toISOString() }
}

function presentEvent(event: HealthEvent): Record<string, unknown> {
  const { entity, check, state, title, summary, labels, observedAt } = event
  const { initialFailureDelaySeconds, repeatFailureDelaySeconds } = event
  return {
    entity,
    check,
    state,
    title,
    summary,
    labels,
    at: observedAt === null ? null : new Date(observedAt * 1000).toISOString(),
    initialFailureDelaySeconds,
    repeatFailureDelaySeconds,
  }
}
