import { z } from 'zod'
import { failureKinds } from '#engine/kubernetes/failure.ts'
import { parseLabelSelector } from '#engine/kubernetes/label-selector.ts'
import { scopeSchema } from '#engine/rule/condition.ts'

const oneOfKinds = `one of ${failureKinds.join(', ')}`

const failureKind = z.enum(failureKinds, { error: `A failure must be ${oneOfKinds}.` })

const namespaceName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

const namespaces = z
  .array(z.string(), { error: 'namespaces must be a list of names.' })
  .max(50, 'More than 50 namespaces: make several rules.')
  .superRefine((names, context) => {
    const wrong = names.find((name) => !namespaceName.test(name))
    if (wrong === undefined) return
    const message = `"${wrong}" is no name of a namespace: at most 63 lower case letters, digits and "-".`
    context.addIssue({ code: 'custom', message })
  })

const seconds = (what: string, least: number, most: number) =>
  z
    .int({ error: `${what} must be a whole number of seconds.` })
    .min(least, `${what} is shorter than ${least} s.`)
    .max(most, `${what} is longer than ${most} s.`)

export const podFailureSchema = z
  .strictObject({
    kind: z.literal('POD_FAILURE'),
    scope: scopeSchema.default({}).superRefine((scope, context) => {
      const [part] = Object.keys(scope)
      if (part !== undefined)
        context.addIssue({
          code: 'custom',
          path: [part],
          message: 'Pods are found by namespace and labels: leave the service empty.',
        })
    }),
    namespaces: namespaces.default([]),
    labelSelector: z
      .string({ error: 'The label selector must be text.' })
      .trim()
      .max(500, 'The label selector is longer than 500 characters.')
      .superRefine((text, context) => {
        const parsed = parseLabelSelector(text)
        if ('problem' in parsed) context.addIssue({ code: 'custom', message: parsed.problem })
      })
      .default(''),
    failures: z
      .array(failureKind)
      .min(1, 'No failure is named: leave it out to watch for all of them.')
      .default([...failureKinds]),
    severities: z
      .partialRecord(failureKind, z.enum(['CRITICAL', 'WARNING', 'INFO']), {
        error: `severities must be an object from a failure (${oneOfKinds}) to CRITICAL, WARNING or INFO.`,
      })
      .default({}),
    restarts: z
      .int({ error: 'restarts must be a whole number; in the form with its window, such as 3 in 15m.' })
      .min(1, 'restarts is below 1: every pod would fail.')
      .max(1000, 'restarts is above 1000.')
      .default(3),
    windowSeconds: seconds('The window', 60, 86_400).default(15 * 60),
    imagePullSeconds: seconds('imagePullSeconds', 0, 86_400).default(2 * 60),
    pendingSeconds: seconds('pendingSeconds', 0, 86_400).default(10 * 60),
    stableSeconds: seconds('stableSeconds', 0, 86_400).default(10 * 60),
  })
  .superRefine(({ failures, severities }, context) => {
    const idle = Object.keys(severities).find((kind) => !failures.some((one) => one === kind))
    if (idle !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['severities'],
        message: `severities has ${idle}, but the rule does not watch for it.`,
      })
  })

export type PodFailure = z.infer<typeof podFailureSchema>
