import { describe, expect, test } from 'vitest'
import type { Seed } from '#workers/demo/dice.ts'
import { faultScript } from '#workers/demo/fault-script.ts'
import type { Fault } from '#workers/demo/faults.ts'
import { loggingCluster, nodesAt } from '#workers/demo/logging.ts'
import { observe } from '#workers/demo/observe.ts'
import { type DemoRows, type ExecutionRow, relations } from '#workers/demo/rows.ts'
import { buildWorld } from '#workers/demo/world.ts'

const start = Date.parse('2026-11-21T10:00:00.250Z')
const seed: Seed = 7
const second = 1000
const minute = 60 * second

const healthy = buildWorld(start, [])

function sorted(rows: DemoRows): Record<string, string[]> {
  return Object.fromEntries(
    relations.map((relation) => [relation, rows[relation].map((row) => JSON.stringify(row)).sort()]),
  )
}

function join(parts: readonly DemoRows[]): DemoRows {
  return {
    executions: parts.flatMap(({ executions }) => executions),
    logs: parts.flatMap(({ logs }) => logs),
    agents: parts.flatMap(({ agents }) => agents),
    deployments: parts.flatMap(({ deployments }) => deployments),
    jvm_metrics: parts.flatMap((part) => part.jvm_metrics),
  }
}

describe('an observation', () => {
  test('is the same whenever the seed is, and another with another seed', () => {
    const span = { from: start, to: start + minute }
    const once = sorted(observe(buildWorld(start), span, seed))
    expect(sorted(observe(buildWorld(start), span, seed))).toEqual(once)
    expect(sorted(observe(buildWorld(start), span, seed + 1))['executions']).not.toEqual(once['executions'])
  })

  test.each(faultScript.map((fault) => [fault.kind, fault.beginsAtSecond] as const))(
    'gives the same rows in one piece as in uneven pieces, while a fault begins (%s)',
    (_, beginsAtSecond) => {
      const world = buildWorld(start)
      const from = start + (beginsAtSecond - 5) * second
      const cuts = [0, 700, 1000, 1001, 9999, 10_000, 27_750, 27_751, 45_000].map((offset) => from + offset)
      const pieces = cuts.slice(1).map((to, index) => observe(world, { from: cuts[index]!, to }, seed))
      expect(sorted(join(pieces))).toEqual(sorted(observe(world, { from, to: from + 45_000 }, seed)))
    },
  )

  test('gives every execution an id of its own, however many there are', () => {
    const { executions } = observe(healthy, { from: start, to: start + 30 * minute }, seed)
    expect(executions.length).toBeGreaterThan(60_000)
    expect(new Set(executions.map((row) => row.exec_id)).size).toBe(executions.length)
    const walks = Map.groupBy(executions, (row) => row.correlation_id)
    expect(Math.max(...[...walks.values()].map(({ length }) => length))).toBe(5)
  })

  test('holds thirty to forty executions a second at any hour of the day', () => {
    for (const hour of [3, 9, 15, 21]) {
      const from = Date.parse('2026-11-21T00:00:00Z') + hour * 60 * minute
      const { executions } = observe(healthy, { from, to: from + 5 * minute }, seed)
      expect(executions.length / 300).toBeGreaterThan(30)
      expect(executions.length / 300).toBeLessThan(40)
    }
  })

  test('follows an order from service to service under one correlation id', () => {
    const { executions } = observe(healthy, { from: start, to: start + minute }, seed)
    const walks = [...Map.groupBy(executions, (row) => row.correlation_id).values()]
    const longest = walks.find((walk) => walk[0]?.route === 'place-order' && walk.length === 5)!
    expect(longest.map(({ app, route }) => `${app}/${route}`)).toEqual([
      'orders-service/place-order',
      'payment-service/authorize-card',
      'inventory-service/reserve-stock',
      'orders-service/confirm-order',
      'notification-service/send-email',
    ])
    expect(new Set(longest.map(({ attributes }) => attributes['order.id'])).size).toBe(1)
    const startsAt = longest.map(({ ts }) => Date.parse(ts))
    const endsAt = longest.map(({ ts, duration_ms }) => Date.parse(ts) + duration_ms)
    for (const [index, end] of endsAt.slice(0, -1).entries())
      expect(startsAt[index + 1]!).toBeGreaterThan(end)
  })

  test('shows logs of every level, a sawtooth heap, and each deployment released within the hour', () => {
    const {
      logs,
      jvm_metrics: metrics,
      deployments,
      agents,
    } = observe(healthy, { from: start, to: start + 60 * minute }, seed)
    const levels = Map.groupBy(logs, ({ level }) => level)
    expect([...levels.keys()].sort()).toEqual(['DEBUG', 'ERROR', 'INFO', 'TRACE', 'WARN'])
    expect(levels.get('INFO')!.length / logs.length).toBeGreaterThan(0.7)
    const heap = metrics
      .filter(({ agent, metric }) => agent === 'orders-service-1' && metric === 'jvm.memory.used.value')
      .map(({ value }) => value)
    expect(Math.min(...heap)).toBeLessThan(0.4)
    expect(Math.max(...heap)).toBeGreaterThan(0.6)
    expect(Math.max(...heap)).toBeLessThan(0.7)
    expect(heap.filter((value, index) => value < (heap[index - 1] ?? 0) - 0.15).length).toBeGreaterThan(15)
    for (const { name } of healthy.services) {
      const states = deployments.filter(({ app }) => app === name)
      expect(states.map(({ state }) => state)).toEqual(expect.arrayContaining(['STARTING', 'RUNNING']))
    }
    expect(new Set(agents.map(({ agent }) => agent)).size).toBe(12)
    expect(agents.some(({ state }) => state === 'DEAD')).toBe(false)
  })
})

