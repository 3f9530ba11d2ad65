import { z } from 'zod'
import type { Severity } from '#engine/event.ts'
import { checkedTemplateProblem } from '#engine/message/checked-template.ts'
import { unstorablePaths } from '#engine/storable-text.ts'
import { targetsSchema, webhooksSchema } from './bindings.ts'
import {
  type Condition,
  conditionDefinitions,
  conditionKinds,
  definitionOf,
  isConditionKind,
} from './conditions/registry.ts'
import { isPerExchange, perExchangeProblems } from './per-exchange.ts'

export const severities = ['CRITICAL', 'WARNING', 'INFO'] as const satisfies readonly Severity[]

const policies = ['KEEP_LAST', 'FIRE', 'RESOLVE'] as const

const template = z
  .string()
  .max(4000, 'The template is longer than 4,000 characters.')
  .superRefine((text, context) => {
    const problem = checkedTemplateProblem(text)
    if (problem) context.addIssue({ code: 'custom', message: problem })
  })

/** A rule as people write it, in the field names of seed 004's API. */
const draftSchema = z.strictObject({
  name: z
    .string({ error: 'The name must be text.' })
    .trim()
    .min(1, 'The rule needs a name.')
    .max(200, 'The name is longer than 200 characters.'),
  description: z.string().trim().max(2000, 'The description is longer than 2,000 characters.').default(''),
  severity: z.enum(severities, { error: `The severity must be one of ${severities.join(', ')}.` }),
  conditionKind: z.enum(conditionKinds as [string, ...string[]], {
    error: `The conditionKind must be one of ${conditionKinds.join(', ')}.`,
  }),
  condition: z.unknown().transform(parseCondition),
  evaluationIntervalSeconds: z
    .int({ error: 'The interval must be a whole number of seconds.' })
    .min(5, 'The interval is shorter than 5 s.')
    .max(86_400, 'The interval is longer than a day (86400 s).')
    .optional(),
  forDurationSeconds: z
    .int({ error: 'forDurationSeconds must be a whole number of seconds.' })
    .min(0, 'forDurationSeconds is below 0.')
    .max(86_400, 'forDurationSeconds is longer than a day (86400 s).')
    .default(0),
  reNotifyMinutes: z
    .int({ error: 'reNotifyMinutes must be a whole number of minutes; 0 = never again.' })
    .min(0, 'reNotifyMinutes is below 0.')
    .max(10_080, 'reNotifyMinutes is longer than a week (10080).')
    .optional(),
  webhooks: webhooksSchema.default([]),
  targets: targetsSchema.default([]),
  notificationTitleTmpl: template.default(''),
  notificationMessageTmpl: template.default(''),
  noDataPolicy: z
    .enum(policies, { error: `noDataPolicy must be one of ${policies.join(', ')}.` })
    .default('KEEP_LAST'),
  errorPolicy: z
    .enum(policies, { error: `errorPolicy must be one of ${policies.join(', ')}.` })
    .default('KEEP_LAST'),
  enabled: z.boolean({ error: 'enabled must be true or false.' }).default(true),
})

const ruleDraftSchema = draftSchema
  .superRefine((draft, context) => {
    for (const path of unstorablePaths(draft)) {
      context.addIssue({
        code: 'custom',
        path,
        message: 'This text holds a NUL or half of a character: type it anew.',
      })
    }
    if (draft.condition.kind !== draft.conditionKind) {
      const message = `conditionKind says ${draft.conditionKind}, but the condition itself says ${draft.condition.kind}.`
      context.addIssue({ code: 'custom', path: ['conditionKind'], message })
    }
  })
  .transform((draft) => ({
    ...draft,
    evaluationIntervalSeconds: draft.evaluationIntervalSeconds ?? usualInterval(draft.condition),
    reNotifyMinutes: draft.reNotifyMinutes ?? (isPerExchange(draft.condition) ? 0 : 60),
  }))
  .superRefine((draft, context) => {
    for (const { field, problem } of perExchangeProblems(draft))
      context.addIssue({ code: 'custom', path: [field], message: problem })
  })

const usualSeconds = 60

function usualInterval(condition: Condition): number {
  return definitionOf(condition).defaultIntervalSeconds ?? usualSeconds
}

export type RuleDraft = z.infer<typeof ruleDraftSchema>

export type Policy = RuleDraft['errorPolicy']

export interface Rule extends RuleDraft {
  readonly id: string
  readonly environment: string
  readonly createdAt: Date
}

/** The kind picks the schema, so that a refusal speaks of that kind's fields and no others. */
function parseCondition(input: unknown, context: z.core.$RefinementCtx): Condition {
  const kind = typeof input === 'object' && input !== null && 'kind' in input ? input.kind : undefined
  if (!isConditionKind(kind)) {
    context.addIssue({
      code: 'custom',
      path: ['kind'],
      message: `condition.kind must be one of ${conditionKinds.join(', ')}.`,
    })
    return z.NEVER
  }
  const parsed = conditionDefinitions[kind].schema.safeParse(input)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) {
    context.addIssue({ code: 'custom', path: [...issue.path], message: describeIssue(issue) })
  }
  return z.NEVER
}

export interface FieldProblem {
  /** Dotted path of the API field, e.g. `condition.threshold`. */
  readonly field: string
  readonly problem: string
}

export type ParsedRule = { readonly draft: RuleDraft } | { readonly problems: readonly FieldProblem[] }

export function parseRuleDraft(input: unknown): ParsedRule {
  const parsed = ruleDraftSchema.safeParse(input)
  if (parsed.success) return { draft: parsed.data }
  return {
    problems: parsed.error.issues.map((issue) => ({
      field: issue.path.join('.') || 'rule',
      problem: describeIssue(issue),
    })),
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message
  return `Unknown ${issue.keys.length > 1 ? 'fields' : 'field'} ${issue.keys.join(', ')}: check the spelling or leave it out.`
}
