import { RE2JS } from 're2js'
import { z } from 'zod'
import { formatDuration, parseDuration } from '#engine/duration.ts'
import {
  agentVariables,
  type ConditionDefinition,
  scopeQuestion,
  scopeSchema,
  windowSecondsSchema,
} from '#engine/rule/condition.ts'
import { boundsFromForm } from '#engine/rule/bounds-from-form.ts'
import { judgeWindow } from '#engine/rule/judge-window.ts'
import { formatQuantity } from '#engine/rule/quantity.ts'
import { recoveryProblem, recoveryThresholdSchema } from '#engine/rule/safe-side.ts'
import { logLevels } from '#engine/telemetry/telemetry.ts'

const levelMatches = ['AT_LEAST', 'EXACTLY'] as const

const schema = z
  .strictObject({
    kind: z.literal('LOG_PATTERN'),
    scope: scopeSchema.refine((scope) => scope.routeId === undefined, {
      path: ['routeId'],
      message: 'Log lines know their app and agent, not their route: leave the route out.',
    }),
    level: z.enum(logLevels, { error: `The level must be one of ${logLevels.join(', ')}.` }),
    levelMatch: z
      .enum(levelMatches, { error: `levelMatch must be one of ${levelMatches.join(', ')}.` })
      .default('AT_LEAST'),
    pattern: z
      .string({ error: 'The pattern must be text.' })
      .min(1, 'The pattern is empty: it would match every line.')
      .max(1000, 'The pattern is longer than 1,000 characters.')
      .superRefine((pattern, context) => {
        const problem = regexProblem(pattern)
        if (problem) context.addIssue({ code: 'custom', message: problem })
      }),
    threshold: z
      .int({ error: 'The threshold must be a whole number of log lines.' })
      .min(0, 'The threshold is below 0, which no count is.'),
    windowSeconds: windowSecondsSchema,
    recoveryThreshold: recoveryThresholdSchema,
  })
  .superRefine(({ threshold, recoveryThreshold }, context) => {
    const message = recoveryProblem({ comparator: 'GT', threshold, recoveryThreshold })
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['recoveryThreshold'], message })
  })

export type LogPattern = z.infer<typeof schema>

/** RE2 is what ClickHouse's `match` runs; what it cannot do in linear time is refused here, not at three in the morning. */
function regexProblem(pattern: string): string | undefined {
  if (pattern.includes('\0')) return 'The pattern holds a NUL character.'
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `The pattern is not a regular expression RE2 can run (${reason}). Look-around and back-references are not available.`
  }
}

const alone = ' only'

/** Nothing is worse than the last of them. */
function levelOptions(level: string): { value: string; label: string }[] {
  if (level === logLevels.at(-1)) return [{ value: level, label: level }]
  return [
    { value: level, label: `${level} and worse` },
    { value: `${level}${alone}`, label: `${level}${alone}` },
  ]
}

function levelFromForm(said: string | undefined): { level: string | undefined; levelMatch?: string } {
  return said?.endsWith(alone)
    ? { level: said.slice(0, -alone.length), levelMatch: 'EXACTLY' }
    : { level: said }
}

export const logPattern: ConditionDefinition<LogPattern> = {
  schema,
  label: 'Log pattern',
  about: 'Log lines that match a pattern, counted over a rolling window',
  unit: () => 'count',
  scope: ({ scope }) => scope,
  measure: ({ level, levelMatch, pattern, windowSeconds }) =>
    `${level}${levelMatch === 'AT_LEAST' && level !== logLevels.at(-1) ? ' or worse' : ''} lines matching "${pattern}" over ${formatDuration(windowSeconds)}`,
  limit: ({ threshold }) => `above ${formatQuantity(threshold, 'count')}`,
  question: ({ scope, level, levelMatch, pattern, windowSeconds }, environment) => ({
    about: 'logs',
    environment,
    ...scopeQuestion(scope),
    levels: levelMatch === 'EXACTLY' ? [level] : logLevels.slice(logLevels.indexOf(level)),
    pattern,
    windowSeconds,
  }),
  hasPast: true,
  judge: ({ threshold, recoveryThreshold }, answer, standing) => {
    if (answer.about !== 'logs') throw new Error(`a LOG_PATTERN was answered about ${answer.about}`)
    const limit = { comparator: 'GT', threshold, recoveryThreshold, isMonotone: true, unit: 'count' } as const
    return judgeWindow(answer, ({ count }) => count, limit, standing)
  },
  variables: {
    ...agentVariables,
    'log.level': 'ERROR',
    'log.pattern': 'TimeoutException',
    'log.windowSeconds': '300',
  },
  facts: ({ level, pattern, windowSeconds }) => ({
    'log.level': level,
    'log.pattern': pattern,
    'log.windowSeconds': String(windowSeconds),
  }),
  fields: (values) => [
    {
      kind: 'choice',
      name: 'level',
      label: 'Level',
      required: true,
      value: values['level'] ?? 'ERROR',
      options: logLevels.flatMap(levelOptions),
    },
    {
      kind: 'text',
      name: 'pattern',
      label: 'Pattern',
      hint: 'A regular expression (RE2) found anywhere in the message',
      placeholder: 'TimeoutException',
      required: true,
      maxLength: 1000,
      value: values['pattern'] ?? '',
    },
    {
      kind: 'text',
      name: 'threshold',
      label: 'Fires above this many lines',
      hint: 'Such as 5; "5 until 2": over only at 2',
      required: true,
      value: values['threshold'] ?? '5',
    },
    {
      kind: 'text',
      name: 'window',
      label: 'Within the last',
      hint: 'Such as 1m, 5m or 1h',
      required: true,
      value: values['window'] ?? '5m',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'LOG_PATTERN',
    scope,
    ...levelFromForm(values['level']),
    pattern: values['pattern'],
    ...boundsFromForm(values['threshold']),
    windowSeconds: parseDuration(values['window'] ?? ''),
  }),
  fieldOf: {
    level: 'level',
    levelMatch: 'level',
    pattern: 'pattern',
    threshold: 'threshold',
    recoveryThreshold: 'threshold',
    windowSeconds: 'window',
  },
}
