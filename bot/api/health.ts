import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Desk } from '#bot/desk.ts'

/** Alive: this process answers. Ready: it can also reach its database, without which no click would be kept. */
export function serveHealth(app: FastifyInstance, { db }: Desk, metrics: Registry): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))
  const isReady = async () => {
    try {
      await db.execute(sql`select 1`)
      return true
    } catch {
      return false
    }
  }
  const because = 'The database cannot be reached.'
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) =>
    (await isReady()) ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', because }),
  )
  // The names that Prometheus' family asks for.
  app.get('/-/healthy', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain').send('OK'),
  )
  app.get('/-/ready', { schema: { hide: true } }, async (_request, reply) => {
    const ready = await isReady()
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(ready ? 'OK' : because)
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics())
  })
}
