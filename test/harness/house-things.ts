import { randomUUID } from 'node:crypto'
import type { Memory } from '#db/client.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { saveRule } from '#db/repositories/rules.ts'
import { parseRuleDraft, type Rule } from '#engine/rule/rule.ts'
import type { TelemetryStore } from '#workers/telemetry/store.ts'
import type { MovableClock } from './clock.ts'

const ordinaryRule = {
  name: 'Card payments are failing',
  severity: 'CRITICAL',
  conditionKind: 'ROUTE_METRIC',
  condition: {
    kind: 'ROUTE_METRIC',
    scope: { appSlug: 'payment-service', routeId: 'authorize-card' },
    metric: 'ERROR_RATE',
    comparator: 'GT',
    threshold: 0.05,
    windowSeconds: 60,
  },
  evaluationIntervalSeconds: 5,
}

/** In the API's shape, with defaults for what the test does not care about. */
export async function makeRule(
  memory: Memory,
  clock: MovableClock,
  parts: Readonly<Record<string, unknown>>,
): Promise<Rule> {
  const parsed = parseRuleDraft({ ...ordinaryRule, ...parts })
  if ('problems' in parsed) throw new Error(`a test's rule was refused: ${JSON.stringify(parsed.problems)}`)
  const rule: Rule = {
    ...parsed.draft,
    id: randomUUID(),
    environment: firstEnvironment.slug,
    createdAt: clock.now(),
  }
  await saveRule(memory.db, rule, 'a test')
  return rule
}

export async function insertExecutions(
  store: TelemetryStore,
  clock: MovableClock,
  count: number,
  parts = {},
): Promise<void> {
  const ordinary = {
    environment: firstEnvironment.slug,
    app: 'payment-service',
    route: 'authorize-card',
    agent: 'payment-1',
    status: 'COMPLETED',
    ts: new Date(clock.now().getTime() - 1000),
    duration_ms: 80,
    ...parts,
  }
  const rows = Array.from({ length: count }, () => ({
    exec_id: randomUUID(),
    correlation_id: randomUUID(),
    ...ordinary,
  }))
  await store.insert('executions', rows)
}

export async function insertLogs(
  store: TelemetryStore,
  clock: MovableClock,
  messages: readonly string[],
  parts = {},
): Promise<void> {
  const ordinary = {
    environment: firstEnvironment.slug,
    app: 'payment-service',
    agent: 'payment-1',
    level: 'ERROR',
    logger: 'test',
    ts: new Date(clock.now().getTime() - 1000),
    ...parts,
  }
  await store.insert(
    'logs',
    messages.map((message) => ({ ...ordinary, message })),
  )
}
