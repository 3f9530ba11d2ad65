import type { Registry } from 'prom-client'
import type { Database } from '#db/client.ts'
import { listCallTimes } from '#db/repositories/call-times.ts'
import { callBounds, noCalls } from '#engine/notify/call-times.ts'
import { registerHistogram } from './stored-histogram.ts'

/** How long those take that are told. The first is seed 004's, which knows webhooks alone and no labels. */
export function registerDeliveryMetrics(registry: Registry, db: Database): void {
  registerHistogram(registry, {
    name: 'alerting_webhook_delivery_duration_seconds',
    help: 'How long a webhook took to answer, or not to',
    bounds: callBounds,
    read: async () => {
      const all = await listCallTimes(db)
      const { calls, seconds, callsWithin } = all.find(({ surface }) => surface === 'webhook') ?? noCalls
      return [{ labels: {}, count: calls, sum: seconds, within: callsWithin }]
    },
  })
  registerHistogram(registry, {
    name: 'alerting_delivery_duration_seconds',
    help: 'The same of everything that is told, by surface',
    bounds: callBounds,
    read: async () =>
      (await listCallTimes(db)).map(({ surface, calls, seconds, callsWithin }) => ({
        labels: { surface },
        count: calls,
        sum: seconds,
        within: callsWithin,
      })),
  })
}
