import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerNameOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { requireReach } from '#bot/rule-bindings.ts'
import { nameWarnings, ruleWarnings } from '#bot/rule-warnings.ts'
import { saveNewRule } from '#bot/rules.ts'
import { listWatchedRules, type RuleCursor } from '#db/repositories/watched-rules.ts'
import { isStorableText } from '#engine/labels.ts'
import { readCursor, writeCursor } from './directory/directory-body.ts'
import { environmentParams, requireEnvironment } from './environment.ts'
import { problemSchema } from './problem.ts'
import { serveRule } from './rule.ts'
import {
  presentRule,
  presentWatched,
  readRule,
  ruleRefusals,
  rulesPath,
  savedRuleSchema,
  watchedRuleSchema,
} from './rule-schema.ts'
import { serveRuleTests } from './rule-tests.ts'

/** `/api/v1/environments/{env}/alerts/rules` and what is below it, in the words of the guide. */
export function serveRules(app: FastifyInstance, desk: Desk): void {
  serveAll(app, desk)
  serveRule(app, desk)
  serveRuleTests(app, desk)
}

/** Seed 004 knows no pages: without a limit all of them come. */
const pageChosen = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  cursor: z.string().max(2000).optional().describe('nextCursor of the page before'),
})

function ruleCursorOf(cursor: string): RuleCursor {
  const [name, id] = readCursor(cursor, z.tuple([z.string().refine(isStorableText), z.uuid()]))
  return { name, id }
}

function serveAll(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    rulesPath,
    {
      schema: {
        summary: 'List rules with how each is doing, by name: all of them, or with a limit page by page',
        params: environmentParams,
        querystring: pageChosen,
        response: {
          200: z.object({ rules: z.array(watchedRuleSchema), nextCursor: z.string().nullable() }),
          400: problemSchema,
          404: problemSchema,
        },
      },
    },
    async ({ params, query: { limit, cursor } }) => {
      const environment = await requireEnvironment(desk.db, params.env)
      const after = cursor === undefined ? undefined : ruleCursorOf(cursor)
      const more = limit === undefined ? {} : { limit: limit + 1 }
      const found = await listWatchedRules(desk.db, { environment, ...more, ...(after && { after }) })
      const page = found.slice(0, limit)
      const last = found.length > page.length ? page.at(-1)?.rule : undefined
      return { rules: page.map(presentWatched), nextCursor: last ? writeCursor([last.name, last.id]) : null }
    },
  )
  api.post(
    rulesPath,
    {
      schema: {
        summary: 'Create a rule; one that cannot work is refused with the field and the reason',
        params: environmentParams,
        // Read by the engine's own schema, whose refusals name fields in people's words.
        body: z.unknown(),
        response: { 201: savedRuleSchema, ...ruleRefusals, 422: problemSchema },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const environment = await requireEnvironment(desk.db, params.env)
      const draft = readRule(body)
      await requireReach(desk.db, draft, environment)
      const warnings = await ruleWarnings(desk, draft, environment)
      const createdBy = callerNameOf(request)
      const rule = await saveNewRule(desk, draft, { id: randomUUID(), environment, createdBy })
      const all = [...warnings, ...(await nameWarnings(desk.db, rule))]
      return reply.code(201).send({ ...presentRule(rule), warnings: all })
    },
  )
}
