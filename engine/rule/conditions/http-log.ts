import { z } from 'zod'
import type { Facts } from '#engine/facts.ts'
import { type Scope, scopeSchema, windowSecondsSchema } from '#engine/rule/condition.ts'
import type { HttpLog } from '#engine/telemetry/elasticsearch.ts'

const fieldName = (fallback: string) =>
  z
    .string({ error: 'The name of the field must be text.' })
    .trim()
    .max(200, 'The name of the field is longer than 200 characters.')
    .regex(
      /^[\w@.-]+$/,
      'That is no name of a field: write it as in the mapping, such as http.response.status_code.',
    )
    .default(fallback)

/** Fields of the Elastic Common Schema where the rule names no others. */
export const httpLogShape = {
  scope: scopeSchema.default({}).superRefine((scope, context) => {
    for (const path of ['routeId', 'agentId'] as const)
      if (scope[path] !== undefined)
        context.addIssue({
          code: 'custom',
          path: [path],
          message: 'HTTP logs are told apart by service alone: leave this out.',
        })
  }),
  index: z
    .string({ error: 'The index must be text, such as logs-*.' })
    .trim()
    .min(1, 'Name the index, alias or data stream, such as logs-*.')
    .max(500, 'The index is longer than 500 characters.')
    .superRefine((index, context) => {
      const problem = indexProblem(index)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
  timeField: fieldName('@timestamp'),
  statusField: fieldName('http.response.status_code'),
  appField: fieldName('service.name'),
  ingestDelaySeconds: z
    .int({ error: 'The delay must be a whole number of seconds.' })
    .min(0, 'The delay is below 0.')
    .max(3600, 'The delay is longer than an hour (3600 s).')
    .default(60),
  windowSeconds: windowSecondsSchema,
}

/** Names and patterns separated by commas; date math in angle brackets may hold more. */
function indexProblem(index: string): string | undefined {
  if (index === '') return undefined
  const names = index.split(',').map((name) => name.trim())
  const wrong = names.find((name) => !/^(<[^<>\s]+>|[^\s"<>|\\/?#A-Z]+)$/.test(name))
  if (wrong === undefined) return undefined
  return wrong === ''
    ? 'There is a comma too many: names are separated by one.'
    : `${wrong} is no name of an index: names are lower case, without spaces or any of " < > | \\ / ? #; patterns may hold *.`
}

interface HttpLogCondition {
  readonly scope: Scope
  readonly index: string
  readonly timeField: string
  readonly statusField: string
  readonly appField: string
  readonly ingestDelaySeconds: number
  readonly windowSeconds: number
}

export function httpLogQuestion(condition: HttpLogCondition, environment: string) {
  const { scope, index, timeField, statusField, appField, ingestDelaySeconds, windowSeconds } = condition
  const app = scope.appSlug
  const log: HttpLog = {
    index,
    timeField,
    statusField,
    ...(app !== undefined && { only: { field: appField, value: app } }),
  }
  return { ...log, environment, ingestDelaySeconds, windowSeconds }
}

export function httpLogFacts({
  index,
  windowSeconds,
}: Pick<HttpLogCondition, 'index' | 'windowSeconds'>): Facts {
  return { 'http.index': index, 'http.windowSeconds': String(windowSeconds) }
}

export function indexField(value: string | undefined) {
  return {
    kind: 'text',
    name: 'index',
    label: 'Index',
    hint: 'An index, alias, data stream or pattern of HTTP logs',
    placeholder: 'logs-nginx.access-*',
    required: true,
    maxLength: 500,
    value: value ?? '',
  } as const
}
