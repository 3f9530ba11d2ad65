import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerNameOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { loadMapping } from '#db/repositories/mappings.ts'
import {
  findSignedDoor,
  listSignedDoors,
  removeSignedDoor,
  saveSignedDoor,
  type SignedDoor,
} from '#db/repositories/signed-doors.ts'
import {
  doorSecretProblem,
  type SignedDoorSettings,
  signedDoorSettings,
  signedDoorWarnings,
} from '#engine/intake/signed-door.ts'
import { mappingParams } from '#bot/api/mappings.ts'
import { Invalid, problemSchema } from '#bot/api/problem.ts'

const path = '/api/v1/signed-doors'

const shownSchema = z.object({
  name: z.string(),
  url: z.string().describe('Where to send; in front of it stands the public URL'),
  settings: z.looseObject({}),
  secrets: z.array(z.object({ set: z.literal(true), last4: z.string().nullable(), updatedAt: z.string() })),
  createdBy: z.string(),
  updatedAt: z.iso.datetime(),
  warnings: z.array(z.string()),
})

const savedSchema = shownSchema.extend({
  secret: z.string().optional().describe('The one that was made; it is never shown again'),
})

const secretsShape = z
  .array(z.string({ error: 'A secret is text.' }))
  .min(1, 'Leave secrets out to keep those that are there, or to have one made.')
  .max(2, 'At most two: the new one, and the one before while it is being replaced.')
  .optional()

/** `/api/v1/signed-doors`: doors for events that ask for a signature in place of a token. Secrets go in and never come out. */
export function serveSignedDoors(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    path,
    {
      schema: {
        summary: 'List the signed doors; of secrets only that they are there',
        response: { 200: z.object({ doors: z.array(shownSchema) }) },
      },
    },
    async () => ({ doors: (await listSignedDoors(desk.db)).map(show) }),
  )
  api.put(
    `${path}/:name`,
    {
      schema: {
        summary:
          'Create or replace a signed door: form, reads and secrets; without secrets those that are there stay, or one is made and answered once',
        params: mappingParams,
        body: z.unknown(),
        response: {
          200: savedSchema,
          201: savedSchema,
          400: problemSchema,
          404: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      const { settings, secrets } = readDraft(request.body)
      if (settings.reads.startsWith('webhooks/'))
        await loadMapping(desk.db, settings.reads.slice('webhooks/'.length))
      const known = await findSignedDoor(desk.db, name)
      // What was fit to sign in one form is not in the other.
      const keeps = known !== undefined && known.settings.form === settings.form
      const made = secrets === undefined && !keeps ? [madeSecret()] : undefined
      const door = await saveSignedDoor(
        desk.db,
        { name, settings, secrets: secrets ?? made, createdBy: callerNameOf(request) },
        { box: desk.secrets, now: desk.clock() },
      )
      reply.header('cache-control', 'no-store')
      return reply.code(known ? 200 : 201).send({ ...show(door), ...(made && { secret: made[0] }) })
    },
  )
  api.delete(
    `${path}/:name`,
    {
      schema: {
        summary: 'Remove a signed door; whoever knocks there is refused from then on',
        params: mappingParams,
        response: { 204: z.undefined(), 400: problemSchema, 404: problemSchema },
      },
    },
    async ({ params: { name } }, reply) => {
      if (!(await removeSignedDoor(desk.db, name))) throw new NotFound(`signed door "${name}"`)
      return reply.code(204).send()
    },
  )
}

/** Fit for both forms. */
function madeSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

function readDraft(body: unknown): {
  readonly settings: SignedDoorSettings
  readonly secrets: readonly string[] | undefined
} {
  const { secrets: given, ...rest } = z.record(z.string(), z.unknown()).catch({}).parse(body)
  const settings = signedDoorSettings.safeParse(rest)
  const secrets = secretsShape.safeParse(given)
  const problems = [
    ...(settings.error?.issues ?? []).map(({ path: at, message: problem }) => ({
      field: at.join('.') || 'body',
      problem,
    })),
    ...(secrets.error?.issues ?? []).map(({ path: at, message: problem }) => ({
      field: ['secrets', ...at].join('.'),
      problem,
    })),
  ]
  if (!settings.success || !secrets.success) throw new Invalid('This door cannot work.', problems)
  const wrong = (secrets.data ?? []).flatMap((secret, index) => {
    const problem = doorSecretProblem(settings.data.form, secret)
    return problem === undefined ? [] : [{ field: `secrets.${index}`, problem }]
  })
  if (wrong.length > 0) throw new Invalid('This door cannot work.', wrong)
  return { settings: settings.data, secrets: secrets.data }
}

function show({ name, settings, secrets, createdBy, updatedAt }: SignedDoor): z.infer<typeof shownSchema> {
  return {
    name,
    url: `/api/v1/signed/${name}`,
    settings: { ...settings },
    secrets: secrets.map(({ last4, updatedAt: at }) => ({ set: true, last4, updatedAt: at })),
    createdBy,
    updatedAt: updatedAt.toISOString(),
    warnings: signedDoorWarnings(settings),
  }
}
