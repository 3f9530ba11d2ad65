import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { requireReach } from '#bot/rule-bindings.ts'
import { nameWarnings, ruleWarnings } from '#bot/rule-warnings.ts'
import { changeRule, deleteRule } from '#bot/rules.ts'
import { NotFound } from '#db/errors.ts'
import { listWatchedRules } from '#db/repositories/watched-rules.ts'
import type { WatchedRule } from '#engine/view/rule-list.ts'
import { requireEnvironment } from './environment.ts'
import { problemSchema } from './problem.ts'
import {
  presentRule,
  presentWatched,
  readRule,
  ruleParams,
  ruleRefusals,
  ruleSchema,
  rulesPath,
  savedRuleSchema,
  watchedRuleSchema,
} from './rule-schema.ts'

/** One rule: to look at, to change, to switch on and off, to delete. */
export function serveRule(app: FastifyInstance, desk: Desk): void {
  serveReading(app, desk)
  serveChanging(app, desk)
  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    serveSwitch(app, desk, { verb, enabled })
}

export async function loadRule({ db }: Desk, environment: string, id: string): Promise<WatchedRule> {
  const [watched] = await listWatchedRules(db, { environment, ids: [id] })
  if (!watched) throw new NotFound(`rule ${id} in ${environment}`)
  return watched
}

function serveReading(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    `${rulesPath}/:id`,
    {
      schema: {
        summary: 'One rule with how it is doing',
        params: ruleParams,
        response: { 200: watchedRuleSchema, ...ruleRefusals },
      },
    },
    async ({ params }) => {
      const environment = await requireEnvironment(desk.db, params.env)
      return presentWatched(await loadRule(desk, environment, params.id))
    },
  )
  api.delete(
    `${rulesPath}/:id`,
    {
      schema: {
        summary: 'Delete a rule; its alerts stay, for people to resolve',
        params: ruleParams,
        response: { 204: z.null(), ...ruleRefusals },
      },
    },
    async ({ params }, reply) => {
      const environment = await requireEnvironment(desk.db, params.env)
      await deleteRule(desk, { environment, id: params.id })
      return reply.code(204).send(null)
    },
  )
}

function serveChanging(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.put(
    `${rulesPath}/:id`,
    {
      schema: {
        summary: 'Change a rule; what fires goes on while the rule still sees it',
        params: ruleParams,
        body: z.unknown(),
        response: { 200: savedRuleSchema, ...ruleRefusals, 422: problemSchema },
      },
    },
    async ({ params, body }) => {
      const environment = await requireEnvironment(desk.db, params.env)
      const draft = readRule(body)
      await requireReach(desk.db, draft, environment)
      const warnings = await ruleWarnings(desk, draft, environment)
      const rule = await changeRule(desk, { environment, id: params.id }, (known) => ({ ...known, ...draft }))
      return { ...presentRule(rule), warnings: [...warnings, ...(await nameWarnings(desk.db, rule))] }
    },
  )
}

function serveSwitch(
  app: FastifyInstance,
  desk: Desk,
  { verb, enabled }: { readonly verb: 'enable' | 'disable'; readonly enabled: boolean },
): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    `${rulesPath}/:id/${verb}`,
    {
      schema: {
        summary: enabled
          ? 'Switch a rule on; it is evaluated at the next slot'
          : 'Switch a rule off; what fires stays open, for people to resolve',
        params: ruleParams,
        response: { 200: ruleSchema, ...ruleRefusals },
      },
    },
    async ({ params }) => {
      const environment = await requireEnvironment(desk.db, params.env)
      return presentRule(
        await changeRule(desk, { environment, id: params.id }, (known) => ({ ...known, enabled })),
      )
    },
  )
}
