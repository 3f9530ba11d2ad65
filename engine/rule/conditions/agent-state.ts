import { z } from 'zod'
import { formatDuration } from '#engine/duration.ts'
import {
  agentVariables,
  type ConditionDefinition,
  durationFromForm,
  type Reading,
  scopeQuestion,
  scopeSchema,
} from '#engine/rule/condition.ts'
import { countReading } from '#engine/rule/count-reading.ts'
import type { Answer, AgentsAnswer, AgentStanding } from '#engine/telemetry/telemetry.ts'

const states = ['LIVE', 'STALE', 'DEAD'] as const

const schema = z.strictObject({
  kind: z.literal('AGENT_STATE'),
  scope: scopeSchema.refine((scope) => scope.routeId === undefined, {
    path: ['routeId'],
    message: 'An agent serves many routes: leave the route out.',
  }),
  state: z.enum(states, { error: `The state must be one of ${states.join(', ')}.` }),
  forSeconds: z
    .int({ error: 'How long it must last (forSeconds) must be a whole number of seconds, such as 120.' })
    .min(0, 'How long it must last (forSeconds) is below 0.')
    // Reports are looked at for a day: what must last nearly that long could never be seen whole.
    .max(43_200, 'How long it must last (forSeconds) is longer than 12 h (43200 s).'),
})

export type AgentState = z.infer<typeof schema>

/**
 * One check for each agent. Since when it is in its state is read from its reports, not from how long we have looked. The latest
 * report counts as soon as it is there: there is nothing to be complete before it is true, and a later one corrects it.
 */
export const agentState: ConditionDefinition<AgentState> = {
  schema,
  label: 'State of agents',
  about: 'An agent of an app, or each of them, is live, stale or dead for so long',
  unit: () => 'count',
  scope: ({ scope }) => scope,
  measure: () => 'State of agents',
  limit: ({ state, forSeconds }) =>
    forSeconds === 0 ? `once it is ${state}` : `when it is ${state} for ${formatDuration(forSeconds)}`,
  question: ({ scope }, environment) => ({
    about: 'agents',
    environment,
    ...scopeQuestion(scope),
    windowSeconds: 0,
  }),
  hasSubjects: true,
  hasPast: false,
  setsDelay: true,
  judge: (condition, answer) => {
    const { at, agents } = agentsOf(answer)
    return agents.length === 0 ? [unheard(condition)] : agents.map((agent) => judge(condition, agent, at))
  },
  variables: { ...agentVariables, 'agent.state': 'DEAD', 'agent.since': '2026-04-22T16:37:49.000Z' },
  fields: (values) => [
    {
      kind: 'choice',
      name: 'state',
      label: 'Fires when an agent is',
      required: true,
      value: values['state'] ?? 'DEAD',
      options: states.map((value) => ({ value, label: value })),
    },
    {
      kind: 'text',
      name: 'lasting',
      label: 'For at least',
      hint: 'Such as 2m; 0 = tell at once',
      required: true,
      value: values['lasting'] ?? '2m',
    },
  ],
  fromForm: (values, scope) => ({
    kind: 'AGENT_STATE',
    scope,
    state: values['state'],
    forSeconds: durationFromForm(values['lasting']),
  }),
  fieldOf: { state: 'state', forSeconds: 'lasting' },
}

function judge({ scope, state, forSeconds }: AgentState, standing: AgentStanding, at: Date): Reading {
  const { app, agent, since } = standing
  const lastsSeconds = Math.floor((at.getTime() - since.getTime()) / 1000)
  const isBreach = standing.state === state && lastsSeconds >= forSeconds
  const subject = subjectOf(scope, standing)
  const summary = `Agent ${agent} of ${app} has been ${standing.state} for ${formatDuration(lastsSeconds)}.`
  return {
    ...countReading(isBreach ? 'breach' : 'clear', isBreach ? 1 : 0, summary),
    ...(subject !== undefined && { subject }),
    labels: { app, agent },
    facts: {
      'app.slug': app,
      'agent.id': agent,
      'agent.state': standing.state,
      'agent.since': since.toISOString(),
    },
  }
}

/** What the scope has not named yet. */
function subjectOf({ appSlug, agentId }: AgentState['scope'], { app, agent }: AgentStanding) {
  if (agentId !== undefined) return undefined
  return appSlug === undefined ? `${app}/${agent}` : agent
}

/** Nothing at all may be a typing error, and then nothing would ever be watched. */
function unheard({ scope: { appSlug, agentId } }: AgentState): Reading {
  const who =
    agentId === undefined ? `No agent${appSlug === undefined ? '' : ` of ${appSlug}`}` : `Agent ${agentId}`
  const summary =
    agentId === undefined
      ? `${who} has reported within a day.`
      : `${who} of ${appSlug} has not reported within a day.`
  return countReading('no-data', null, summary)
}

function agentsOf(answer: Answer): AgentsAnswer {
  if (answer.about !== 'agents') throw new Error(`an AGENT_STATE was answered about ${answer.about}`)
  return answer
}
