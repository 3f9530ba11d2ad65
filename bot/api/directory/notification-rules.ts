import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Invalid, problemSchema } from '#bot/api/problem.ts'
import type { Desk } from '#bot/desk.ts'
import {
  changeRules,
  deleteRules,
  listRules,
  loadRule,
  putRules,
} from '#db/repositories/notification-rules.ts'
import { readCamel, ruleFields, toCamel } from '#engine/directory/camel-fields.ts'
import { readNewRuleWithId, readRuleChange } from '#engine/directory/rule-draft.ts'
import { isObject } from '#engine/intake/json.ts'
import type { NotificationRule } from '#engine/route/rules.ts'
import { presentRule } from '#engine/view/flapjack-directory.ts'
import { acceptedBody, afterId, gone, idPage, idParam, pageQuery } from './directory-body.ts'

const ruleSchema = z
  .looseObject({ id: z.string(), contactId: z.string() })
  .describe("A notification rule; time restrictions are in Flapjack's form")

const params = z.object({ id: idParam })
const list = '/api/v1/notification-rules'
const one = '/api/v1/notification-rules/:id'

/** `/api/v1/notification-rules`: which media of a contact hear of what, and when. */
export function serveNotificationRules(app: FastifyInstance, desk: Desk): void {
  serveListing(app, desk)
  serveChanging(app, desk)
}

function serveListing(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    list,
    {
      schema: {
        summary:
          'List notification rules, by id; whoever has no general one has an implicit one beside these',
        querystring: z.object({ ...pageQuery, contactId: idParam.optional() }),
        response: {
          200: z.object({ notificationRules: z.array(ruleSchema), nextCursor: z.string().nullable() }),
          400: problemSchema,
        },
      },
    },
    async ({ query: { limit, cursor, contactId } }) => {
      const of = contactId === undefined ? {} : { contactId }
      const rows = await listRules(db, { limit: limit + 1, ...of, ...afterId(cursor) })
      const { page, nextCursor } = idPage(rows, limit)
      return { notificationRules: page.map(present), nextCursor }
    },
  )
  api.get(
    one,
    {
      schema: {
        summary: 'One rule',
        params,
        response: { 200: ruleSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id } }) => present(await loadRule(db, id)),
  )
}

function serveChanging(app: FastifyInstance, { db }: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.post(
    list,
    {
      schema: {
        summary: 'Create a rule of a contact; with the id of one of its rules it takes the place of that',
        body: z.unknown(),
        response: { 201: ruleSchema, 400: problemSchema, 404: problemSchema, 409: problemSchema },
      },
    },
    async ({ body }, reply) => {
      const { contactId, ...rule } = isObject(body) ? body : {}
      const contact = idParam.safeParse(contactId)
      if (!contact.success)
        throw new Invalid('This rule cannot be kept.', [
          { field: 'contactId', problem: 'must be the id of the contact whose rule it is.' },
        ])
      const draft = acceptedBody(readCamel(rule, ruleFields, readNewRuleWithId), 'This rule')
      const id = draft.id ?? randomUUID()
      await putRules(db, contact.data, [{ id, rule: draft.rule }])
      return reply.code(201).send(present(await loadRule(db, id)))
    },
  )
  api.patch(
    one,
    {
      schema: {
        summary: 'Change what is named of a rule',
        params,
        body: z.unknown(),
        response: { 200: ruleSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id }, body }) => {
      const { id: _, ...known } = ruleFields
      await changeRules(db, [id], acceptedBody(readCamel(body, known, readRuleChange), 'This change'))
      return present(await loadRule(db, id))
    },
  )
  api.delete(
    one,
    { schema: { summary: 'Delete a rule', params, response: gone } },
    async ({ params: { id } }, reply) => {
      await deleteRules(db, [id])
      return reply.code(204).send()
    },
  )
}

function present(rule: NotificationRule): z.infer<typeof ruleSchema> {
  return { ...toCamel(presentRule(rule), ruleFields), id: rule.id, contactId: rule.contactId }
}
