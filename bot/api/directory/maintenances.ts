import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Invalid, problemSchema } from '#bot/api/problem.ts'
import { callerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { Conflict } from '#db/errors.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import {
  endMaintenance,
  listMaintenances,
  type Maintenance,
  scheduleMaintenances,
} from '#db/repositories/maintenances.ts'
import { inNameOf } from '#engine/api-access.ts'
import { readCamel, windowFields } from '#engine/directory/camel-fields.ts'
import { readMaintenanceWindow } from '#engine/directory/maintenance-draft.ts'
import { isObject } from '#engine/intake/json.ts'
import { actorName } from '#engine/person.ts'
import { acceptedBody, gone, idParam, pageQuery, readCursor, theApi, writeCursor } from './directory-body.ts'

const maintenanceSchema = z.object({
  id: z.uuid(),
  kind: z.enum(['scheduled', 'unscheduled']).describe('unscheduled: an acknowledgement'),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  summary: z.string().nullable(),
  createdBy: z.string(),
  checks: z.array(z.object({ entity: z.string(), check: z.string() })),
})

const query = z.object({
  ...pageQuery,
  kind: z.enum(['scheduled', 'unscheduled']).optional(),
  only: z.enum(['running', 'ahead', 'over']).optional(),
})

const names = z.array(idParam, 'must be a list of names.').max(1000).default([])
const targetsSchema = z.object({ checks: names, entities: names })
const list = '/api/v1/maintenances'
const environment = firstEnvironment.slug

/** `/api/v1/maintenances`: when nobody shall hear of what. */
export function serveMaintenances(app: FastifyInstance, desk: Desk): void {
  serveListing(app, desk)
  serveChanging(app, desk)
}

function serveListing(app: FastifyInstance, { db, clock }: Desk): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    list,
    {
      schema: {
        summary: 'List maintenances, latest start first',
        querystring: query,
        response: {
          200: z.object({ maintenances: z.array(maintenanceSchema), nextCursor: z.string().nullable() }),
          400: problemSchema,
        },
      },
    },
    async ({ query: { limit, cursor, kind, only } }) => {
      const { maintenances, next } = await listMaintenances(db, {
        environment,
        limit,
        now: clock(),
        ...(kind && { kind }),
        ...(only && { only }),
        ...(cursor !== undefined && { after: readPlace(cursor) }),
      })
      const nextCursor = next ? writeCursor([next.startsAt.toISOString(), next.id]) : null
      return { maintenances: maintenances.map(present), nextCursor }
    },
  )
}

function serveChanging(app: FastifyInstance, { db, clock, announce }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.post(
    list,
    {
      schema: {
        summary:
          'Schedule a maintenance of checks (entity:check) and of all checks of entities (by name): startsAt (now, if left out), durationSeconds, summary',
        body: z.unknown(),
        response: {
          201: z.object({ id: z.string(), checks: z.array(z.string()) }),
          400: problemSchema,
          404: problemSchema,
          409: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const { body } = request
      const { checks, entities, ...window } = isObject(body) ? body : {}
      const targets = readTargets({ checks, entities })
      const given = { startsAt: clock().toISOString(), ...window }
      const read = acceptedBody(readCamel(given, windowFields, readMaintenanceWindow), 'This maintenance')
      const outcome = await scheduleMaintenances(
        db,
        { targets: { ...targets, environment }, windows: [read], by: inNameOf(theApi, callerOf(request)) },
        clock(),
      )
      if (outcome.kind === 'refused') throw new Conflict(outcome.because)
      await announce(outcome.notificationIds)
      const [id = ''] = outcome.ids
      return reply.code(201).send({ id, checks: outcome.checks.map(({ key }) => key) })
    },
  )
  api.delete(
    `${list}/:id`,
    {
      schema: {
        summary: 'End a maintenance now, or call it off before it begins',
        params: z.object({ id: z.uuid('The id of a maintenance is a UUID.') }),
        response: { ...gone, 409: problemSchema },
      },
    },
    async ({ params: { id } }, reply) => {
      const outcome = await endMaintenance(db, id, clock())
      if (outcome.kind === 'refused') throw new Conflict(outcome.because)
      await announce(outcome.notificationIds)
      return reply.code(204).send(undefined)
    },
  )
}

function readTargets(value: unknown): z.infer<typeof targetsSchema> {
  const parsed = targetsSchema.safeParse(value)
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message }))
  if (parsed.success && parsed.data.checks.length + parsed.data.entities.length > 0) return parsed.data
  const none = { field: 'checks', problem: 'Name at least one check as entity:check, or entities.' }
  throw new Invalid('This maintenance cannot be kept.', problems.length > 0 ? problems : [none])
}

/** PostgreSQL could not read all instants that JavaScript can write. */
const placeShape = z.tuple([z.iso.datetime().refine((text) => Date.parse(text) >= 0), z.uuid()])

function readPlace(cursor: string): { startsAt: Date; id: string } {
  const [startsAt, id] = readCursor(cursor, placeShape)
  return { startsAt: new Date(startsAt), id }
}

function present({
  id,
  kind,
  startsAt,
  endsAt,
  summary,
  createdBy,
  checks,
}: Maintenance): z.infer<typeof maintenanceSchema> {
  return {
    id,
    kind,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    summary,
    createdBy: createdBy ? actorName(createdBy) : 'an event',
    checks: checks.map(({ entity, name }) => ({ entity, check: name })),
  }
}