describe('the script of faults', () => {
  const isOfService = ({ app }: Fault) => healthy.services.some(({ name }) => name === app)

  test('names only what the world and its clusters have', () => {
    const others = faultScript.filter((fault) => !isOfService(fault))
    const nodes = nodesAt(healthy, start).map(({ name }) => name)
    for (const fault of others) {
      expect(fault.app).toBe(fault.kind === 'endpoint-sweep' ? 'gateway' : loggingCluster)
      if ('node' in fault) expect(nodes).toContain(fault.node)
    }
    expect(others.map(({ kind }) => kind)).toEqual([
      'endpoint-sweep',
      'lost-node',
      'filling-disk',
      'index-flood',
    ])
  })

  test('leaves a service that fails alone for a quiet minute or more', () => {
    const ofServices = faultScript.filter(isOfService)
    for (const fault of ofServices) {
      const service = healthy.services.find(({ name }) => name === fault.app)
      expect(service, fault.app).toBeDefined()
      if ('route' in fault) expect(service!.routes.map(({ name }) => name)).toContain(fault.route)
      if ('agent' in fault) expect(service!.agents).toContain(fault.agent)
    }
    const ends = ofServices.map(({ beginsAtSecond, lastsSeconds }) => beginsAtSecond + lastsSeconds)
    const gaps = ofServices.map(
      ({ beginsAtSecond }, index) => beginsAtSecond - (ends[index - 1] ?? ends.at(-1)! - 1200),
    )
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(60)
    for (const gap of gaps) expect(gap).toBeLessThanOrEqual(180)
    expect(faultScript[0]).toMatchObject({ kind: 'failing-route', beginsAtSecond: 8 })
  })

  test('starts over after twenty minutes', () => {
    const around = (from: number) => observe(buildWorld(start), { from, to: from + minute }, seed)
    const failing = (rows: DemoRows) =>
      rows.executions.filter(({ error }) => error.startsWith('GatewayTimeout')).length
    expect(failing(around(start + 20 * minute))).toBeGreaterThan(30)
    expect(failing(around(start + 18 * minute))).toBe(0)
  })

  test('has not begun before the start', () => {
    const span = { from: start - 10 * minute, to: start - 1 }
    expect(sorted(observe(buildWorld(start), span, seed))).toEqual(sorted(observe(healthy, span, seed)))
  })
})

/** The world with one fault and without it, from before the fault until well after it. */
function compare<Kind extends Fault['kind']>(kind: Kind) {
  const fault = faultScript.find((each): each is Extract<Fault, { kind: Kind }> => each.kind === kind)!
  const begins = start + fault.beginsAtSecond * second
  const ends = begins + fault.lastsSeconds * second
  const span = { from: begins - minute, to: ends + minute }
  const faulty = observe(buildWorld(start, [fault]), span, seed)
  return { fault, begins, ends, faulty, healthy: observe(healthy, span, seed) }
}

function less<Row>(rows: readonly Row[], others: readonly Row[]): Row[] {
  const known = new Set(others.map((row) => JSON.stringify(row)))
  return rows.filter((row) => !known.has(JSON.stringify(row)))
}

const byId = (rows: readonly ExecutionRow[]) => new Map(rows.map((row) => [row.exec_id, row]))

describe('a failing route', () => {
  const { fault, begins, ends, faulty, healthy } = compare('failing-route')

  test('fails for its share of calls while it lasts', () => {
    const calls = faulty.executions.filter(
      ({ route, ts }) => route === fault.route && Date.parse(ts) >= begins && Date.parse(ts) < ends,
    )
    const failed = calls.filter(({ error }) => error === fault.error)
    expect(failed.length / calls.length).toBeGreaterThan(0.35)
    expect(failed.length / calls.length).toBeLessThan(0.55)
  })

  test('ends walks, writes ERROR lines, and changes nothing else', () => {
    const added = less(faulty.executions, healthy.executions)
    expect(added.every(({ error, app }) => error === fault.error && app === fault.app)).toBe(true)
    const ended = new Set(added.map((row) => row.correlation_id))
    const missing = less(healthy.executions, faulty.executions)
    expect(missing.every((row) => ended.has(row.correlation_id))).toBe(true)
    const lines = less(faulty.logs, healthy.logs)
    expect(lines).toHaveLength(added.length)
    expect(
      lines.every(({ level, message }) => level === 'ERROR' && message.startsWith(fault.exception)),
    ).toBe(true)
    for (const relation of ['agents', 'deployments', 'jvm_metrics'] as const) {
      expect(faulty[relation]).toEqual(healthy[relation])
    }
  })
})

