import { describe, expect, test } from 'vitest'
import { nothingFails } from '#engine/rule/condition.ts'
import { type AgentState, agentState } from '#engine/rule/conditions/agent-state.ts'
import { type DeploymentState, deploymentState } from '#engine/rule/conditions/deployment-state.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'

const dead: AgentState = {
  kind: 'AGENT_STATE',
  scope: { appSlug: 'orders-service' },
  state: 'DEAD',
  forSeconds: 120,
}
const failed: DeploymentState = {
  kind: 'DEPLOYMENT_STATE',
  scope: { appSlug: 'orders-service' },
  states: ['FAILED', 'DEGRADED'],
}

function problemsOf(condition: Readonly<Record<string, unknown>>): unknown {
  const parsed = parseRuleDraft({
    name: 'States',
    severity: 'WARNING',
    conditionKind: condition['kind'],
    condition,
  })
  return 'problems' in parsed ? parsed.problems : []
}

describe('what is refused when a rule is saved', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string, RegExp]>([
    [
      'an agent of a route',
      { ...dead, scope: { appSlug: 'a', routeId: 'r' } },
      'scope.routeId',
      /leave the route out/,
    ],
    ['an agent of no app', { ...dead, scope: { agentId: 'a-1' } }, 'scope.agentId', /name that too/],
    ['a state no agent has', { ...dead, state: 'dead' }, 'state', /one of LIVE, STALE, DEAD/],
    ['no time at all', { ...dead, forSeconds: undefined }, 'forSeconds', /whole number of seconds/],
    ['a time with a unit', { ...dead, forSeconds: '2m' }, 'forSeconds', /whole number of seconds/],
    ['less than no time', { ...dead, forSeconds: -1 }, 'forSeconds', /below 0/],
    ['a time nobody sees whole', { ...dead, forSeconds: 43_201 }, 'forSeconds', /longer than 12 h/],
    [
      'a deployment of a route',
      { ...failed, scope: { appSlug: 'a', routeId: 'r' } },
      'scope.routeId',
      /leave/,
    ],
    [
      'a deployment of an agent',
      { ...failed, scope: { appSlug: 'a', agentId: 'r' } },
      'scope.agentId',
      /leave/,
    ],
    ['no states', { ...failed, states: [] }, 'states', /name at least one/],
    ['a state that is no list', { ...failed, states: 'FAILED' }, 'states', /must be a list/],
    ['a state in lower case', { ...failed, states: ['FAILED', 'broken'] }, 'states.1', /upper case/],
    [
      '21 states',
      { ...failed, states: Array.from({ length: 21 }, (_, i) => `S${i}`) },
      'states',
      /More than/,
    ],
  ])('%s', (_what, condition, field, problem) => {
    expect(problemsOf(condition)).toEqual([
      { field: `condition.${field}`, problem: expect.stringMatching(problem) as string },
    ])
  })

  test('and nothing else', () => {
    for (const condition of [dead, { ...dead, scope: {}, forSeconds: 0 }, failed, { ...failed, scope: {} }])
      expect(problemsOf(condition)).toEqual([])
  })
})

const at = new Date('2026-11-21T10:00:00Z')
const ago = (seconds: number) => new Date(at.getTime() - seconds * 1000)
const standing = (agent: string, state: string, seconds: number) => ({
  app: 'orders-service',
  agent,
  state,
  since: ago(seconds),
})

describe('how agents are judged', () => {
  const judge = (parts: Partial<AgentState>, ...agents: ReturnType<typeof standing>[]) =>
    agentState.judge({ ...dead, ...parts }, { about: 'agents', at, agents }, nothingFails)

  test.each([
    ['DEAD', 120, 'breach'],
    ['DEAD', 119.9, 'clear'],
    ['STALE', 500, 'clear'],
    ['LIVE', 0, 'clear'],
  ] as const)('%s for %d s: %s', (state, seconds, verdict) => {
    expect(judge({}, standing('a-1', state, seconds))).toMatchObject([{ verdict, subject: 'a-1' }])
  })

  test('each is told apart, with its labels and since when', () => {
    const [one, other] = judge({}, standing('a-1', 'DEAD', 300), standing('a-2', 'LIVE', 300))
    expect(one).toMatchObject({
      verdict: 'breach',
      summary: 'Agent a-1 of orders-service has been DEAD for 5 min.',
      labels: { app: 'orders-service', agent: 'a-1' },
    })
    expect(other).toMatchObject({ verdict: 'clear', subject: 'a-2' })
  })

  test('the subject is what the scope does not name', () => {
    expect(judge({ scope: {} }, standing('a-1', 'DEAD', 300))[0]?.subject).toBe('orders-service/a-1')
    const scope = { appSlug: 'orders-service', agentId: 'a-1' }
    expect(judge({ scope }, standing('a-1', 'DEAD', 300))[0]).not.toHaveProperty('subject')
  })

  test('one that never reported is no data', () => {
    expect(judge({ scope: { appSlug: 'orders-service', agentId: 'a-9' } })).toMatchObject([
      { verdict: 'no-data', summary: 'Agent a-9 of orders-service has not reported within a day.' },
    ])
    expect(judge({})).toMatchObject([
      { verdict: 'no-data', summary: 'No agent of orders-service has reported within a day.' },
    ])
  })
})

describe('how deployments are judged', () => {
  const judge = (scope: DeploymentState['scope'], ...states: string[]) => {
    const deployments = states.map((state) => ({
      app: 'orders-service',
      deployment: 'blue',
      version: '1.4.2',
      state,
      since: ago(720),
    }))
    return deploymentState.judge(
      { ...failed, scope },
      { about: 'deployments', at, deployments },
      nothingFails,
    )
  }

  test('one in any of the states fails, and its version and since when are told', () => {
    expect(judge(failed.scope, 'DEGRADED')).toMatchObject([
      {
        verdict: 'breach',
        subject: 'blue',
        summary: 'Deployment blue (version 1.4.2) has been DEGRADED for 12 min, since 2026-11-21 09:48 UTC.',
        labels: { app: 'orders-service', deployment: 'blue', version: '1.4.2', state: 'DEGRADED' },
      },
    ])
    expect(judge({}, 'RUNNING')).toMatchObject([{ verdict: 'clear', subject: 'orders-service/blue' }])
  })

  test('none is no data', () => {
    expect(judge(failed.scope)).toMatchObject([{ verdict: 'no-data', value: null }])
  })
})

test('what is typed into the forms', () => {
  expect(agentState.fromForm({ state: 'STALE', lasting: '90s' }, {})).toMatchObject({ forSeconds: 90 })
  expect(deploymentState.fromForm({ states: 'failed,  DEGRADED ' }, {})).toMatchObject({
    states: ['FAILED', 'DEGRADED'],
  })
})
