import { describe, expect, test } from 'vitest'
import type { Reading } from '#engine/rule/condition.ts'
import { definitionOf } from '#engine/rule/conditions/registry.ts'
import { observe } from '#engine/rule/observe.ts'
import { previewNow } from '#engine/rule/preview.ts'
import type { ClusterHealthAnswer } from '#engine/telemetry/elasticsearch.ts'
import { plainLine } from '#engine/message/plain.ts'
import { describeCondition } from '#engine/view/rule-list.ts'
import { start } from '#test/harness/engine-things.ts'
import { type Draft, draftOf, judge, parsed } from '#test/harness/rule-things.ts'

describe('what a rule leaves out is as the service was first described', () => {
  test.each<[string, object, number, string]>([
    ['ELASTICSEARCH_HEALTH', {}, 15, 'Cluster health yellow for 5 min or red for 1 min on elasticsearch'],
    [
      'ELASTICSEARCH_STORAGE',
      {},
      60,
      'Used disk of each data node above 50 % (info), 80 % (warning), 90 % (critical) on elasticsearch',
    ],
    [
      'ELASTICSEARCH_SHARDS',
      {},
      43_200,
      'Shards left before the limit of the cluster below 500 on elasticsearch',
    ],
    [
      'HTTP_5XX',
      { index: 'logs-*' },
      300,
      'Share of 5xx responses in logs-* over 15 min above 10 % on all services',
    ],
    [
      'GATEWAY_4XX',
      { index: 'logs-*', scope: { appSlug: 'gateway' } },
      900,
      '4xx responses to one address in logs-* over 30 min above 500 on gateway',
    ],
  ])('%s', (kind, parts, everySeconds, words) => {
    const draft = draftOf({ kind, ...parts })
    expect(draft.evaluationIntervalSeconds).toBe(everySeconds)
    expect(describeCondition(draft.condition)).toBe(words)
    expect(draftOf({ kind, ...parts }, { evaluationIntervalSeconds: 30 }).evaluationIntervalSeconds).toBe(30)
  })

  test('shards are looked at every half hour while there are too few', () => {
    const { condition } = draftOf({ kind: 'ELASTICSEARCH_SHARDS' })
    expect(definitionOf(condition).firingIntervalSeconds?.(condition)).toBe(1800)
  })
})

describe('a rule that cannot work is refused, with the field and what to do', () => {
  const http = { kind: 'HTTP_5XX', index: 'logs-*' }
  const gateway = { kind: 'GATEWAY_4XX', index: 'logs-*' }
  test.each<[string, Draft, string, string]>([
    [
      'red borne for longer than yellow',
      { kind: 'ELASTICSEARCH_HEALTH', redForSeconds: 600 },
      'redForSeconds',
      'Red is worse than yellow: it cannot be borne for longer.',
    ],
    [
      'a service of a cluster',
      { kind: 'ELASTICSEARCH_HEALTH', scope: { appSlug: 'orders' } },
      'scope.appSlug',
      'This watches the Elasticsearch cluster, not a service: leave the service out.',
    ],
    [
      'levels upside down',
      { kind: 'ELASTICSEARCH_STORAGE', warningAbove: 0.95 },
      'criticalAbove',
      'Critical begins above warning: name a larger share.',
    ],
    [
      'percent for shares',
      { kind: 'ELASTICSEARCH_STORAGE', criticalAbove: 90 },
      'criticalAbove',
      'The share of the disk lies between 0 and 1; for 80 % write 0.8.',
    ],
    [
      'fewer than none',
      { kind: 'ELASTICSEARCH_SHARDS', fewerThan: 0 },
      'fewerThan',
      'There are never fewer than 0 free shards: this could never fire. Name 1 or more.',
    ],
    ['no index', { ...http, index: ' ' }, 'index', 'Name the index, alias or data stream, such as logs-*.'],
    [
      'an index that cannot be',
      { ...http, index: 'logs-*, Audit Trail' },
      'index',
      'Audit Trail is no name of an index: names are lower case, without spaces or any of " < > | \\ / ? #; patterns may hold *.',
    ],
    [
      'a comma too many',
      { ...http, index: 'logs-*,' },
      'index',
      'There is a comma too many: names are separated by one.',
    ],
    [
      'a field that cannot be',
      { ...http, statusField: 'http response' },
      'statusField',
      'That is no name of a field: write it as in the mapping, such as http.response.status_code.',
    ],
    [
      'a share above all',
      { ...http, threshold: 10 },
      'threshold',
      'The share of responses lies between 0 and 1; for 10 % write 0.1.',
    ],
    [
      'a share that is never passed',
      { ...http, threshold: 1 },
      'threshold',
      'A share is never above 1: this could never fire.',
    ],
    [
      'over before it began',
      { ...http, threshold: 0.1, recoveryThreshold: 0.2 },
      'recoveryThreshold',
      'It would be over before it began: the recovery threshold must not be above the threshold.',
    ],
    [
      'a route of HTTP logs',
      { ...http, scope: { appSlug: 'orders', routeId: 'checkout' } },
      'scope.routeId',
      'HTTP logs are told apart by service alone: leave this out.',
    ],
    [
      'what is no network',
      { ...gateway, allow: ['10.0.0.0/8', 'office'] },
      'allow.1',
      'office is neither an address nor a network: write 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32.',
    ],
    [
      'fewer proxies than none',
      { ...gateway, trustedHops: -1 },
      'trustedHops',
      'trustedHops is below 0: 0 means that the field holds one address.',
    ],
    [
      'a window of two days',
      { ...gateway, windowSeconds: 172_800 },
      'windowSeconds',
      'The window is longer than 24 h (86400 s).',
    ],
    [
      'a word nobody knows',
      { ...gateway, whitelist: [] },
      'condition',
      'Unknown field whitelist: check the spelling or leave it out.',
    ],
  ])('%s', (_what, condition, field, problem) => {
    const result = parsed(condition)
    const name = field === 'condition' ? 'condition' : `condition.${field}`
    expect('problems' in result && result.problems).toEqual([{ field: name, problem }])
  })

  test.each(['logs-*', 'http_logs_*,-http_logs_test', '<logs-{now/d}>', 'far:logs-*', '.ds-logs-nginx-*'])(
    '%s is an index',
    (index) => expect(draftOf({ ...http, index }).condition).toMatchObject({ index }),
  )
})

