import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import {
  type ConditionDefinition,
  routeVariables,
  scopeQuestion,
  scopeSchema,
  windowSecondsSchema,
} from '#engine/rule/condition.ts'
import { judgeWindow } from '#engine/rule/judge-window.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import { exchangeStatuses } from '#engine/telemetry/exchanges.ts'
import { exchangeFields, exchangeFromForm } from './exchange-form.ts'

const attributeName = z
  .string()
  .min(1, 'An attribute has no name.')
  .max(200, 'The name of an attribute is longer than 200 characters.')
  .refine((name) => name !== '__proto__', 'No attribute is called __proto__.')

const attributeValue = z
  .string({ error: 'The value of an attribute must be text.' })
  .min(1, 'The value is empty: leave the attribute out.')
  .max(500, 'The value of an attribute is longer than 500 characters.')

const filterSchema = z.strictObject(
  {
    status: z
      .enum(exchangeStatuses, {
        error: `The status must be one of ${exchangeStatuses.join(', ')}, or left out for all that have ended.`,
      })
      .optional(),
    attributes: z
      .record(attributeName, attributeValue, { error: 'attributes must be an object of texts.' })
      .refine((attributes) => Object.keys(attributes).length <= 20, 'These are more than 20 attributes.')
      .default({}),
  },
  { error: 'filter must be an object such as {"status": "FAILED"}.' },
)

const countSchema = z.strictObject({
  kind: z.literal('EXCHANGE_MATCH'),
  scope: scopeSchema,
  filter: filterSchema,
  fireMode: z.literal('COUNT_IN_WINDOW'),
  threshold: z
    .int({ error: 'COUNT_IN_WINDOW needs a threshold: a whole number of exchanges.' })
    .min(1, 'The threshold must be 1 or more: it fires above it. For every exchange use PER_EXCHANGE.'),
  windowSeconds: windowSecondsSchema,
})

const nothing = (field: string) =>
  z.literal(0, { error: `PER_EXCHANGE fires for every exchange: leave ${field} out, or 0.` }).nullish()

const perExchangeSchema = z
  .strictObject({
    kind: z.literal('EXCHANGE_MATCH'),
    scope: scopeSchema,
    filter: filterSchema.refine(
      ({ status, attributes }) => status !== undefined || Object.keys(attributes).length > 0,
      'The filter is empty: every exchange would be an alert of its own. Name a status or an attribute.',
    ),
    fireMode: z.literal('PER_EXCHANGE'),
    threshold: nothing('threshold'),
    windowSeconds: nothing('windowSeconds'),
  })
  .transform(({ threshold: _none, windowSeconds: _neither, ...condition }) => condition)

const schema = z.discriminatedUnion('fireMode', [countSchema, perExchangeSchema], {
  error: 'fireMode must be one of COUNT_IN_WINDOW, PER_EXCHANGE.',
})

export type ExchangeMatch = z.infer<typeof schema>

export type PerExchange = Extract<ExchangeMatch, { fireMode: 'PER_EXCHANGE' }>

/** How far apart exchanges are counted where each is an alert of its own: for pictures, not for decisions. */
const pictureSeconds = 60

export const exchangeMatch: ConditionDefinition<ExchangeMatch> = {
  schema,
  label: 'Exchanges',
  about: 'Exchanges that match a filter: too many in a window, or every single one',
  unit: () => 'count',
  scope: ({ scope }) => scope,
  measure: (condition) =>
    condition.fireMode === 'PER_EXCHANGE'
      ? `Every ${words(condition, 'exchange')}`
      : `${sentence(words(condition, 'exchanges'))} over ${formatDuration(condition.windowSeconds)}`,
  limit: (condition) =>
    condition.fireMode === 'PER_EXCHANGE'
      ? 'one by one'
      : `above ${formatQuantity(condition.threshold, 'count')}`,
  question: (condition, environment) => ({
    about: 'exchanges',
    environment,
    ...scopeQuestion(condition.scope),
    ...(condition.filter.status !== undefined && { status: condition.filter.status }),
    attributes: condition.filter.attributes,
    windowSeconds: condition.fireMode === 'PER_EXCHANGE' ? pictureSeconds : condition.windowSeconds,
  }),
  hasPast: true,
  overlooked: (_condition, answers) =>
    answers.some((answer) => answer.about === 'exchanges' && answer.countsReports)
      ? 'There are too many to tell which were reported twice: here each report counts, for the rule each exchange.'
      : undefined,
  judge: (condition, answer, standing) => {
    if (answer.about !== 'exchanges') throw new Error(`an EXCHANGE_MATCH was answered about ${answer.about}`)
    const threshold = condition.fireMode === 'PER_EXCHANGE' ? 0 : condition.threshold
    const limit = { comparator: 'GT', threshold, isMonotone: true, unit: 'count' } as const
    return judgeWindow(answer, ({ count }) => count, limit, standing)
  },
  variables: {
    ...routeVariables,
    'exchange.id': 'b2f1c0de-0000-4000-8000-000000000042',
    'exchange.appSlug': 'orders-service',
    'exchange.routeId': 'place-order',
    'exchange.agentId': 'orders-service-2',
    'exchange.correlationId': 'order-1042',
    'exchange.status': 'FAILED',
    'exchange.error': 'OptimisticLockException: row was updated',
    'exchange.startedAt': '2026-04-22T16:39:48.120Z',
  },
  // Where they are counted it is known of no single one of them; of what was asked for it is.
  facts: ({ filter: { status }, scope: { appSlug, routeId, agentId } }) => ({
    'exchange.status': status ?? '',
    'exchange.appSlug': appSlug ?? '',
    'exchange.routeId': routeId ?? '',
    'exchange.agentId': agentId ?? '',
  }),
  fields: exchangeFields,
  fromForm: exchangeFromForm,
  fieldOf: {
    'filter.status': 'status',
    'filter.attributes': 'attributes',
    filter: 'attributes',
    fireMode: 'threshold',
    threshold: 'threshold',
    windowSeconds: 'window',
  },
}

/** `FAILED exchange with payment.type=card`. */
function words({ filter: { status, attributes } }: ExchangeMatch, noun: string): string {
  const named = Object.entries(attributes).map(([name, value]) => `${name}=${value}`)
  return `${status ?? 'ended'} ${noun}${named.length > 0 ? ` with ${named.join(', ')}` : ''}`
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
