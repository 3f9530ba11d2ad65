import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import type { Unit } from '#engine/message/message.ts'
import { boundsFromForm, windowFromForm } from '#engine/rule/bounds-from-form.ts'
import { comparators, comparatorWords } from '#engine/rule/comparator.ts'
import {
  type ConditionDefinition,
  routeVariables,
  scopeQuestion,
  scopeSchema,
  windowSecondsSchema,
} from '#engine/rule/condition.ts'
import { judgeWindow } from '#engine/rule/judge-window.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import { minimumSamplesSchema, recoveryProblem, recoveryThresholdSchema } from '#engine/rule/safe-side.ts'
import type { Answer, ExecutionsAnswer, ExecutionsFigures } from '#engine/telemetry/telemetry.ts'

const metrics = ['ERROR_RATE', 'THROUGHPUT', 'AVG_DURATION_MS', 'P99_LATENCY_MS', 'ERROR_COUNT'] as const

type Metric = (typeof metrics)[number]

const schema = z
  .strictObject({
    kind: z.literal('ROUTE_METRIC'),
    scope: scopeSchema,
    metric: z.enum(metrics, { error: `The metric must be one of ${metrics.join(', ')}.` }),
    comparator: z.enum(comparators, { error: `The comparator must be one of ${comparators.join(', ')}.` }),
    threshold: z
      .number({ error: 'The threshold must be a number.' })
      .min(0, 'The threshold is below 0, which no value is.'),
    windowSeconds: windowSecondsSchema,
    recoveryThreshold: recoveryThresholdSchema,
    minimumSamples: minimumSamplesSchema,
  })
  .superRefine((condition, context) => {
    const refuse = (field: string, message: string | undefined) => {
      if (message !== undefined) context.addIssue({ code: 'custom', path: [field], message })
    }
    refuse('threshold', impossible(condition))
    refuse('recoveryThreshold', recoveryProblem(condition))
    if (condition.minimumSamples !== undefined && counted.has(condition.metric))
      refuse('minimumSamples', 'A count is never made of too few: leave minimumSamples out.')
  })

export type RouteMetric = z.infer<typeof schema>

/** A rule that could never fire, or never stop, is refused where it is made. */
function impossible({
  metric,
  comparator,
  threshold,
}: Pick<RouteMetric, 'metric' | 'comparator' | 'threshold'>) {
  if (metric === 'ERROR_RATE' && threshold > 1) {
    return `An error rate lies between 0 and 1; for ${threshold} % write ${threshold / 100}.`
  }
  if (metric === 'ERROR_RATE' && threshold === 1 && comparator === 'GT')
    return 'An error rate is never above 1.'
  if (threshold === 0 && comparator === 'GTE')
    return 'Every value is at or above 0: this would fire forever. Use GT.'
  if (threshold === 0 && comparator === 'LT') return 'No value is below 0: this could never fire. Use LTE.'
  return undefined
}

const words: Record<Metric, { label: string; unit: Unit }> = {
  ERROR_RATE: { label: 'Error rate', unit: 'ratio' },
  THROUGHPUT: { label: 'Throughput', unit: 'perSecond' },
  AVG_DURATION_MS: { label: 'Average duration', unit: 'ms' },
  P99_LATENCY_MS: { label: 'P99 latency', unit: 'ms' },
  ERROR_COUNT: { label: 'Failed executions', unit: 'count' },
}

export const routeMetric: ConditionDefinition<RouteMetric> = {
  schema,
  label: 'Route metric',
  about: 'Error rate, throughput or latency over a rolling window',
  unit: ({ metric }) => words[metric].unit,
  scope: ({ scope }) => scope,
  measure: ({ metric, windowSeconds }) => `${words[metric].label} over ${formatDuration(windowSeconds)}`,
  limit: ({ metric, comparator, threshold }) =>
    `${comparatorWords[comparator]} ${formatQuantity(threshold, words[metric].unit)}`,
  question: ({ scope, metric, windowSeconds }, environment) => ({
    about: 'executions',
    environment,
    ...scopeQuestion(scope),
    ...(metric === 'P99_LATENCY_MS' && { withP99: true }),
    windowSeconds,
  }),
  hasPast: true,
  judge: (condition, answer, standing) => {
    const { metric, comparator, threshold, recoveryThreshold } = condition
    const isMonotone = counted.has(metric) && (comparator === 'GT' || comparator === 'GTE')
    const limit = { comparator, threshold, recoveryThreshold, isMonotone, unit: words[metric].unit }
    return judgeWindow(executions(answer), (figures) => measured(condition, figures), limit, standing)
  },
  variables: { ...routeVariables, 'metric.name': 'ERROR_RATE', 'metric.windowSeconds': '300' },
  facts: ({ metric, windowSeconds }) => ({
    'metric.name': metric,
    'metric.windowSeconds': String(windowSeconds),
  }),
  fields: (values) => [
    {
      kind: 'choice',
      name: 'metric',
      label: 'Metric',
      required: true,
      value: values['metric'] ?? 'ERROR_RATE',
      options: metrics.map((metric) => ({ value: metric, label: words[metric].label })),
    },
    {
      kind: 'choice',
      name: 'comparator',
      label: 'Fires when it is',
      required: true,
      value: values['comparator'] ?? 'GT',
      options: comparators.map((comparator) => ({ value: comparator, label: comparatorWords[comparator] })),
    },
    {
      kind: 'text',
      name: 'threshold',
      label: 'Threshold',
      hint: 'Such as 5% or 800; "5% until 3%": over only at 3%',
      placeholder: '5%',
      required: true,
      value: values['threshold'] ?? '',
    },
    {
      kind: 'text',
      name: 'window',
      label: 'Over the last',
      hint: 'Such as 5m; "5m with 100": judged from 100 executions on',
      required: true,
      value: values['window'] ?? '5m',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'ROUTE_METRIC',
    scope,
    metric: values['metric'],
    comparator: values['comparator'],
    ...boundsFromForm(values['threshold']),
    ...windowFromForm(values['window']),
  }),
  fieldOf: {
    metric: 'metric',
    comparator: 'comparator',
    threshold: 'threshold',
    recoveryThreshold: 'threshold',
    windowSeconds: 'window',
    minimumSamples: 'window',
  },
}

/** What late rows can only add to. */
const counted: ReadonlySet<Metric> = new Set(['THROUGHPUT', 'ERROR_COUNT'])

/** THROUGHPUT is executions per second. A ratio or a duration of nothing is no data, never 0. */
function measured(
  { metric, windowSeconds, minimumSamples = 0 }: RouteMetric,
  answer: ExecutionsFigures,
): number | null {
  if (answer.count < minimumSamples) return null
  switch (metric) {
    case 'ERROR_RATE':
      return answer.count === 0 ? null : answer.failed / answer.count
    case 'THROUGHPUT':
      return answer.count / windowSeconds
    case 'AVG_DURATION_MS':
      return answer.averageDurationMs
    case 'P99_LATENCY_MS':
      return answer.p99DurationMs
    case 'ERROR_COUNT':
      return answer.failed
  }
}

function executions(answer: Answer): ExecutionsAnswer {
  if (answer.about !== 'executions') throw new Error(`a ROUTE_METRIC was answered about ${answer.about}`)
  return answer
}
