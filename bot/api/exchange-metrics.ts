import { Gauge, type Registry } from 'prom-client'
import type { Database } from '#db/client.ts'
import { measureReading } from '#db/repositories/exchange-cursors.ts'

/** How the rules that tell of every single exchange get on; summed up over all of them. */
export function registerExchangeMetrics(registry: Registry, db: Database, clock: () => Date): void {
  const gauge = (name: string, help: string, read: () => Promise<number>) => {
    const metric: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        metric.set(await read())
      },
    })
  }
  gauge('alerting_exchange_backlog', 'Exchanges that rules have still to tell of', async () => {
    return (await measureReading(db)).backlog
  })
  gauge(
    'alerting_exchange_backlog_age_seconds',
    'How far the rule that is furthest behind has still to read; 0 where nothing waits',
    async () => {
      const { behindSince } = await measureReading(db)
      return behindSince ? Math.max(0, (clock().getTime() - behindSince.getTime()) / 1000) : 0
    },
  )
  gauge(
    'alerting_exchange_dropped',
    'Exchanges that were too old when the store heard of them, of the rules there are',
    async () => (await measureReading(db)).dropped,
  )
}
