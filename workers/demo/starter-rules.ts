import type { RuleDraft } from '#engine/rule/rule.ts'

/** A rule as a person would send it to the API; what it leaves out takes the API's defaults. */
export type StarterRule = Pick<
  RuleDraft,
  | 'name'
  | 'description'
  | 'severity'
  | 'conditionKind'
  | 'condition'
  | 'evaluationIntervalSeconds'
  | 'forDurationSeconds'
  | 'reNotifyMinutes'
>

const cadence = { evaluationIntervalSeconds: 5, forDurationSeconds: 0, reNotifyMinutes: 60 }

/** Rules over the demo shop: of every kind that looks at what is in ClickHouse, and at least one for each fault. */
export const starterRules: readonly StarterRule[] = [
  {
    ...cadence,
    name: 'Card payments are failing',
    description:
      'More than one card authorization in twenty fails: customers cannot pay. Look at the acquirer first.',
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
  },
  {
    ...cadence,
    name: 'Orders are slow',
    description:
      'One order call in a hundred takes longer than 800 ms: customers start to leave their baskets.',
    severity: 'WARNING',
    forDurationSeconds: 10,
    conditionKind: 'ROUTE_METRIC',
    condition: {
      kind: 'ROUTE_METRIC',
      scope: { appSlug: 'orders-service' },
      metric: 'P99_LATENCY_MS',
      comparator: 'GT',
      threshold: 800,
      windowSeconds: 120,
    },
  },
  {
    ...cadence,
    name: 'Timeouts in inventory',
    description: 'Inventory keeps waiting for a warehouse in vain: stock figures grow stale and oversell.',
    severity: 'WARNING',
    conditionKind: 'LOG_PATTERN',
    condition: logErrors('inventory-service', 'TimeoutException', 5),
  },
  {
    ...cadence,
    name: 'Shipping is out of memory',
    description:
      'An agent of shipping has no heap left. Restart it, and keep the heap dump for whoever finds the leak.',
    severity: 'CRITICAL',
    conditionKind: 'LOG_PATTERN',
    condition: logErrors('shipping-service', 'OutOfMemoryError', 2),
  },
  {
    ...cadence,
    name: 'A release of orders does not start',
    description:
      'The new version of orders fails while starting. Customers still meet the old one: roll back in peace.',
    severity: 'WARNING',
    conditionKind: 'LOG_PATTERN',
    condition: logErrors('orders-service', 'Application run failed', 3),
  },
  {
    ...cadence,
    name: 'Shipments are not booked',
    description: 'Parcels pile up in the warehouse: see whether the gateway of the carriers answers.',
    severity: 'WARNING',
    conditionKind: 'EXCHANGE_MATCH',
    condition: {
      kind: 'EXCHANGE_MATCH',
      scope: { appSlug: 'shipping-service', routeId: 'book-shipment' },
      filter: { status: 'FAILED', attributes: {} },
      fireMode: 'COUNT_IN_WINDOW',
      threshold: 10,
      windowSeconds: 60,
    },
  },
  {
    ...cadence,
    name: 'A refund was refused',
    description: 'Somebody waits for their money: each of these is a case for the payments desk.',
    severity: 'INFO',
    reNotifyMinutes: 0,
    conditionKind: 'EXCHANGE_MATCH',
    condition: {
      kind: 'EXCHANGE_MATCH',
      scope: { appSlug: 'payment-service', routeId: 'refund-payment' },
      filter: { status: 'FAILED', attributes: {} },
      fireMode: 'PER_EXCHANGE',
    },
  },
  {
    ...cadence,
    name: 'The heap of shipping is nearly full',
    description: 'An agent of shipping uses more than 85 % of its heap: it will soon be out of memory.',
    severity: 'WARNING',
    conditionKind: 'JVM_METRIC',
    condition: {
      kind: 'JVM_METRIC',
      scope: { appSlug: 'shipping-service' },
      metric: 'jvm.memory.used.value',
      aggregation: 'MAX',
      comparator: 'GT',
      threshold: 0.85,
      recoveryThreshold: 0.75,
      windowSeconds: 30,
    },
  },
  {
    ...cadence,
    name: 'An agent is dead',
    description: 'Somebody has to look at its machine; the others of its service take over its calls.',
    severity: 'CRITICAL',
    conditionKind: 'AGENT_STATE',
    condition: { kind: 'AGENT_STATE', scope: {}, state: 'DEAD', forSeconds: 15 },
  },
  {
    ...cadence,
    name: 'A deployment is failing',
    description: 'Its new version is degraded or has failed: roll back.',
    severity: 'WARNING',
    conditionKind: 'DEPLOYMENT_STATE',
    condition: { kind: 'DEPLOYMENT_STATE', scope: {}, states: ['FAILED', 'DEGRADED'] },
  },
]

function logErrors(appSlug: string, pattern: string, threshold: number): StarterRule['condition'] {
  const scope = { appSlug }
  return {
    kind: 'LOG_PATTERN',
    scope,
    level: 'ERROR',
    levelMatch: 'AT_LEAST',
    pattern,
    threshold,
    windowSeconds: 60,
  }
}
