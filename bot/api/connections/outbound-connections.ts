import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { createConnection, type Kept, removeUnusedConnection, replaceConnection } from '#bot/connections.ts'
import { callerNameOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { Invalid, problemSchema } from '#bot/api/problem.ts'
import { NotFound } from '#db/errors.ts'
import { listConnectionHealth } from '#db/repositories/connection-health.ts'
import type { LaneHealth } from '#engine/notify/lane-health.ts'
import { type Connection, listConnections, loadConnection } from '#db/repositories/connections.ts'
import { serveTesting } from './connections.ts'
import { serveRenderPreview } from './render-preview.ts'
import { asOutboundField, outboundShown, readOutbound, showOutbound } from './outbound-fields.ts'

const path = '/api/v1/admin/outbound-connections'
const one = `${path}/:id`
const params = z.object({ id: z.uuid({ error: 'The id of a connection is a UUID.' }) })
const refusals = { 400: problemSchema, 404: problemSchema, 409: problemSchema }

/** Webhooks by the guide's paths and field names; `/api/v1/connections` has them too, beside every other kind. */
export function serveOutboundConnections(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.get(
    path,
    {
      schema: { summary: 'List outbound connections (webhooks)', response: { 200: z.array(outboundShown) } },
    },
    async () => showAll(desk, (await listConnections(desk.db)).filter(isWebhook)),
  )
  api.get(
    one,
    {
      schema: {
        summary: 'Get an outbound connection',
        params,
        response: { 200: outboundShown, ...refusals },
      },
    },
    async ({ params: { id } }) => {
      const connection = await loadWebhook(desk, id)
      const [one] = await showAll(desk, [connection])
      return one ?? showOutbound(connection)
    },
  )
  serveWriting(app, desk)
  serveTesting(app, desk, one)
  serveRenderPreview(app, desk, one)
}

async function showAll({ db }: Desk, connections: readonly Connection[]) {
  const lanes = await listConnectionHealth(
    db,
    connections.map(({ id }) => id),
  )
  return connections.map((connection) => showOutbound(connection, lanes.get(connection.id)))
}

function serveWriting(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.post(
    path,
    {
      schema: {
        summary:
          'Create an outbound connection; one that cannot work is refused with the field and the reason',
        body: z.unknown(),
        response: { 201: outboundShown, ...refusals },
      },
    },
    async (request, reply) => {
      const by = callerNameOf(request)
      const kept = await inOutboundWords(() => createConnection(desk, inputOf(request.body), by))
      return reply.code(201).send(shown(kept))
    },
  )
  for (const method of ['PUT', 'PATCH'] as const)
    api.route({
      method,
      url: one,
      schema: {
        summary:
          method === 'PUT'
            ? 'Replace an outbound connection; secrets that are not named stay, unless the host changes'
            : 'Change what is named of an outbound connection; null takes a secret away',
        params,
        body: z.unknown(),
        response: { 200: outboundShown, ...refusals },
      },
      handler: async ({ params: { id }, body }) => {
        await loadWebhook(desk, id)
        const whole = (before: Connection) =>
          inputOf(method === 'PUT' ? body : patched(before, asRecord(body)), before)
        const kept = await inOutboundWords(() => replaceConnection(desk, id, whole))
        const lanes = await listConnectionHealth(desk.db, [id])
        return shown(kept, lanes.get(id))
      },
    })
  api.delete(
    one,
    {
      schema: {
        summary: 'Remove an outbound connection; one that rules or routes name is refused',
        params,
        response: { 204: z.undefined(), ...refusals },
      },
    },
    async ({ params: { id } }, reply) => {
      await loadWebhook(desk, id)
      await removeUnusedConnection(desk, id)
      return reply.code(204).send()
    },
  )
}

function inputOf(body: unknown, before?: Connection): unknown {
  const read = readOutbound(body, before)
  if ('problems' in read) throw new Invalid('This connection cannot work.', read.problems)
  return read.input
}

async function inOutboundWords(keep: () => Promise<Kept>): Promise<Kept> {
  try {
    return await keep()
  } catch (error) {
    if (error instanceof Invalid) throw new Invalid(error.message, error.fields.map(asOutboundField))
    throw error
  }
}

function shown({ connection, warnings }: Kept, lane?: LaneHealth): z.infer<typeof outboundShown> {
  return { ...showOutbound(connection, lane), warnings: [...warnings] }
}

/** A template that is given, or taken away, decides about the body. */
function patched(before: Connection, change: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { body, ...shown } = showOutbound(before)
  return { ...shown, ...('bodyTemplate' in change ? {} : { body }), ...change }
}

function asRecord(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body }
  throw new Invalid('This connection cannot work.', [
    { field: 'connection', problem: 'The body is not an object.' },
  ])
}

function isWebhook({ kind }: Connection): boolean {
  return kind === 'webhook'
}

async function loadWebhook({ db }: Desk, id: string): Promise<Connection> {
  const connection = await loadConnection(db, id)
  if (!isWebhook(connection)) throw new NotFound(`outbound connection ${id}; it is under /api/v1/connections`)
  return connection
}
