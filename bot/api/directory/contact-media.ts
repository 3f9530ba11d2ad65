import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema, Unfit } from '#bot/api/problem.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { findConnection } from '#db/repositories/connections.ts'
import { findCarrier, forgetCarrier, nameCarrier } from '#db/repositories/media-carriers.ts'
import { mediaWays } from '#engine/directory/media-ways.ts'
import { type MediaType, mediaTypeProblem, mediaTypes } from '#engine/directory/media-types.ts'
import { gone } from './directory-body.ts'

const carriedSchema = z.object({
  type: z.string(),
  surface: z.string().describe('What speaks'),
  connection: z
    .object({ id: z.uuid(), name: z.string() })
    .nullable()
    .describe('The connection that carries it for all contacts'),
  isDelivered: z.boolean().describe('False: nothing goes out until a connection carries it'),
})

const params = z.object({ type: z.enum(mediaTypes, { error: mediaTypeProblem }) })
const path = '/api/v1/contact-media'
const one = `${path}/:type`

/** `/api/v1/contact-media`: how each type of medium reaches contacts, and by which connection. */
export function serveContactMedia(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const present = async (type: MediaType) => {
    const { surface, needsCarrier = false } = mediaWays[type]
    const carrier = await findCarrier(db, type)
    return {
      type,
      surface,
      connection: carrier ? { id: carrier.id, name: carrier.name } : null,
      isDelivered: carrier !== undefined || !needsCarrier,
    }
  }
  api.get(
    path,
    {
      schema: {
        summary: 'List the types of media of contacts, and what carries each',
        response: { 200: z.object({ media: z.array(carriedSchema) }) },
      },
    },
    async () => ({ media: await Promise.all(mediaTypes.map(present)) }),
  )
  api.put(
    one,
    {
      schema: {
        summary: 'Name the connection that carries a type of medium for all contacts',
        params,
        body: z.strictObject({
          connectionId: z.uuid('connectionId must be the id of a connection, a UUID.'),
        }),
        response: { 200: carriedSchema, 400: problemSchema, 422: problemSchema },
      },
    },
    async ({ params: { type }, body: { connectionId } }) => {
      const connection = await findConnection(db, connectionId)
      const { carrier } = mediaWays[type]
      const problem = !carrier
        ? `${type} needs no connection: leave it out.`
        : connection?.kind === carrier
          ? undefined
          : `${type} is carried by a connection of the kind ${carrier}.`
      if (problem !== undefined)
        throw new Unfit(`This connection cannot carry ${type}.`, [{ field: 'connectionId', problem }])
      await nameCarrier(db, type, connectionId)
      return present(type)
    },
  )
  api.delete(
    one,
    { schema: { summary: 'Let no connection carry this type of medium', params, response: gone } },
    async ({ params: { type } }, reply) => {
      if (!(await forgetCarrier(db, type))) throw new NotFound(`connection named for ${type}`)
      return reply.code(204).send()
    },
  )
}
