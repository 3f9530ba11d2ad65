import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { testRule } from '#bot/rules.ts'
import { findEnvironment } from '#db/repositories/environments.ts'
import { plainLine } from '#engine/message/plain.ts'
import { exampleWords } from '#engine/rule/example-words.ts'
import { templateWarnings } from '#engine/rule/template-warnings.ts'
import { checkedTemplateProblem } from '#engine/message/checked-template.ts'
import type { RuleDraft } from '#engine/rule/rule.ts'
import { TelemetryUnavailable, Unanswerable } from '#engine/telemetry/telemetry.ts'
import type { RulePreview } from '#engine/view/rule-form.ts'
import { environmentParams, requireEnvironment } from './environment.ts'
import { Invalid, problemSchema } from './problem.ts'
import { loadRule } from './rule.ts'
import { readRule, ruleParams, ruleRefusals, rulesPath } from './rule-schema.ts'

const testSchema = z
  .object({
    summary: z.array(z.string()).describe('In words, as the form shows it'),
    episodes: z
      .array(z.object({ from: z.iso.datetime(), to: z.iso.datetime().nullable() }))
      .nullable()
      .describe('When it would have fired; null where the store does not know its past'),
    picture: z
      .looseObject({ from: z.string(), stepSeconds: z.number(), values: z.array(z.number().nullable()) })
      .nullable(),
  })
  .describe('What the evaluator would have done over the last hours')

const unavailable = { 503: problemSchema }

/** What a rule would have done, and what it would say. */
export function serveRuleTests(app: FastifyInstance, desk: Desk): void {
  serveEvaluations(app, desk)
  serveRendering(app, desk)
}

function serveEvaluations(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.post(
    `${rulesPath}/test-evaluate`,
    {
      schema: {
        summary: 'Evaluate a rule that is not saved over the last hours',
        params: environmentParams,
        body: z.unknown(),
        response: { 200: testSchema, ...ruleRefusals, ...unavailable },
      },
    },
    async ({ params, body }, reply) => {
      const environment = await requireEnvironment(desk.db, params.env)
      const answer = await evaluate(desk, readRule(body), environment)
      return 'error' in answer ? reply.code(503).send(answer) : answer
    },
  )
  api.post(
    `${rulesPath}/:id/test-evaluate`,
    {
      schema: {
        summary: 'Evaluate a rule over the last hours: when would it have fired',
        params: ruleParams,
        response: { 200: testSchema, ...ruleRefusals, ...unavailable },
      },
    },
    async ({ params }, reply) => {
      const environment = await requireEnvironment(desk.db, params.env)
      const { rule } = await loadRule(desk, environment, params.id)
      const answer = await evaluate(desk, rule, environment)
      return 'error' in answer ? reply.code(503).send(answer) : answer
    },
  )
}

/** A store that does not answer is no fault of ours, nor of the rule. */
async function evaluate(
  desk: Desk,
  draft: RuleDraft,
  environment: string,
): Promise<z.infer<typeof testSchema> | z.infer<typeof problemSchema>> {
  try {
    return present(await testRule(desk, draft, environment))
  } catch (error) {
    if (error instanceof TelemetryUnavailable) return { error: error.message }
    if (error instanceof Unanswerable)
      throw new Invalid('This rule cannot be evaluated.', [{ field: 'condition', problem: error.message }])
    throw error
  }
}

function present({ lines, episodes, picture }: RulePreview): z.infer<typeof testSchema> {
  return {
    summary: lines.map(plainLine),
    episodes:
      episodes?.map(({ from, to }) => ({ from: from.toISOString(), to: to?.toISOString() ?? null })) ?? null,
    picture: picture ? { ...picture, values: [...picture.values] } : null,
  }
}

const templateSchema = z
  .string()
  .max(4000)
  .superRefine((text, context) => {
    const problem = checkedTemplateProblem(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .optional()

function serveRendering(app: FastifyInstance, desk: Desk): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    `${rulesPath}/:id/render-preview`,
    {
      schema: {
        summary: 'What the templates of a rule make of an example alert; templates in the body come first',
        params: ruleParams,
        body: z
          .object({ notificationTitleTmpl: templateSchema, notificationMessageTmpl: templateSchema })
          .nullish(),
        response: {
          200: z.object({
            title: z.string(),
            message: z.string(),
            warnings: z.array(z.string()).readonly().describe('Names that stand for nothing'),
          }),
          ...ruleRefusals,
        },
      },
    },
    async ({ params, body }) => {
      const environment = await requireEnvironment(desk.db, params.env)
      const { rule } = await loadRule(desk, environment, params.id)
      const { notificationTitleTmpl = rule.notificationTitleTmpl } = body ?? {}
      const { notificationMessageTmpl = rule.notificationMessageTmpl } = body ?? {}
      const { title, text } = exampleWords(
        { ...rule, notificationTitleTmpl, notificationMessageTmpl },
        (await findEnvironment(desk.db, environment)) ?? { slug: environment, name: environment },
        desk.clock(),
      )
      const warnings = templateWarnings({ ...rule, notificationTitleTmpl, notificationMessageTmpl })
      return { title, message: text, warnings }
    },
  )
}
