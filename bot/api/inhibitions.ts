import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import type { Database } from '#db/client.ts'
import { NotFound } from '#db/errors.ts'
import { dropInhibitionRule, placeInhibitionRule } from '#db/repositories/change-inhibitions.ts'
import {
  findInhibitionRule,
  listInhibitionRules,
  type StoredInhibitionRule,
} from '#db/repositories/inhibition-rules.ts'
import { printMatcher } from '#engine/matcher-text.ts'
import { type InhibitionDraft, inhibitionDraftSchema } from '#engine/suppress/inhibition-draft.ts'
import { environmentOf, type Place, places } from './place.ts'
import { Invalid, problemSchema } from './problem.ts'

const ruleSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  source: z.array(z.string()).describe('What fires; all of them match'),
  target: z.array(z.string()).describe('What is kept quiet meanwhile'),
  equal: z.array(z.string()).describe('Labels both have alike'),
  createdAt: z.iso.datetime(),
})

const answers = { 400: problemSchema, 404: problemSchema }

/** `/api/v1/inhibitions`, and the same below an environment: while a source fires, its targets are kept quiet. */
export function serveInhibitions(app: FastifyInstance, desk: Desk): void {
  for (const place of places('inhibitions')) {
    serveMany(app, desk, place)
    serveOne(app, desk, place)
  }
}

async function keep({ db, clock, announce }: Desk, rule: StoredInhibitionRule) {
  await announce(await placeInhibitionRule(db, rule, clock()))
  return present(rule)
}

async function load(db: Database, environment: string, id: string): Promise<StoredInhibitionRule> {
  const rule = await findInhibitionRule(db, environment, id)
  if (!rule) throw new NotFound(`inhibition rule ${id}`)
  return rule
}

function serveMany(app: FastifyInstance, desk: Desk, { path, params, hide }: Place): void {
  const { db, clock } = desk
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    path,
    {
      schema: {
        hide,
        summary: 'List inhibition rules, oldest first',
        params,
        response: { 200: z.object({ inhibitions: z.array(ruleSchema) }), 404: problemSchema },
      },
    },
    async ({ params: at }) => ({
      inhibitions: (await listInhibitionRules(db, await environmentOf(db, at))).map(present),
    }),
  )
  api.post(
    path,
    {
      schema: {
        hide,
        summary: 'Keep targets quiet while a source fires',
        params,
        body: z.unknown(),
        response: { 201: ruleSchema, ...answers },
      },
    },
    async ({ params: at, body }, reply) => {
      const environment = await environmentOf(db, at)
      const draft = read(body)
      const rule = { ...draft, id: randomUUID(), environment, createdAt: clock() }
      return reply.code(201).send(await keep(desk, rule))
    },
  )
}

function serveOne(app: FastifyInstance, desk: Desk, { path, params, hide }: Place): void {
  const { db, clock, announce } = desk
  const api = app.withTypeProvider<ZodTypeProvider>()
  const one = params.extend({ id: z.uuid('The id of an inhibition rule is a UUID.') })
  api.get(
    `${path}/:id`,
    {
      schema: {
        hide,
        summary: 'One inhibition rule',
        params: one,
        response: { 200: ruleSchema, ...answers },
      },
    },
    async ({ params: at }) => present(await load(db, await environmentOf(db, at), at.id)),
  )
  api.put(
    `${path}/:id`,
    {
      schema: {
        hide,
        summary: 'Change an inhibition rule',
        params: one,
        body: z.unknown(),
        response: { 200: ruleSchema, ...answers },
      },
    },
    async ({ params: at, body }) => {
      const known = await load(db, await environmentOf(db, at), at.id)
      return keep(desk, { ...known, ...read(body) })
    },
  )
  api.delete(
    `${path}/:id`,
    { schema: { hide, summary: 'End an inhibition', params: one, response: { 204: z.null(), ...answers } } },
    async ({ params: at }, reply) => {
      const environment = await environmentOf(db, at)
      const released = await dropInhibitionRule(db, { environment, id: at.id }, clock())
      if (!released) throw new NotFound(`inhibition rule ${at.id}`)
      await announce(released)
      return reply.code(204).send(null)
    },
  )
}

function read(body: unknown): InhibitionDraft {
  const parsed = inhibitionDraftSchema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  throw new Invalid(
    'This inhibition rule cannot work.',
    parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'body', problem: message })),
  )
}

function present(rule: StoredInhibitionRule): z.infer<typeof ruleSchema> {
  const { id, name, source, target, equal, createdAt } = rule
  return {
    id,
    name,
    source: source.map(printMatcher),
    target: target.map(printMatcher),
    equal: [...equal],
    createdAt: createdAt.toISOString(),
  }
}
