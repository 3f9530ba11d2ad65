import { z } from 'zod'
import { parseRuleDraft, type Rule, type RuleDraft } from '#engine/rule/rule.ts'
import type { WatchedRule } from '#engine/view/rule-list.ts'
import { environmentParams } from './environment.ts'
import { Invalid, problemSchema } from './problem.ts'

export const rulesPath = '/api/v1/environments/:env/alerts/rules'

export const ruleParams = environmentParams.extend({ id: z.uuid('The id of a rule is a UUID.') })

export const ruleSchema = z
  .looseObject({
    id: z.uuid(),
    environment: z.string(),
    name: z.string(),
    description: z.string(),
    severity: z.string(),
    conditionKind: z.string(),
    condition: z.looseObject({ kind: z.string() }),
    evaluationIntervalSeconds: z.int(),
    forDurationSeconds: z.int(),
    reNotifyMinutes: z.int(),
    enabled: z.boolean(),
    createdAt: z.iso.datetime(),
  })
  .describe('A rule in the field names of the guide')

export const watchedRuleSchema = ruleSchema
  .extend({
    lastEvaluatedAt: z.iso.datetime().nullable(),
    lastError: z.string().nullable().describe('Why it got no answer the last time'),
    firing: z.boolean(),
  })
  .describe('A rule with how it is doing')

export const savedRuleSchema = ruleSchema
  .extend({
    warnings: z
      .array(z.string())
      .readonly()
      .describe('What is worth a second look; the rule is saved all the same'),
  })
  .describe('A rule as it was saved')

export const ruleRefusals = { 400: problemSchema, 404: problemSchema }

/** Refuses what cannot work, with every field and its reason. */
export function readRule(body: unknown): RuleDraft {
  const parsed = parseRuleDraft(body)
  if ('problems' in parsed) throw new Invalid('This rule cannot work.', parsed.problems)
  return parsed.draft
}

export function presentRule({ createdAt, ...rule }: Rule): z.infer<typeof ruleSchema> {
  return { ...rule, createdAt: createdAt.toISOString() }
}

export function presentWatched(watched: WatchedRule): z.infer<typeof watchedRuleSchema> {
  const { rule, lastEvaluatedAt, lastError, firing, exchanges } = watched
  return {
    ...presentRule(rule),
    lastEvaluatedAt: lastEvaluatedAt?.toISOString() ?? null,
    lastError,
    firing,
    ...(exchanges && { exchanges }),
  }
}