describe('ELASTICSEARCH_HEALTH', () => {
  const { condition } = draftOf({ kind: 'ELASTICSEARCH_HEALTH' })
  const health = (colour: ClusterHealthAnswer['colour'], unassignedShards = 0): ClusterHealthAnswer => ({
    about: 'cluster-health',
    cluster: 'logging',
    colour,
    unassignedShards,
    initializingShards: 1,
    nodes: 3,
  })

  test.each([
    ['green', { verdict: 'clear', summary: 'logging (3 nodes) is green.' }],
    ['yellow', { verdict: 'breach', severity: 'WARNING', forSeconds: 300, value: 3 }],
    ['red', { verdict: 'breach', severity: 'CRITICAL', forSeconds: 60, value: 3 }],
  ] as const)('%s', (colour, reading) => {
    expect(judge(condition, health(colour, 2))).toEqual([expect.objectContaining(reading)])
  })

  test('its readings say how long they must last, but a rule may ask for more', () => {
    const rule = { ...draftOf(condition), id: 'r', environment: 'prod', createdAt: start }
    const [red] = judge(condition, health('red'))
    if (!red) throw new Error('nothing was decided')
    expect(observe(rule, red, start)).toMatchObject({ state: 'critical', initialFailureDelaySeconds: 60 })
    expect(observe({ ...rule, forDurationSeconds: 120 }, red, start)).toMatchObject({
      initialFailureDelaySeconds: 120,
    })
  })

  test('its preview says how things are, and that nobody knows how they were', () => {
    const lines = previewNow(draftOf(condition), [health('yellow', 2)]).lines.map(plainLine)
    expect(lines.slice(2)).toEqual([
      'Right now it would see 1 problem.',
      'logging (3 nodes) is yellow: replicas are missing (2 shards not assigned, 1 on the way).',
      'How it was in the last hours is not known.',
    ])
  })
})

describe('ELASTICSEARCH_STORAGE', () => {
  const { condition } = draftOf({ kind: 'ELASTICSEARCH_STORAGE' })

  test.each<[number, Partial<Reading>]>([
    [0.5, { verdict: 'clear' }],
    [0.51, { verdict: 'breach', severity: 'INFO', threshold: 0.5 }],
    [0.8, { verdict: 'breach', severity: 'INFO', threshold: 0.5 }],
    [0.81, { verdict: 'breach', severity: 'WARNING', threshold: 0.8 }],
    [0.9, { verdict: 'breach', severity: 'WARNING', threshold: 0.8 }],
    [0.95, { verdict: 'breach', severity: 'CRITICAL', threshold: 0.9 }],
  ])('%d used', (used, reading) => {
    const nodes = [{ name: 'data-1', used, availableBytes: 2_000_000 }]
    expect(judge(condition, { about: 'node-disks', nodes })).toEqual([
      expect.objectContaining({ subject: 'data-1', labels: { node: 'data-1' }, ...reading }),
    ])
  })

  test('every node is judged for itself', () => {
    const nodes = [0.95, 0.2, 0.85].map((used, index) => ({ name: `data-${index}`, used, availableBytes: 0 }))
    const readings = judge(condition, { about: 'node-disks', nodes })
    expect(readings.map(({ severity }) => severity)).toEqual(['CRITICAL', undefined, 'WARNING'])
  })
})

test.each([
  [500, 'clear'],
  [499, 'breach'],
  [-20, 'breach'],
] as const)('with %d free shards it is %s', (left, verdict) => {
  const { condition } = draftOf({ kind: 'ELASTICSEARCH_SHARDS' })
  const answer = { about: 'shard-capacity', cluster: 'logging', used: 3000 - left, limit: 3000 } as const
  expect(judge(condition, answer)).toMatchObject([{ verdict, value: left, breachesAbove: false }])
})
