import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema } from '#bot/api/problem.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { type CrowdKind, listCrowds } from '#db/repositories/contacts-in-use.ts'
import { deleteCrowd, putCrowd } from '#db/repositories/crowds.ts'
import { crowdBody, crowdName } from '#engine/directory/crowd-draft.ts'

const crowdSchema = z.object({ id: z.string(), members: z.array(z.string()).describe('Ids of contacts') })

interface Noun {
  readonly kind: CrowdKind
  readonly plural: 'groups' | 'roles'
  readonly one: string
}

/** `/api/v1/groups` and `/api/v1/roles`: contacts whom a rule names together. There is one as long as somebody is in it. */
export function serveCrowds(app: FastifyInstance, desk: Desk): void {
  serveCrowd(app, desk, { kind: 'GROUP', plural: 'groups', one: 'group' })
  serveCrowd(app, desk, { kind: 'ROLE', plural: 'roles', one: 'role' })
}

function serveCrowd(app: FastifyInstance, desk: Desk, noun: Noun): void {
  serveReading(app, desk, noun)
  serveWriting(app, desk, noun)
}

async function load({ db }: Desk, { kind, one }: Noun, id: string): Promise<z.infer<typeof crowdSchema>> {
  const [crowd] = await listCrowds(db, kind, id)
  if (!crowd) throw new NotFound(`${one} ${JSON.stringify(id)}`)
  return { id, members: [...crowd.members] }
}

function serveReading(app: FastifyInstance, desk: Desk, noun: Noun): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const { kind, plural, one } = noun
  api.get(
    `/api/v1/${plural}`,
    {
      schema: {
        summary: `List ${plural} with the contacts in each`,
        response: { 200: z.object({ [plural]: z.array(crowdSchema) }) },
      },
    },
    async () => ({
      [plural]: (await listCrowds(desk.db, kind)).map(({ name, members }) => ({
        id: name,
        members: [...members],
      })),
    }),
  )
  api.get(
    `/api/v1/${plural}/:id`,
    {
      schema: {
        summary: `One ${one}`,
        params: z.object({ id: crowdName(kind) }),
        response: { 200: crowdSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id } }) => load(desk, noun, id),
  )
}

function serveWriting(app: FastifyInstance, desk: Desk, noun: Noun): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const { kind, plural, one } = noun
  const params = z.object({ id: crowdName(kind) })
  api.put(
    `/api/v1/${plural}/:id`,
    {
      schema: {
        summary: `Say which contacts are in a ${one}: these and nobody else`,
        params,
        body: crowdBody,
        response: { 200: crowdSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { id }, body: { members } }) => {
      await putCrowd(desk.db, kind, { name: id, members })
      return load(desk, noun, id)
    },
  )
  api.delete(
    `/api/v1/${plural}/:id`,
    {
      schema: {
        summary: `Forget a ${one}; refused while a rule is for it`,
        params,
        response: { 204: z.null(), 400: problemSchema, 404: problemSchema, 409: problemSchema },
      },
    },
    async ({ params: { id } }, reply) => {
      await deleteCrowd(desk.db, kind, id)
      return reply.code(204).send(null)
    },
  )
}
