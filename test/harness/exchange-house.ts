import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { expect } from 'vitest'
import { type Database, openMemory } from '#db/client.ts'
import { ensureFirstEnvironment, firstEnvironment } from '#db/repositories/environments.ts'
import { rememberDestination } from '#db/repositories/destinations.ts'
import { saveRule } from '#db/repositories/rules.ts'
import { alerts } from '#db/schema/alerts.ts'
import { exchangeCursors } from '#db/schema/exchanges.ts'
import { notifications } from '#db/schema/notifications.ts'
import { type DecisionSettings, defaultDecisionSettings } from '#engine/decision-settings.ts'
import { defaultReach, type ExchangeCursor, type Reach } from '#engine/exchange/cursor.ts'
import { isPerExchangeRule, type PerExchangeRule } from '#engine/exchange/per-exchange-rule.ts'
import { compileRule } from '#engine/rule/compile.ts'
import { parseRuleDraft } from '#engine/rule/rule.ts'
import { drainExchanges } from '#workers/exchanges/drain-exchanges.ts'
import { openExchangeReader } from '#workers/exchanges/exchange-reader.ts'
import type { Observation } from '#workers/evaluation/observation.ts'
import { testDatabase, type TestTelemetry, testTelemetry } from './database.ts'

export const hourMs = 3_600_000

export const ago = (ms: number) => new Date(Date.now() - ms)

/** As it is done every 30 s. */
export const wholeOverlap = { reach: { fullSweepSeconds: 0 } }

export interface ExchangeHouse {
  readonly db: Database
  readonly telemetry: TestTelemetry
  readonly databaseUrl: string
  /** In the API's shape; made an hour ago unless the test says otherwise. */
  rule(parts?: object, createdAt?: Date): Promise<PerExchangeRule>
  /** Failed order exchanges, one for each id, taken in by the store now unless the row says otherwise. */
  insert(ids: readonly string[], parts?: object): Promise<void>
  /** A process that has just begun, on the same database, evaluates these rules for the next slot. */
  drain(rules: readonly PerExchangeRule[], wishes?: DrainWishes): Promise<Observation>
  /** How many alerts there are for each exchange, by its id as it is labelled. */
  alertsById(): Promise<ReadonlyMap<string, number>>
  /** Alerts, notifications about them, and what they are about. */
  totals(): Promise<{ alerts: number; notifications: number }>
  cursor(rule: PerExchangeRule): Promise<ExchangeCursor>
  close(): Promise<void>
}

interface DrainWishes {
  readonly slot?: Date
  readonly reach?: Partial<Reach>
  readonly settings?: DecisionSettings
}

export const everyFailure = {
  kind: 'EXCHANGE_MATCH',
  scope: {},
  filter: { status: 'FAILED' },
  fireMode: 'PER_EXCHANGE',
}

function parseEveryExchange(parts: object) {
  const parsed = parseRuleDraft({
    name: 'Any order failure',
    severity: 'CRITICAL',
    conditionKind: 'EXCHANGE_MATCH',
    condition: { ...everyFailure, scope: { appSlug: 'orders-service' } },
    ...parts,
  })
  if ('problems' in parsed) throw new Error(`a test's rule was refused: ${JSON.stringify(parsed.problems)}`)
  return parsed.draft
}

export async function exchangeHouse(): Promise<ExchangeHouse> {
  const [database, telemetry] = await Promise.all([testDatabase(), testTelemetry()])
  const memory = openMemory({ url: database.url, name: 'tocsin-test', connections: 12 })
  const { db } = memory
  await ensureFirstEnvironment(db)
  await rememberDestination(db, { surface: 'local', key: 'local', name: 'Local chat', address: {} })
  let slots = 0
  return {
    db,
    telemetry,
    databaseUrl: database.url,
    rule: async (parts = {}, createdAt = new Date(Date.now() - hourMs)) => {
      const rule = {
        ...parseEveryExchange(parts),
        id: randomUUID(),
        environment: firstEnvironment.slug,
        createdAt,
      }
      await saveRule(db, rule, 'a test')
      if (!isPerExchangeRule(rule)) throw new Error('a test wants a rule for every exchange')
      return rule
    },
    insert: (ids, parts = {}) =>
      telemetry.store.insert(
        'executions',
        ids.map((id) => ({ ...ordinary(), exec_id: id, ...parts })),
      ),
    drain: (rules, { slot = new Date(Date.now() + 5000 * slots++), reach, settings } = {}) => {
      const exchanges = openExchangeReader(telemetry.store, { ...defaultReach, ...reach })
      return drainExchanges(
        {
          db,
          exchanges,
          clock: () => new Date(),
          announce: async () => undefined,
          settings: settings ?? defaultDecisionSettings,
          log: pino({ level: 'silent' }),
        },
        rules.map((rule) => compileRule(rule, 0)),
        slot,
      )
    },
    alertsById: async () => {
      const rows = await db.select({ labels: alerts.labels }).from(alerts)
      const grouped = Map.groupBy(rows, ({ labels }) => labels['exec_id'] ?? '')
      return new Map([...grouped].map(([id, some]) => [id, some.length]))
    },
    totals: async () => ({
      alerts: await db.$count(alerts),
      notifications: await db.$count(notifications),
    }),
    cursor: async (rule) => {
      const cursors = await db.select().from(exchangeCursors)
      const found = cursors.find(({ ruleId }) => ruleId === rule.id)
      if (!found) throw new Error('the rule has no cursor yet')
      return found
    },
    close: async () => {
      await memory.close()
      await Promise.all([database.close(), telemetry.close()])
    },
  }
}

function ordinary(): Record<string, unknown> {
  return {
    environment: firstEnvironment.slug,
    app: 'orders-service',
    route: 'place-order',
    agent: 'orders-1',
    status: 'FAILED',
    ts: new Date(Date.now() - 2000),
    duration_ms: 80,
    correlation_id: randomUUID(),
    error: 'GatewayTimeout: no answer within 1500 ms',
  }
}

export function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}

/** One alert and one notification for each of these exchanges, and none besides. */
export async function expectToldOnce(house: ExchangeHouse, ...sets: readonly (readonly string[])[]) {
  const told = await house.alertsById()
  expect([...told.keys()].sort()).toEqual(sets.flat().sort())
  expect([...told.values()].filter((count) => count !== 1)).toEqual([])
  expect(await house.totals()).toEqual({ alerts: told.size, notifications: told.size })
}