test('a slow service takes longer for part of its calls, and changes no outcome anywhere', () => {
  const { fault, begins, ends, faulty, healthy } = compare('slow-service')
  const before = byId(healthy.executions)
  // Walks that were held up reach the edge of the span later; only those known to both worlds are compared.
  const known = faulty.executions.filter(({ exec_id }) => before.has(exec_id))
  expect(known.length / faulty.executions.length).toBeGreaterThan(0.99)
  const slower = known.filter((row) => row.duration_ms > before.get(row.exec_id)!.duration_ms)
  const startedIn = (row: ExecutionRow) => Date.parse(row.ts) >= begins && Date.parse(row.ts) < ends
  expect(slower.every((row) => row.app === fault.app && startedIn(row))).toBe(true)
  const share = slower.length / known.filter((row) => row.app === fault.app && startedIn(row)).length
  expect(share).toBeGreaterThan(0.25)
  expect(share).toBeLessThan(0.35)
  for (const row of known) expect(row.status).toBe(before.get(row.exec_id)!.status)
  expect(faulty.jvm_metrics).toEqual(healthy.jvm_metrics)
})

test('a burst of errors adds log lines to one service, and nothing else', () => {
  const { fault, faulty, healthy } = compare('log-burst')
  const added = less(faulty.logs, healthy.logs)
  expect(added.length).toBeGreaterThan(40)
  expect(
    added.every(
      ({ app, level, message }) =>
        app === fault.app && level === 'ERROR' && message.includes('TimeoutException'),
    ),
  ).toBe(true)
  expect({ ...faulty, logs: less(faulty.logs, added) }).toEqual(healthy)
})

test('a memory leak fills the heap of one agent until it runs out of memory, then lets go', () => {
  const { fault, ends, faulty, healthy } = compare('memory-leak')
  const heap = faulty.jvm_metrics.filter(
    ({ agent, metric }) => agent === fault.agent && metric === 'jvm.memory.used.value',
  )
  const until = heap.filter(({ ts }) => Date.parse(ts) < ends).map(({ value }) => value)
  const after = heap.filter(({ ts }) => Date.parse(ts) >= ends).map(({ value }) => value)
  expect(until.at(-1)).toBeGreaterThan(0.97)
  expect(Math.max(...until)).toBeLessThanOrEqual(1)
  expect(Math.max(...after)).toBeLessThan(0.7)
  const outcries = less(faulty.logs, healthy.logs)
  expect(outcries.length).toBeGreaterThan(5)
  expect(
    outcries.every(({ agent, message }) => agent === fault.agent && message.includes('OutOfMemoryError')),
  ).toBe(true)
  expect(less(faulty.jvm_metrics, healthy.jvm_metrics).every(({ agent }) => agent === fault.agent)).toBe(true)
  expect(faulty.executions).toEqual(healthy.executions)
})

test('a dead agent goes quiet, is called STALE, then DEAD, and comes back, while the others take over its calls', () => {
  const { fault, begins, ends, faulty, healthy } = compare('dead-agent')
  const states = faulty.agents.filter(({ agent }) => agent === fault.agent).map(({ state }) => state)
  expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
    'LIVE',
    'STALE',
    'DEAD',
    'LIVE',
  ])
  const meanwhile = ({ agent, ts }: { agent: string; ts: string }) =>
    agent === fault.agent && Date.parse(ts) >= begins && Date.parse(ts) < ends
  expect(faulty.executions.filter(meanwhile)).toEqual([])
  expect(faulty.jvm_metrics.filter(meanwhile)).toEqual([])
  expect(healthy.executions.filter(meanwhile).length).toBeGreaterThan(50)
  const withoutAgent = (rows: DemoRows) => rows.executions.map((row) => ({ ...row, agent: 'any' }))
  expect(withoutAgent(faulty)).toEqual(withoutAgent(healthy))
})

test('a failed deployment starts, degrades, fails, and ends in the version before it', () => {
  const { fault, faulty, healthy } = compare('failed-deployment')
  const before = healthy.deployments.filter(({ app }) => app === fault.app)
  const story = less(faulty.deployments, healthy.deployments)
  expect(before).toEqual([])
  expect(story.map(({ state }) => state)).toEqual(['STARTING', 'DEGRADED', 'FAILED', 'RUNNING'])
  expect(new Set(story.slice(0, 3).map(({ version }) => version)).size).toBe(1)
  expect(story[3]!.version < story[0]!.version).toBe(true)
  expect(story.every(({ app }) => app === fault.app)).toBe(true)
  const lines = less(faulty.logs, healthy.logs)
  expect(lines.length).toBeGreaterThan(10)
  expect(
    lines.every(({ app, message }) => app === fault.app && message.includes('Application run failed')),
  ).toBe(true)
})
