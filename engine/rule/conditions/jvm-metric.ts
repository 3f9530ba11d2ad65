import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import { boundsFromForm, windowFromForm } from '#engine/rule/bounds-from-form.ts'
import { type Comparator, comparators, comparatorWords } from '#engine/rule/comparator.ts'
import {
  agentVariables,
  type ConditionDefinition,
  scopeQuestion,
  scopeSchema,
  windowSecondsSchema,
} from '#engine/rule/condition.ts'
import { judgeWindow } from '#engine/rule/judge-window.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import { minimumSamplesSchema, recoveryProblem, recoveryThresholdSchema } from '#engine/rule/safe-side.ts'
import type { JvmMetricsFigures } from '#engine/telemetry/telemetry.ts'

const aggregations = ['AVG', 'MAX', 'MIN', 'LAST'] as const

type Aggregation = (typeof aggregations)[number]

const schema = z
  .strictObject({
    kind: z.literal('JVM_METRIC'),
    scope: scopeSchema.refine((scope) => scope.routeId === undefined, {
      path: ['routeId'],
      message: 'A JVM belongs to an agent, not to a route: leave the route out.',
    }),
    metric: z
      .string({ error: 'The metric must be text, such as jvm.memory.used.value.' })
      .trim()
      .min(1, 'The metric is empty: name one, such as jvm.memory.used.value.')
      .max(200, 'The name of the metric is longer than 200 characters.'),
    aggregation: z.enum(aggregations, {
      error: `The aggregation must be one of ${aggregations.join(', ')}.`,
    }),
    comparator: z.enum(comparators, { error: `The comparator must be one of ${comparators.join(', ')}.` }),
    threshold: z.number({ error: 'The threshold must be a number.' }),
    windowSeconds: windowSecondsSchema,
    recoveryThreshold: recoveryThresholdSchema,
    minimumSamples: minimumSamplesSchema,
  })
  .superRefine((condition, context) => {
    const message = recoveryProblem(condition)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['recoveryThreshold'], message })
  })

export type JvmMetric = z.infer<typeof schema>

const words: Record<Aggregation, { label: string; of: keyof JvmMetricsFigures }> = {
  AVG: { label: 'Average', of: 'average' },
  MAX: { label: 'Maximum', of: 'maximum' },
  MIN: { label: 'Minimum', of: 'minimum' },
  LAST: { label: 'Latest', of: 'last' },
}

/** Late samples can only raise a maximum and lower a minimum. */
function isMonotone({ aggregation, comparator }: JvmMetric): boolean {
  const above: readonly Comparator[] = ['GT', 'GTE']
  const below: readonly Comparator[] = ['LT', 'LTE']
  if (aggregation === 'MAX') return above.includes(comparator)
  return aggregation === 'MIN' && below.includes(comparator)
}

export const jvmMetric: ConditionDefinition<JvmMetric> = {
  schema,
  label: 'JVM metric',
  about: 'A metric of an agent, or over all agents of an app, over a rolling window',
  unit: () => 'none',
  scope: ({ scope }) => scope,
  measure: ({ aggregation, metric, windowSeconds }) =>
    `${words[aggregation].label} ${metric} over ${formatDuration(windowSeconds)}`,
  limit: ({ comparator, threshold }) => `${comparatorWords[comparator]} ${formatQuantity(threshold, 'none')}`,
  question: ({ scope, metric, windowSeconds }, environment) => ({
    about: 'jvm_metrics',
    environment,
    ...scopeQuestion(scope),
    metric,
    windowSeconds,
  }),
  hasPast: true,
  judge: (condition, answer, standing) => {
    if (answer.about !== 'jvm_metrics') throw new Error(`a JVM_METRIC was answered about ${answer.about}`)
    const { aggregation, comparator, threshold, recoveryThreshold, minimumSamples = 1 } = condition
    const limit = {
      comparator,
      threshold,
      recoveryThreshold,
      isMonotone: isMonotone(condition),
      unit: 'none',
    } as const
    const valueOf = (figures: JvmMetricsFigures) =>
      figures.count < minimumSamples ? null : figures[words[aggregation].of]
    return judgeWindow(answer, valueOf, limit, standing)
  },
  variables: {
    ...agentVariables,
    'jvm.metric': 'jvm.memory.used.value',
    'jvm.aggregation': 'MAX',
    'jvm.windowSeconds': '300',
  },
  facts: ({ metric, aggregation, windowSeconds }) => ({
    'jvm.metric': metric,
    'jvm.aggregation': aggregation,
    'jvm.windowSeconds': String(windowSeconds),
  }),
  // Both in one choice: with the delay there are five fields, which is all that Discord shows.
  fields: (values) => [
    {
      kind: 'text',
      name: 'metric',
      label: 'Metric',
      placeholder: 'jvm.memory.used.value',
      required: true,
      maxLength: 200,
      value: values['metric'] ?? '',
    },
    {
      kind: 'choice',
      name: 'looksAt',
      label: 'Fires when of its samples the',
      required: true,
      value: values['looksAt'] ?? 'AVG GT',
      options: aggregations.flatMap((aggregation) =>
        comparators.map((comparator) => ({
          value: `${aggregation} ${comparator}`,
          label: `${words[aggregation].label} is ${comparatorWords[comparator]}`,
        })),
      ),
    },
    {
      kind: 'text',
      name: 'threshold',
      label: 'Threshold',
      hint: 'In its unit; "900 until 800": over only at 800',
      required: true,
      value: values['threshold'] ?? '',
    },
    {
      kind: 'text',
      name: 'window',
      label: 'Over the last',
      hint: 'Such as 5m; "5m with 20": judged from 20 samples on',
      required: true,
      value: values['window'] ?? '5m',
    },
  ],
  fromForm: (values, scope) => {
    const [aggregation, comparator] = (values['looksAt'] ?? '').split(' ')
    return {
      kind: 'JVM_METRIC',
      scope,
      metric: values['metric'],
      aggregation,
      comparator,
      ...boundsFromForm(values['threshold']),
      ...windowFromForm(values['window']),
    }
  },
  fieldOf: {
    metric: 'metric',
    aggregation: 'looksAt',
    comparator: 'looksAt',
    threshold: 'threshold',
    recoveryThreshold: 'threshold',
    windowSeconds: 'window',
    minimumSamples: 'window',
  },
}
