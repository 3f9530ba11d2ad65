import { describe, expect, test } from 'vitest'
import { withFacts } from '#engine/facts.ts'
import { exchangeEvent } from '#engine/exchange/exchange-event.ts'
import { isPerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import { conditionDefinitions, conditionKinds } from '#engine/rule/conditions/registry.ts'
import { exampleWords } from '#engine/rule/example-words.ts'
import { observe, observeGone } from '#engine/rule/observe.ts'
import type { Rule } from '#engine/rule/rule.ts'
import type { Answer } from '#engine/telemetry/telemetry.ts'
import { settled, start } from '#test/harness/engine-things.ts'
import { aPod, before, noon } from '#test/harness/kubernetes-objects.ts'
import { ended, waits } from '#workers/demo/kubernetes/objects.ts'
import { watched } from '#test/harness/pod-readings.ts'
import { type Draft, draftOf, judge } from '#test/harness/rule-things.ts'

const app = { appSlug: 'orders' }
const ruleOf = (condition: Draft, parts: object = {}): Rule => ({
  ...draftOf(condition, parts),
  id: '2f0c8f9e-6f5c-4a7e-9a3e-0c9d1f1f0a11',
  environment: 'prod',
  createdAt: start,
})

const crashLooping = aPod({
  ready: false,
  container: { restartCount: 6, state: waits('CrashLoopBackOff'), lastState: ended(before(noon, 1)) },
})

const sights: readonly (readonly [Draft, Answer, object])[] = [
  [
    {
      kind: 'ROUTE_METRIC',
      scope: { ...app, routeId: 'place' },
      metric: 'ERROR_COUNT',
      comparator: 'GT',
      threshold: 1,
      windowSeconds: 60,
    },
    {
      about: 'executions',
      ...settled({ count: 9, failed: 9, averageDurationMs: 1, p99DurationMs: null }),
    },
    {
      'app.slug': 'orders',
      'route.id': 'place',
      'agent.id': '',
      'metric.name': 'ERROR_COUNT',
      'metric.windowSeconds': '60',
    },
  ],
  [
    { kind: 'LOG_PATTERN', scope: app, level: 'WARN', pattern: 'slow', threshold: 1, windowSeconds: 60 },
    { about: 'logs', ...settled({ count: 5 }) },
    {
      'app.slug': 'orders',
      'agent.id': '',
      'log.level': 'WARN',
      'log.pattern': 'slow',
      'log.windowSeconds': '60',
    },
  ],
  [
    {
      kind: 'EXCHANGE_MATCH',
      scope: app,
      filter: { status: 'FAILED' },
      fireMode: 'COUNT_IN_WINDOW',
      threshold: 1,
      windowSeconds: 60,
    },
    { about: 'exchanges', ...settled({ count: 5 }) },
    {
      'app.slug': 'orders',
      'route.id': '',
      'agent.id': '',
      'exchange.id': '',
      'exchange.appSlug': 'orders',
      'exchange.routeId': '',
      'exchange.agentId': '',
      'exchange.correlationId': '',
      'exchange.status': 'FAILED',
      'exchange.error': '',
      'exchange.startedAt': '',
    },
  ],
  [
    {
      kind: 'JVM_METRIC',
      scope: { ...app, agentId: 'orders-2' },
      metric: 'heap',
      aggregation: 'MAX',
      comparator: 'GT',
      threshold: 1,
      windowSeconds: 60,
    },
    { about: 'jvm_metrics', ...settled({ count: 1, average: 2, maximum: 2, minimum: 2, last: 2 }) },
    {
      'app.slug': 'orders',
      'agent.id': 'orders-2',
      'jvm.metric': 'heap',
      'jvm.aggregation': 'MAX',
      'jvm.windowSeconds': '60',
    },
  ],
  [
    { kind: 'AGENT_STATE', scope: {}, state: 'DEAD', forSeconds: 0 },
    {
      about: 'agents',
      at: start,
      agents: [{ app: 'orders', agent: 'a\u0000-1', state: 'DEAD', since: start }],
    },
    { 'app.slug': 'orders', 'agent.id': 'a-1', 'agent.state': 'DEAD', 'agent.since': start.toISOString() },
  ],
  [
    { kind: 'DEPLOYMENT_STATE', scope: app, states: ['FAILED'] },
    {
      about: 'deployments',
      at: start,
      deployments: [{ app: 'orders', deployment: 'web', state: 'FAILED', version: '2', since: start }],
    },
    {
      'app.slug': 'orders',
      'deployment.id': 'web',
      'deployment.state': 'FAILED',
      'deployment.version': '2',
      'deployment.since': start.toISOString(),
    },
  ],
  [
    { kind: 'ELASTICSEARCH_HEALTH' },
    {
      about: 'cluster-health',
      cluster: 'logs',
      colour: 'red',
      nodes: 3,
      unassignedShards: 4,
      initializingShards: 1,
    },
    {
      'cluster.name': 'logs',
      'cluster.status': 'red',
      'cluster.nodes': '3',
      'cluster.unassignedShards': '4',
      'cluster.initializingShards': '1',
    },
  ],
  [
    { kind: 'ELASTICSEARCH_STORAGE' },
    { about: 'node-disks', nodes: [{ name: 'data-1', used: 0.91, availableBytes: 1024 ** 3 }] },
    { 'node.name': 'data-1', 'node.used': '91 %', 'node.available': '1 GB' },
  ],
  [
    { kind: 'ELASTICSEARCH_SHARDS' },
    { about: 'shard-capacity', cluster: 'logs', used: 2588, limit: 3000 },
    { 'cluster.name': 'logs', 'shards.left': '412', 'shards.used': '2588', 'shards.limit': '3000' },
  ],
  [
    { kind: 'HTTP_5XX', index: 'logs-*' },
    { about: 'http-responses', ...settled({ count: 100, failed: 20 }), settled: { count: 100, failed: 20 } },
    {
      'app.slug': '',
      'http.index': 'logs-*',
      'http.responses': '100',
      'http.failed': '20',
      'http.windowSeconds': '900',
    },
  ],
  [
    { kind: 'GATEWAY_4XX', index: 'logs-*', allow: ['10.0.0.0/8'] },
    gatewayAnswer([
      { client: '203.0.113.7', rejected: 812 },
      { client: '198.51.100.23', rejected: 604 },
      { client: '10.1.2.3', rejected: 9000 },
    ]),
    {
      'app.slug': '',
      clients: '203.0.113.7 (812), 198.51.100.23 (604)',
      'client.ip': '203.0.113.7',
      'client.rejected': '812',
      'http.index': 'logs-*',
      'http.windowSeconds': '1800',
    },
  ],
  [
    { kind: 'POD_FAILURE' },
    { about: 'pods', at: noon, pods: [watched([crashLooping, noon])], jobs: [] },
    {
      'pod.name': 'orders-6d5f-x2x',
      'pod.namespace': 'shop',
      'pod.workload': 'orders',
      'pod.reason': 'CrashLoopBackOff',
      'pod.failure': 'CRASH_LOOP',
      'pod.container': 'app',
    },
  ],
]

const named = sights.map((sight) => [sight[0].kind, ...sight] as const)

function gatewayAnswer(clients: readonly { client: string; rejected: number }[]): Answer {
  const figures = { clients: [...clients], others: 0 }
  return { about: 'http-clients', early: figures, settled: figures }
}

describe('what the templates of a kind may say is what was seen, and nothing its pages do not list', () => {
  test.each(named)('%s', (_kind, condition, answer, facts) => {
    const rule = ruleOf(condition)
    const [reading = expect.fail('nothing was read')] = judge(rule.condition, answer)
    expect(observe(rule, reading, start)?.facts).toEqual(facts)
  })

  test('of every kind', () => {
    expect(sights.map(([{ kind }]) => kind).toSorted()).toEqual([...conditionKinds].toSorted())
  })
})

test('an exchange that is an alert of its own is known whole', () => {
  const rule = ruleOf({
    kind: 'EXCHANGE_MATCH',
    scope: app,
    filter: { status: 'FAILED' },
    fireMode: 'PER_EXCHANGE',
  })
  if (!isPerExchangeRule(rule)) return expect.fail('no such rule')
  const event = exchangeEvent(
    rule,
    {
      execId: 'e-1',
      environment: 'prod',
      app: 'orders',
      route: 'place',
      agent: 'orders-2',
      correlationId: 'c-1',
      status: 'FAILED',
      error: 'Boom\u0000: {{alert.id}}',
      attributes: {},
      at: start,
      position: { stampedAt: start, key: 'k' },
    },
    start,
  )
  expect(event.facts).toEqual({
    'app.slug': 'orders',
    'route.id': 'place',
    'agent.id': 'orders-2',
    'exchange.id': 'e-1',
    'exchange.appSlug': 'orders',
    'exchange.routeId': 'place',
    'exchange.agentId': 'orders-2',
    'exchange.correlationId': 'c-1',
    'exchange.status': 'FAILED',
    'exchange.error': 'Boom: {{alert.id}}',
    'exchange.startedAt': start.toISOString(),
  })
})

test('that it is over says less, and takes nothing away of what was known', () => {
  const rule = ruleOf({ kind: 'POD_FAILURE' })
  const { facts } = observeGone(rule, 'shop/orders', start)
  expect(withFacts({ 'pod.name': 'orders-1', 'pod.reason': 'Evicted' }, facts)).toMatchObject({
    'pod.name': 'orders-1',
    'pod.reason': 'Evicted',
  })
})

describe('a preview of the templates of a kind is of an alert of its kind', () => {
  test.each(named)('%s', (_kind, condition) => {
    const { kind } = ruleOf(condition).condition
    const variables = Object.keys(conditionDefinitions[kind].variables)
    const notificationMessageTmpl = variables.map((name) => `{{${name}}}`).join('|')
    const rule = ruleOf(condition, { notificationMessageTmpl })
    const words = exampleWords(rule, { slug: 'prod', name: 'Production' }, start)
    expect(words.title).toBe('[WARNING] A rule — prod')
    expect(words.text).not.toContain('{{')
    expect(words.text.split('|').filter((part) => part === '')).toEqual([])
  })
})
