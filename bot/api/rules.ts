import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { requireReach } from '#bot/rule-bindings.ts'
import { ruleWarnings } from '#bot/rule-warnings.ts'
import { saveNewRule } from '#bot/rules.ts'
import { listWatchedRules } from '#db/repositories/rules.ts'
import { parseRuleDraft, type Rule } from '#engine/rule/rule.ts'
import type { WatchedRule } from '#engine/view/rule-list.ts'
import { environmentParams, requireEnvironment } from './environment.ts'
import { Invalid, problemSchema } from './problem.ts'

const ruleSchema = z
  .looseObject({ id: z.uuid(), name: z.string() })
  .describe('A rule in the field names of the guide')

const createdRuleSchema = ruleSchema.extend({
  warnings: z
    .array(z.string())
    .readonly()
    .describe('Why it cannot be evaluated yet, and what to do about it'),
})

/** `GET` and `POST /api/v1/environments/{env}/alerts/rules`. */
export function serveRules(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  const path = '/api/v1/environments/:env/alerts/rules'
  api.get(
    path,
    {
      schema: {
        summary: 'List rules with how each is doing',
        params: environmentParams,
        response: { 200: z.object({ rules: z.array(ruleSchema) }), 404: problemSchema },
      },
    },
    async ({ params }) => {
      const environment = await requireEnvironment(desk.db, params.env)
      return { rules: (await listWatchedRules(desk.db, environment)).map(presentWatched) }
    },
  )
  api.post(
    path,
    {
      schema: {
        summary: 'Create a rule; one that cannot work is refused with the field and the reason',
        params: environmentParams,
        // Read by the engine's own schema below, whose refusals name fields in people's words.
        body: z.unknown(),
        response: { 201: createdRuleSchema, 400: problemSchema, 404: problemSchema, 422: problemSchema },
      },
    },
    async ({ params, body }, reply) => {
      const environment = await requireEnvironment(desk.db, params.env)
      const parsed = parseRuleDraft(body)
      if ('problems' in parsed) throw new Invalid('This rule cannot work.', parsed.problems)
      await requireReach(desk.db, parsed.draft, environment)
      const warnings = await ruleWarnings(desk, parsed.draft, environment)
      const rule = await saveNewRule(desk, parsed.draft, { id: randomUUID(), environment, createdBy: 'api' })
      return reply.code(201).send({ ...present(rule), warnings })
    },
  )
}

function present({ createdAt, ...rule }: Rule): z.infer<typeof ruleSchema> {
  return { ...rule, createdAt: createdAt.toISOString() }
}

function presentWatched({
  rule,
  lastEvaluatedAt,
  lastError,
  firing,
  exchanges,
}: WatchedRule): z.infer<typeof ruleSchema> {
  return {
    ...present(rule),
    lastEvaluatedAt: lastEvaluatedAt?.toISOString() ?? null,
    lastError,
    firing,
    ...(exchanges && { exchanges }),
  }
}
