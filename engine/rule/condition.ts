import { z } from 'zod'
import { parseDuration } from '#engine/duration.ts'
import type { Measurement, Severity } from '#engine/event.ts'
import type { Facts } from '#engine/facts.ts'
import type { Labels } from '#engine/labels.ts'
import type { Unit } from '#engine/message/message.ts'
import type { Answer, Question } from '#engine/telemetry/telemetry.ts'
import { makeStorable } from '#engine/storable-text.ts'
import type { Field, FormValues } from '#engine/view/form.ts'

/** One kind of condition, whole: its shape, the question it asks, how it judges the answer, how it is asked for. */
export interface ConditionDefinition<C> {
  readonly schema: z.ZodType<C>
  readonly label: string
  /** At most 75 characters (Slack's option descriptions). */
  readonly about: string
  readonly unit: (condition: C) => Unit
  readonly scope: (condition: C) => Scope
  /** What it watches, in words, where that is not in its scope: `shop, app=web`. */
  readonly place?: (condition: C) => string
  /** What is watched, without numbers: `Error rate over 5 min`. */
  readonly measure: (condition: C) => string
  /** When it fires: `above 5 %`. */
  readonly limit: (condition: C) => string
  readonly question: (condition: C, environment: string) => Question
  /** One reading for what it watches; for each subject where it watches many; none where nothing can be decided yet. */
  readonly judge: (condition: C, answer: Answer, standing: Standing) => readonly Reading[]
  /** It watches many things at once (nodes, agents, pods): each has a check of its own, which is over when it is gone. */
  readonly hasSubjects?: boolean
  /** False: its store does not know how things were, so there is no picture and no preview of hours gone by. */
  readonly hasPast: boolean
  /** What nobody looked at for these answers, and might have mattered, in words. */
  readonly overlooked?: (condition: C, answers: readonly Answer[]) => string | undefined
  /** How often it is worth looking where the rule does not say; without it the usual interval. */
  readonly defaultIntervalSeconds?: number
  /** How often while it fires, where that is not the rule's own interval: people want to hear soon that it is over. */
  readonly firingIntervalSeconds?: (condition: C) => number
  /** What its templates may say beyond what all may, each with an example: `{{log.pattern}}`. */
  readonly variables: Facts
  /** Those of them that the condition itself knows; a reading may know more. */
  readonly facts?: (condition: C) => Facts
  /** Its readings say how long they must last, so nobody is asked for `forDurationSeconds`. */
  readonly setsDelay?: boolean
  /** The fields of the form's second step; `values` are what was typed so far. */
  readonly fields: (values: FormValues) => readonly Field[]
  /** Form values → what the schema parses. Numbers stay text where they are not numbers, so the schema can say so. */
  readonly fromForm: (values: FormValues, scope: Scope) => unknown
  /** Where the schema's paths show in the form: `threshold` → the field named `threshold`. */
  readonly fieldOf: Readonly<Record<string, string>>
}

export interface Reading extends Measurement {
  readonly verdict: 'breach' | 'clear' | 'no-data'
  /** Which of the things it watches, as people know it: a node, an agent, a workload. */
  readonly subject?: string
  /** How bad, where the condition knows better than the rule. */
  readonly severity?: Severity
  /** How long it must last before anyone hears, where that is longer than the rule's `forDurationSeconds`. */
  readonly forSeconds?: number
  /** In the condition's own words, where the usual sentence says too little. */
  readonly summary?: string
  /** Beyond those of the scope. */
  readonly labels?: Labels
  /** Of the kind's `variables`, those that were seen. */
  readonly facts?: Facts
}

/** What is known of a rule's checks before it is judged: some conditions recover later than they fire. */
export interface Standing {
  readonly isFailing: (subject?: string) => boolean
}

export const nothingFails: Standing = { isFailing: () => false }

export const scopeSchema = z
  .strictObject({
    appSlug: name('app').optional(),
    routeId: name('route').optional(),
    agentId: name('agent').optional(),
  })
  .superRefine((scope, context) => {
    if (scope.appSlug) return
    if (scope.routeId)
      context.addIssue({
        code: 'custom',
        path: ['routeId'],
        message: 'A route needs its app: name that too.',
      })
    if (scope.agentId)
      context.addIssue({
        code: 'custom',
        path: ['agentId'],
        message: 'An agent needs its app: name that too.',
      })
  })

export type Scope = z.infer<typeof scopeSchema>

function name(what: string) {
  return z
    .string({ error: `The ${what} must be text.` })
    .trim()
    .min(1, `The ${what} is empty: leave it out to watch every ${what}.`)
    .max(200, `The ${what} is longer than 200 characters.`)
}

const longestWindowSeconds = 24 * 3600

export const windowSecondsSchema = z
  .int({ error: 'The window must be a whole number of seconds, such as 300.' })
  .min(10, 'The window is shorter than 10 s: telemetry arrives in batches, so give it at least 10.')
  .max(longestWindowSeconds, 'The window is longer than 24 h (86400 s).')

/** Whose check it is: the most specific thing the scope names, and the one of its subjects. */
export function scopeEntity(scope: Scope, subject?: string): string {
  const parts = [scope.appSlug, scope.routeId, scope.agentId, subject].filter((part) => part !== undefined)
  return parts.length > 0 ? makeStorable(parts.join('/')) : 'all services'
}

export function scopeLabels(scope: Scope): Labels {
  return {
    ...(scope.appSlug !== undefined && { app: scope.appSlug }),
    ...(scope.routeId !== undefined && { route: scope.routeId }),
    ...(scope.agentId !== undefined && { agent: scope.agentId }),
  }
}

/** Of a scope's parts those that a kind can have, each with an example. */
export const appVariables = { 'app.slug': 'orders-service' }
export const agentVariables = { ...appVariables, 'agent.id': 'orders-service-2' }
export const routeVariables = { ...agentVariables, 'route.id': 'place-order' }

export function scopeFacts({ appSlug, routeId, agentId }: Scope): Facts {
  return { 'app.slug': appSlug ?? '', 'route.id': routeId ?? '', 'agent.id': agentId ?? '' }
}

/** Exact optional properties: an absent part of a scope must stay absent. */
export function scopeQuestion(scope: Scope): { app?: string; route?: string; agent?: string } {
  return scopeLabels(scope)
}

/** Text from a form field → a number where it is one; `5%` is 0.05, `1,204` is 1204 as we print it, and `0,5` is 0.5. */
export function numberFromForm(text: string | undefined): unknown {
  if (text === undefined) return undefined
  const tidy = /^\s*[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*%?\s*$/.test(text)
    ? text.trim().replaceAll(',', '')
    : text.trim().replace(',', '.')
  if (/^-?\d+(\.\d+)?\s*%$/.test(tidy)) return Number.parseFloat(tidy) / 100
  return tidy !== '' && Number.isFinite(Number(tidy)) ? Number(tidy) : text
}

/** Text from a form field → seconds; what is no length of time is no number, so that no default takes its place. */
export function durationFromForm(text: string | undefined): number | undefined {
  return text === undefined ? undefined : (parseDuration(text) ?? Number.NaN)
}
