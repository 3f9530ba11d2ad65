import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Desk } from '#bot/desk.ts'

/** Alive: this process answers. Ready: it can also reach its database, without which no click would be kept. */
export function serveHealth(app: FastifyInstance, { db }: Desk, metrics: Registry): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    try {
      await db.execute(sql`select 1`)
      return { status: 'ready' }
    } catch {
      return reply.code(503).send({ status: 'not ready', because: 'The database cannot be reached.' })
    }
  })
  for (const path of ['/-/healthy', '/-/ready']) {
    // The names that Prometheus' family asks for.
    app.get(path, { schema: { hide: true } }, async (_request, reply) => reply.type('text/plain').send('OK'))
  }
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics())
  })
}
