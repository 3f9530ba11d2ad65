import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema } from '#bot/api/problem.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import {
  changeContacts,
  type ContactRecord,
  deleteContacts,
  insertContacts,
  loadContact,
  listContacts,
} from '#db/repositories/contact-directory.ts'
import { deleteMedia, putMedia } from '#db/repositories/contact-media.ts'
import { contactFields, mediumFields, readCamel } from '#engine/directory/camel-fields.ts'
import { readContact, readEntityLinks, readProfileChange } from '#engine/directory/contact-draft.ts'
import { readMedium } from '#engine/directory/medium-draft.ts'
import { acceptedBody, afterId, gone, idPage, idParam, linkChangesOf, pageQuery } from './directory-body.ts'

const mediumSchema = z.object({
  address: z.string(),
  intervalSeconds: z.number().int().nullable().describe('Pause between alerts of one state; null = 900'),
  rollupThreshold: z.number().int().nullable().describe('From this many failing checks on, one summary'),
})

const contactSchema = z.object({
  id: z.string(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  email: z.string().nullable(),
  timezone: z.string().nullable(),
  media: z.record(z.string(), mediumSchema),
  entities: z.array(z.object({ id: z.string(), name: z.string() })).describe('ALL is everything'),
  notificationRules: z.array(z.string()),
})

const params = z.object({ id: idParam })
const mediumParams = z.object({ id: idParam, type: idParam.describe('email, sms, slack…') })
const { id: _id, ...profileFields } = contactFields
const changeFields = {
  ...profileFields,
  addEntities: 'add_entities',
  removeEntities: 'remove_entities',
}
const list = '/api/v1/contacts'
const one = '/api/v1/contacts/:id'

/** `/api/v1/contacts`: who can be reached outside of the chat. */
export function serveContacts(app: FastifyInstance, desk: Desk): void {
  serveListing(app, desk)
  serveChanging(app, desk)
  serveMedia(app, desk)
}

function serveListing(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    list,
    {
      schema: {
        summary: 'List contacts with their media, by id',
        querystring: z.object(pageQuery),
        response: {
          200: z.object({ contacts: z.array(contactSchema), nextCursor: z.string().nullable() }),
          400: problemSchema,
        },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = await listContacts(db, { limit: limit + 1, ...afterId(cursor) })
      const { page, nextCursor } = idPage(rows, limit)
      return { contacts: page.map(present), nextCursor }
    },
  )
  api.get(
    one,
    {
      schema: {
        summary: 'One contact',
        params,
        response: { 200: contactSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id } }) => present(await loadContact(db, id)),
  )
}

function serveChanging(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const response = { 200: contactSchema, 400: problemSchema, 404: problemSchema }
  api.post(
    list,
    {
      schema: {
        summary: 'Create a contact; without an id it gets one',
        body: z.unknown(),
        response: { 201: contactSchema, 400: problemSchema, 409: problemSchema },
      },
    },
    async ({ body }, reply) => {
      const draft = acceptedBody(readCamel(body, contactFields, readContact), 'This contact')
      const [id = ''] = await insertContacts(db, [draft])
      return reply.code(201).send(present(await loadContact(db, id)))
    },
  )
  api.patch(
    one,
    {
      schema: {
        summary: 'Change what is named; addEntities and removeEntities are ids of entities',
        params,
        body: z.unknown(),
        response,
      },
    },
    async ({ params: { id }, body }) => {
      const profile = acceptedBody(readCamel(body, changeFields, readProfileChange), 'This change')
      const links = acceptedBody(readCamel(body, changeFields, readEntityLinks), 'This change')
      await changeContacts(db, [id], {
        profile,
        entities: linkChangesOf(links.addEntities, links.removeEntities),
      })
      return present(await loadContact(db, id))
    },
  )
  api.delete(
    one,
    {
      schema: {
        summary: 'Delete a contact with all that hangs on it; refused while a rule is for it',
        params,
        response: { 204: z.null(), 400: problemSchema, 404: problemSchema, 409: problemSchema },
      },
    },
    async ({ params: { id } }, reply) => {
      await deleteContacts(db, [id])
      return reply.code(204).send(null)
    },
  )
}

function serveMedia(app: FastifyInstance, { db, secrets }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const path = `${one}/media/:type`
  api.put(
    path,
    {
      schema: {
        summary: 'Say how a contact is reached by this type of medium',
        params: mediumParams,
        body: z.unknown(),
        response: { 200: contactSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id, type }, body }) => {
      const reading = readCamel(body, mediumFields, (medium) => readMedium({ ...medium, type }))
      await putMedia({ db, secrets }, id, [acceptedBody(reading, 'This medium')])
      return present(await loadContact(db, id))
    },
  )
  api.delete(
    path,
    {
      schema: {
        summary: 'Reach a contact by this type of medium no more',
        params: mediumParams,
        response: gone,
      },
    },
    async ({ params: { id, type } }, reply) => {
      const gone = await deleteMedia(db, [{ contactId: id, type }])
      if (gone === 0) throw new NotFound(`medium ${type} of contact ${id}`)
      return reply.code(204).send()
    },
  )
}

function present(contact: ContactRecord): z.infer<typeof contactSchema> {
  const { id, firstName, lastName, email, timezone, media, entities, ruleIds } = contact
  return {
    id,
    firstName,
    lastName,
    email,
    timezone,
    media: { ...media },
    entities: entities.map((entity) => ({ ...entity })),
    notificationRules: [...ruleIds],
  }
}
