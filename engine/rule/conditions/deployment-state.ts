import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import {
  appVariables,
  type ConditionDefinition,
  type Reading,
  scopeQuestion,
  scopeSchema,
} from '#engine/rule/condition.ts'
import { countReading } from '#engine/rule/count-reading.ts'
import type { Answer, DeploymentsAnswer, DeploymentStanding } from '#engine/telemetry/telemetry.ts'

const stateName = z
  .string({ error: 'A state must be text, such as FAILED.' })
  .regex(
    /^[A-Z][A-Z0-9_]{0,49}$/,
    'A state is a word in upper case, such as FAILED: at most 50 letters, digits and "_".',
  )

const schema = z.strictObject({
  kind: z.literal('DEPLOYMENT_STATE'),
  scope: scopeSchema.superRefine((scope, context) => {
    const message = 'A deployment belongs to an app: leave the route and the agent out.'
    for (const part of ['routeId', 'agentId'] as const)
      if (scope[part] !== undefined) context.addIssue({ code: 'custom', path: [part], message })
  }),
  states: z
    .array(stateName, { error: 'The states must be a list, such as ["FAILED", "DEGRADED"].' })
    .min(1, 'No state is named: name at least one, such as FAILED.')
    .max(20, 'More than 20 states are named.'),
})

export type DeploymentState = z.infer<typeof schema>

/** One check for each deployment. Its latest change counts as soon as it is there: a later one corrects it. */
export const deploymentState: ConditionDefinition<DeploymentState> = {
  schema,
  label: 'State of deployments',
  about: 'A deployment of an app has failed, is degraded, or is in any state you name',
  unit: () => 'count',
  scope: ({ scope }) => scope,
  measure: () => 'State of deployments',
  limit: ({ states }) => `once it is ${states.join(' or ')}`,
  question: ({ scope }, environment) => ({
    about: 'deployments',
    environment,
    ...scopeQuestion(scope),
    windowSeconds: 0,
  }),
  hasSubjects: true,
  hasPast: false,
  judge: (condition, answer) => {
    const { at, deployments } = deploymentsOf(answer)
    return deployments.length === 0
      ? [unheard(condition)]
      : deployments.map((deployment) => judge(condition, deployment, at))
  },
  variables: {
    ...appVariables,
    'deployment.id': 'orders-service',
    'deployment.state': 'FAILED',
    'deployment.version': '2026.04.22-1639',
    'deployment.since': '2026-04-22T16:39:49.000Z',
  },
  fields: (values) => [
    {
      kind: 'text',
      name: 'states',
      label: 'Fires when a deployment is',
      hint: 'States, separated by commas',
      placeholder: 'FAILED, DEGRADED',
      required: true,
      maxLength: 1000,
      value: values['states'] ?? 'FAILED, DEGRADED',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'DEPLOYMENT_STATE',
    scope,
    states: (values['states'] ?? '')
      .toUpperCase()
      .split(/[\s,]+/)
      .filter(Boolean),
  }),
  fieldOf: { states: 'states' },
}

function judge({ scope, states }: DeploymentState, standing: DeploymentStanding, at: Date): Reading {
  const { app, deployment, state, version, since } = standing
  const isBreach = states.includes(state)
  const lasting = formatDuration((at.getTime() - since.getTime()) / 1000)
  const name = `${deployment}${version === '' ? '' : ` (version ${version})`}`
  const summary = `Deployment ${name} has been ${state} for ${lasting}, since ${instant(since)}.`
  return {
    ...countReading(isBreach ? 'breach' : 'clear', isBreach ? 1 : 0, summary),
    subject: scope.appSlug === undefined ? `${app}/${deployment}` : deployment,
    labels: { app, deployment, state, ...(version !== '' && { version }) },
    facts: {
      'app.slug': app,
      'deployment.id': deployment,
      'deployment.state': state,
      'deployment.version': version,
      'deployment.since': since.toISOString(),
    },
  }
}

/** Nothing at all may be a typing error, and then nothing would ever be watched. */
function unheard({ scope: { appSlug } }: DeploymentState): Reading {
  const of = appSlug === undefined ? '' : ` of ${appSlug}`
  return countReading('no-data', null, `No deployment${of} has changed within 30 days.`)
}

/** `2026-11-21 08:48 UTC` */
function instant(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function deploymentsOf(answer: Answer): DeploymentsAnswer {
  if (answer.about !== 'deployments') throw new Error(`a DEPLOYMENT_STATE was answered about ${answer.about}`)
  return answer
}
