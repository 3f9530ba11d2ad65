import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema } from '#bot/api/problem.ts'
import type { Desk } from '#bot/desk.ts'
import {
  changeEntities,
  type EntityRecord,
  listEntities,
  loadEntity,
  putEntities,
} from '#db/repositories/entity-directory.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { readCamel } from '#engine/directory/camel-fields.ts'
import { readEntity, readEntityChange } from '#engine/directory/entity-draft.ts'
import { acceptedBody, afterId, idPage, idParam, linkChangesOf, pageQuery } from './directory-body.ts'

const entitySchema = z.object({
  id: z.string(),
  name: z.string(),
  tags: z.array(z.string()).describe('For people and their tools; rules ask for the tags of events'),
  contacts: z.array(z.string()),
  checks: z.array(z.string()),
})

const params = z.object({ id: idParam })
const list = '/api/v1/entities'
const one = '/api/v1/entities/:id'
const environment = firstEnvironment.slug

const draftFields = { id: 'id', name: 'name', tags: 'tags', contacts: 'contacts' }
const changeFields = {
  name: 'name',
  addTags: 'add_tags',
  removeTags: 'remove_tags',
  addContacts: 'add_contacts',
  removeContacts: 'remove_contacts',
}

/** `/api/v1/entities`: what checks are about, and who hears of them. */
export function serveEntities(app: FastifyInstance, desk: Desk): void {
  serveListing(app, desk)
  serveChanging(app, desk)
}

function serveListing(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    list,
    {
      schema: {
        summary: 'List entities with their checks and those who hear of them, by id',
        querystring: z.object(pageQuery),
        response: {
          200: z.object({ entities: z.array(entitySchema), nextCursor: z.string().nullable() }),
          400: problemSchema,
        },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = await listEntities(db, { environment, limit: limit + 1, ...afterId(cursor) })
      const { page, nextCursor } = idPage(rows, limit)
      return { entities: page.map(present), nextCursor }
    },
  )
  api.get(
    one,
    {
      schema: {
        summary: 'One entity',
        params,
        response: { 200: entitySchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id } }) => present(await loadEntity(db, environment, id)),
  )
}

function serveChanging(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.post(
    list,
    {
      schema: {
        summary: 'Create an entity, or give one that events made known this id, and say who hears of it',
        body: z.unknown(),
        response: { 201: entitySchema, 400: problemSchema, 409: problemSchema },
      },
    },
    async ({ body }, reply) => {
      const draft = acceptedBody(readCamel(body, draftFields, readEntity), 'This entity')
      await putEntities(db, [draft])
      return reply.code(201).send(present(await loadEntity(db, environment, draft.id)))
    },
  )
  api.patch(
    one,
    {
      schema: {
        summary:
          'Rename it, or change its tags and who hears of it: name, addTags, removeTags, addContacts, removeContacts',
        params,
        body: z.unknown(),
        response: { 200: entitySchema, 400: problemSchema, 404: problemSchema, 409: problemSchema },
      },
    },
    async ({ params: { id }, body }) => {
      const change = acceptedBody(readCamel(body, changeFields, readEntityChange), 'This change')
      await changeEntities(db, [id], {
        ...(change.name !== undefined && { name: change.name }),
        tags: linkChangesOf(change.addTags, change.removeTags),
        contacts: linkChangesOf(change.addContacts, change.removeContacts),
      })
      return present(await loadEntity(db, environment, id))
    },
  )
}

function present({ id, name, tags, contactIds, checkKeys }: EntityRecord): z.infer<typeof entitySchema> {
  return { id, name, tags: [...tags], contacts: [...contactIds], checks: [...checkKeys] }
}
