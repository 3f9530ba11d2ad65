import { describe, expect, test } from 'vitest'
import { readRouting } from '#engine/dispatch/read-routing.ts'
import { groupKey, groupLabels, routeFinder, type RouteNode } from '#engine/dispatch/routing-tree.ts'
import type { Labels } from '#engine/labels.ts'

function treeOf(route: object): RouteNode {
  const names = ['root', 'db', 'dba', 'web', 'all', 'page']
  const read = readRouting({ route, receivers: names.map((name) => ({ name })) })
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return read.tree.root
}

const receiversOf = (route: object, labels: Labels) =>
  routeFinder(treeOf(route))(labels).map(({ receiver }) => receiver)

describe('an alert goes down the tree', () => {
  const route = {
    receiver: 'root',
    routes: [
      {
        matchers: ['team="db"'],
        receiver: 'db',
        routes: [
          { matchers: ['severity="critical"'], receiver: 'page', continue: true },
          { matchers: ['severity=~"crit.*"', 'zone!=""'], receiver: 'dba' },
        ],
      },
      { matchers: ['team=~"web|shop"'], receiver: 'web', continue: true },
      { matchers: ['team!="db"', 'team!=""'], receiver: 'all' },
      { matchers: ['severity!~".*"'], receiver: 'page' },
    ],
  }

  test.each<[string, Labels, string[]]>([
    ['to the root when no child matches', {}, ['root']],
    ['to a child, and not to its parent', { team: 'db' }, ['db']],
    ['to the deepest that matches', { team: 'db', severity: 'critical' }, ['page']],
    [
      'on to the siblings behind one that continues, and nowhere else',
      { team: 'db', severity: 'critical', zone: 'a' },
      ['page', 'dba'],
    ],
    ['to the first of two siblings that match', { team: 'ops' }, ['all']],
    ['from one that continues to the next', { team: 'web' }, ['web', 'all']],
    ['to the root where a pattern only fits a part', { team: '', severity: 'x' }, ['root']],
    ['by whole values: a pattern is anchored at both ends', { team: 'webshop' }, ['all']],
  ])('%s', (_where, labels, receivers) => {
    expect(receiversOf(route, labels)).toEqual(receivers)
  })

  test('a label that is absent is an empty one', () => {
    const absent = { receiver: 'root', routes: [{ matchers: ['team=""'], receiver: 'db' }] }
    expect(receiversOf(absent, {})).toEqual(['db'])
    expect(receiversOf(absent, { team: 'x' })).toEqual(['root'])
  })

  test('a label called like what every object has is a label like any other', () => {
    const odd = { receiver: 'root', routes: [{ matchers: ['toString!=""'], receiver: 'db' }] }
    expect(receiversOf(odd, {})).toEqual(['root'])
    expect(receiversOf(odd, { toString: 'x' })).toEqual(['db'])
  })
})

describe('what a route does not say it has from its parent', () => {
  const root = treeOf({
    receiver: 'root',
    group_by: ['a'],
    group_wait: '1s',
    group_interval: '2s',
    repeat_interval: '3s',
    routes: [{ routes: [{ group_by: [], group_wait: '0', receiver: 'db', routes: [{}] }] }],
  })
  const [child] = root.routes
  const [grandchild] = child?.routes ?? []

  test('receiver, labels and the three timers', () => {
    const timers = { groupWaitMs: 1000, groupIntervalMs: 2000, repeatIntervalMs: 3000 }
    expect(child).toMatchObject({ receiver: 'root', groupBy: ['a'], ...timers })
  })

  test('what it does say counts, though it be nothing, and for its children too', () => {
    expect(grandchild).toMatchObject({ receiver: 'db', groupBy: [], groupWaitMs: 0, groupIntervalMs: 2000 })
    expect(grandchild?.routes[0]).toMatchObject({ receiver: 'db', groupBy: [], groupWaitMs: 0 })
  })

  test("the root has Alertmanager's defaults", () => {
    expect(treeOf({ receiver: 'root' })).toMatchObject({
      groupBy: [],
      groupWaitMs: 30_000,
      groupIntervalMs: 300_000,
      repeatIntervalMs: 14_400_000,
    })
  })

  test('matchers, continue and time intervals are not handed down', () => {
    const read = readRouting({
      route: {
        receiver: 'root',
        routes: [
          { matchers: ['a="b"'], continue: true, mute_time_intervals: ['t'], routes: [{}] },
          { active_time_intervals: ['t'], routes: [{}] },
        ],
      },
      receivers: [{ name: 'root' }],
      time_intervals: [{ name: 't' }],
    })
    const children = 'tree' in read ? read.tree.root.routes.flatMap(({ routes }) => routes) : []
    const nothing = { matchers: [], continues: false, muteIntervals: [], activeIntervals: [] }
    expect(children).toMatchObject([nothing, nothing])
  })
})

describe('a group', () => {
  const labels = { job: 'j', zone: 'z "1"\\', empty: '' }
  const keyOf = (groupBy: RouteNode['groupBy'], key = '{}') =>
    groupKey({ key }, groupLabels({ groupBy }, labels))

  test.each<[string, RouteNode['groupBy'], string]>([
    ['of nothing has no labels', [], '{}:{}'],
    ['has the labels it is grouped by, sorted', ['zone', 'job'], '{}:{job="j", zone="z \\"1\\"\\\\"}'],
    ['lacks a label its alerts lack', ['job', 'nowhere'], '{}:{job="j"}'],
    ['takes an empty label for none', ['empty'], '{}:{}'],
    ['of all labels has all of them', 'all', '{}:{empty="", job="j", zone="z \\"1\\"\\\\"}'],
  ])('%s', (_what, groupBy, key) => {
    expect(keyOf(groupBy)).toBe(key)
  })

  test('is named after its route, with the matchers of all above it', () => {
    const root = treeOf({
      receiver: 'root',
      routes: [{ matchers: ['b=~"x|y"', 'a!="\\"1\\""'], routes: [{ matchers: ['c!~"z"'] }] }],
    })
    const deepest = root.routes[0]?.routes[0]
    expect(deepest?.key).toBe('{}/{b=~"x|y",a!="\\"1\\""}/{c!~"z"}')
  })
})
