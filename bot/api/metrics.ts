import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Database } from '#db/client.ts'
import { countOpenAlerts, countResolvedAlerts } from '#db/repositories/alerts.ts'
import { countRulesByState } from '#db/repositories/rules.ts'
import {
  countSettledNotifications,
  countWaitingNotifications,
  measureOutbox,
} from '#db/repositories/told-notifications.ts'
import { countReaders, countTakenEvents } from '#db/repositories/taken-claims.ts'
import { registerDeliveryMetrics } from './delivery-metrics.ts'
import { registerEvaluationMetrics } from './evaluation-metrics.ts'
import { registerExchangeMetrics } from './exchange-metrics.ts'
import { unhurried } from './unhurried.ts'
import { spokenVersion } from '#engine/view/alertmanager.ts'

/** Counted when asked for, from the rows themselves: every process answers the same. Names as in seed 004. */
export function openMetrics(db: Database, clock: () => Date = () => new Date()): Registry {
  const registry = new Registry()
  const resolved = unhurried(() => countResolvedAlerts(db))
  const settled = unhurried(() => countSettledNotifications(db))
  collectDefaultMetrics({ register: registry })
  // Karma decides by this which API it speaks.
  new Gauge({
    name: 'alertmanager_build_info',
    help: 'The Alertmanager whose API v2 is spoken here',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: spokenVersion }, 1)
  gauge(registry, {
    name: 'alerting_instances_total',
    help: 'Alerts by state',
    count: async () => ({ ...(await countOpenAlerts(db)), RESOLVED: await resolved() }),
  })
  gauge(registry, {
    name: 'alerting_rules_total',
    help: 'Rules, enabled or disabled',
    count: () => countRulesByState(db),
  })
  gauge(registry, {
    name: 'flapjack_events_total',
    help: "Events of Flapjack's Redis list, taken or rejected",
    count: () => countTakenEvents(db),
  })
  gauge(registry, {
    name: 'flapjack_readers_total',
    help: "Processes that read Flapjack's Redis list, taking or cut_off from Redis",
    count: () => countReaders(db),
  })
  gauge(registry, {
    name: 'alerting_notifications_total',
    help: 'Notifications by what became of them',
    label: 'status',
    count: async () => ({ ...(await countWaitingNotifications(db)), ...(await settled()) }),
  })
  const outbox = async (part: 'depth' | 'ageSeconds') =>
    Object.fromEntries((await measureOutbox(db, clock())).map((seen) => [seen.surface, seen[part]]))
  gauge(registry, {
    name: 'alerting_outbox_depth',
    help: 'Notifications that wait to be said',
    label: 'surface',
    count: () => outbox('depth'),
  })
  gauge(registry, {
    name: 'alerting_outbox_age_seconds',
    help: 'How long the oldest notification has been waiting to be said',
    label: 'surface',
    count: () => outbox('ageSeconds'),
  })
  registerDeliveryMetrics(registry, db)
  registerEvaluationMetrics(registry, db, clock)
  registerExchangeMetrics(registry, db, clock)
  return registry
}

interface Counted {
  readonly name: string
  readonly help: string
  /** `state` by default. */
  readonly label?: string
  readonly count: () => Promise<Readonly<Record<string, number>>>
}

function gauge(registry: Registry, { name, help, label = 'state', count }: Counted): void {
  const metric = new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      metric.reset()
      for (const [state, amount] of Object.entries(await count())) metric.set({ [label]: state }, amount)
    },
  })
}
