import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerNameOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { requireReach } from '#bot/rule-bindings.ts'
import { nameWarnings, ruleWarnings } from '#bot/rule-warnings.ts'
import { saveNewRule } from '#bot/rules.ts'
import { listWatchedRules } from '#db/repositories/rules.ts'
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

function serveAll(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    rulesPath,
    {
      schema: {
        summary: 'List rules with how each is doing',
        params: environmentParams,
        response: { 200: z.object({ rules: z.array(watchedRuleSchema) }), 404: problemSchema },
      },
    },
    async ({ params }) => {
      const environment = await requireEnvironment(desk.db, params.env)
      return { rules: (await listWatchedRules(desk.db, environment)).map(presentWatched) }
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
