import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import { appVariables, type ConditionDefinition, type Reading } from '#engine/rule/condition.ts'
import { boundsFromForm, windowFromForm } from '#engine/rule/bounds-from-form.ts'
import { judgeWindow } from '#engine/rule/judge-window.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import type { ResponseFigures } from '#engine/telemetry/elasticsearch.ts'
import { httpLogFacts, httpLogQuestion, httpLogShape, indexField } from './http-log.ts'

const schema = z
  .strictObject({
    kind: z.literal('HTTP_5XX'),
    ...httpLogShape,
    windowSeconds: httpLogShape.windowSeconds.default(900),
    threshold: z
      .number({ error: 'The threshold must be a number.' })
      .min(0, 'The threshold is below 0, which no share is.')
      .max(1, 'The share of responses lies between 0 and 1; for 10 % write 0.1.')
      .refine((threshold) => threshold !== 1, 'A share is never above 1: this could never fire.')
      .default(0.1),
    recoveryThreshold: z.number({ error: 'The recovery threshold must be a number.' }).min(0).optional(),
    minimumSamples: z
      .int({ error: 'minimumSamples must be a whole number of responses.' })
      .min(1, 'A share of nothing is nothing: minimumSamples is 1 or more.')
      .default(1),
  })
  .refine(
    ({ recoveryThreshold, threshold }) => recoveryThreshold === undefined || recoveryThreshold <= threshold,
    {
      path: ['recoveryThreshold'],
      message: 'It would be over before it began: the recovery threshold must not be above the threshold.',
    },
  )

export type Http5xx = z.infer<typeof schema>

export const http5xx: ConditionDefinition<Http5xx> = {
  schema,
  label: 'HTTP 5xx',
  about: 'The share of responses with status 5xx in logs kept in Elasticsearch',
  defaultIntervalSeconds: 300,
  unit: () => 'ratio',
  scope: ({ scope }) => scope,
  measure: ({ index, windowSeconds }) =>
    `Share of 5xx responses in ${index} over ${formatDuration(windowSeconds)}`,
  limit: ({ threshold }) => `above ${formatQuantity(threshold, 'ratio')}`,
  question: (condition, environment) => ({
    about: 'http-responses',
    ...httpLogQuestion(condition, environment),
  }),
  hasPast: true,
  judge: (condition, answer, standing) => {
    if (answer.about !== 'http-responses') throw new Error(`an HTTP_5XX was answered about ${answer.about}`)
    const { threshold, recoveryThreshold, minimumSamples } = condition
    const limit = {
      comparator: 'GT',
      threshold,
      recoveryThreshold,
      isMonotone: false,
      unit: 'ratio',
    } as const
    const shareOf = ({ count, failed }: ResponseFigures) =>
      count === 0 || count < minimumSamples ? null : failed / count
    return judgeWindow(answer, shareOf, limit, standing).map((reading) => ({
      ...reading,
      summary: describe(condition, answer.settled, reading),
      facts: {
        'http.responses': String(answer.settled.count),
        'http.failed': String(answer.settled.failed),
      },
    }))
  },
  variables: {
    ...appVariables,
    'http.index': 'http_logs_*',
    'http.responses': '1204',
    'http.failed': '150',
    'http.windowSeconds': '900',
  },
  facts: httpLogFacts,
  fields: (values) => [
    indexField(values['index']),
    {
      kind: 'text',
      name: 'statusField',
      label: 'Field of the status',
      required: true,
      value: values['statusField'] ?? 'http.response.status_code',
    },
    {
      kind: 'text',
      name: 'threshold',
      label: 'Fires above this share',
      hint: 'Such as 10%; "10% until 5%": over only at 5%',
      required: true,
      value: values['threshold'] ?? '10%',
    },
    {
      kind: 'text',
      name: 'window',
      label: 'Over the last',
      hint: 'Such as 15m; "15m with 20": judged from 20 responses on',
      required: true,
      value: values['window'] ?? '15m',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'HTTP_5XX',
    scope,
    index: values['index'],
    statusField: values['statusField'],
    ...boundsFromForm(values['threshold']),
    ...windowFromForm(values['window']),
  }),
  fieldOf: {
    index: 'index',
    statusField: 'statusField',
    threshold: 'threshold',
    recoveryThreshold: 'threshold',
    windowSeconds: 'window',
    minimumSamples: 'window',
  },
}

function describe(condition: Http5xx, { count, failed }: ResponseFigures, { value }: Reading): string {
  const where = `in ${condition.index} over ${formatDuration(condition.windowSeconds)}`
  const number = (figure: number) => formatQuantity(figure, 'count')
  if (value === null)
    return count === 0
      ? `No responses ${where}.`
      : `Only ${number(count)} responses ${where}: too few to judge (${number(condition.minimumSamples)} needed).`
  return `${number(failed)} of ${number(count)} responses ${where} were 5xx: ${formatQuantity(value, 'ratio')} (it fires above ${formatQuantity(condition.threshold, 'ratio')}).`
}
