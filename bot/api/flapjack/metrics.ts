import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { Desk } from '#bot/desk.ts'
import { countWaitingEvents } from '#db/repositories/batches.ts'
import { countChecks, countEntities } from '#db/repositories/check-counts.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { answer } from './answer.ts'

const environment = firstEnvironment.slug

/** Events are not counted and those that change nothing leave no trace, so some figures are not known: null. */
const processed = { all: null, ok: null, failure: null, action: null, invalid: null }
const freshness = {
  from_0_to_60: null,
  from_60_to_300: null,
  from_300_to_900: null,
  from_900_to_3600: null,
  'from_3600_to_∞': null,
}

export function serveMetrics(scope: FastifyInstance, { db }: Desk): void {
  const figures: Readonly<Record<string, () => Promise<unknown>>> = {
    fqdn: async () => hostname(),
    pid: async () => process.pid,
    total_keys: async () => null,
    processed_events_all_time: async () => ({ all_time: processed }),
    event_queue_length: () => countWaitingEvents(db),
    check_freshness: async () => freshness,
    entities: () => countEntities(db, environment),
    checks: () => countChecks(db, environment),
  }
  scope.get<{ Querystring: { filter?: string } }>('/metrics', async ({ query }, reply) => {
    const asked = (query.filter ?? '').split(',').filter((name) => name !== '')
    const isAll = asked.length === 0 || asked.includes('all')
    const found = await Promise.all(
      Object.entries(figures)
        .filter(([name]) => isAll || asked.includes(name))
        .map(async ([name, count]) => [name, await count()] as const),
    )
    return answer(reply, Object.fromEntries(found))
  })
  for (const name of ['check_freshness', 'entities', 'checks']) {
    scope.get(`/metrics/${name}`, async (_request, reply) =>
      answer(reply, { [name]: await figures[name]?.() }),
    )
  }
  scope.get('/metrics/events', async (_request, reply) =>
    answer(reply, { events: { processed, queue: { length: await countWaitingEvents(db) } } }),
  )
}
