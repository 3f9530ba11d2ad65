import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { makeApiToken } from '#bot/api-tokens.ts'
import { callerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { type ApiToken, listApiTokens, revokeApiToken } from '#db/repositories/api-tokens.ts'
import { isStorable } from '#engine/storable-text.ts'
import { requireEnvironment } from './environment.ts'
import { problemSchema } from './problem.ts'

const roles = ['VIEWER', 'OPERATOR', 'ADMIN'] as const

const tokenSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(roles),
  environments: z.array(z.string()).nullable().describe('null: the whole house'),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
})

const wishSchema = z.strictObject({
  name: z
    .string({ error: 'name says who uses it, such as ci.' })
    .trim()
    .min(1, 'name says who uses it, such as ci.')
    .max(60, 'name is longer than 60 characters.')
    .refine((name) => isStorable(name) && !/\p{Cc}/u.test(name), 'One line, without control characters.'),
  role: z.enum(roles, { error: `role is one of ${roles.join(', ')}.` }),
  environments: z
    .array(z.string(), { error: 'environments is a list of slugs; leave it out for the whole house.' })
    .min(1, 'environments is empty: leave it out for the whole house.')
    .max(100)
    .nullable()
    .default(null),
})

const path = '/api/v1/tokens'

/** `/api/v1/tokens`: what programs sign in with, each with a role. A token is shown once, when it is made. */
export function serveTokens(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    path,
    {
      schema: {
        summary: 'List tokens, never what they are',
        response: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      },
    },
    async () => ({ tokens: (await listApiTokens(desk.db)).map(present) }),
  )
  api.post(
    path,
    {
      schema: {
        summary: 'Make a token with a role; it is in this answer and never again',
        body: wishSchema,
        response: {
          201: tokenSchema.extend({ token: z.string() }),
          400: problemSchema,
          404: problemSchema,
          409: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const { environments } = request.body
      for (const slug of environments ?? []) await requireEnvironment(desk.db, slug)
      const { kept, token } = await makeApiToken(desk, {
        ...request.body,
        createdBy: callerOf(request).name,
      })
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...present(kept), token })
    },
  )
  api.delete(
    `${path}/:id`,
    {
      schema: {
        summary: 'Revoke a token, at once',
        params: z.object({ id: z.uuid('The id of a token is a UUID.') }),
        response: { 204: z.null(), 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id } }, reply) => {
      await revokeApiToken(desk.db, id)
      return reply.code(204).send(null)
    },
  )
}

function present({
  id,
  name,
  role,
  environments,
  createdAt,
  createdBy,
}: ApiToken): z.infer<typeof tokenSchema> {
  return {
    id,
    name,
    role,
    environments: environments && [...environments],
    createdAt: createdAt.toISOString(),
    createdBy,
  }
}
