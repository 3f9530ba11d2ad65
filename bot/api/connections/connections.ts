import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  createConnection,
  removeUnusedConnection,
  replaceConnection,
  standingWarnings,
  testConnection,
} from '#bot/connections.ts'
import { callerNameOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound } from '#db/errors.ts'
import { findConnectionTest } from '#db/repositories/connection-tests.ts'
import { listConnectionHealth } from '#db/repositories/connection-health.ts'
import { type Connection, listConnections, loadConnection } from '#db/repositories/connections.ts'
import { connectionKinds, findConnectionDefinition } from '#engine/connection/registry.ts'
import { problemSchema } from '#bot/api/problem.ts'
import { serveRenderPreview } from './render-preview.ts'
import { connectionShown, showConnection, showTest, testShown } from './shown.ts'

const path = '/api/v1/connections'
const one = `${path}/:id`
const params = z.object({ id: z.uuid({ error: 'The id of a connection is a UUID.' }) })
const refusals = { 400: problemSchema, 404: problemSchema, 409: problemSchema }

/** `/api/v1/connections`: integrations of every kind, in one shape. Secrets go in and never come out. */
export function serveConnections(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  serveKinds(app)
  api.get(
    path,
    {
      schema: {
        summary: 'List connections; of secrets only that they are there',
        response: { 200: z.object({ connections: z.array(connectionShown) }) },
      },
    },
    async () => ({ connections: await shown(desk, await listConnections(desk.db)) }),
  )
  api.get(
    one,
    { schema: { summary: 'Get one connection', params, response: { 200: connectionShown, ...refusals } } },
    async ({ params: { id } }) => {
      const connection = await loadConnection(desk.db, id)
      const [one] = await shown(desk, [connection])
      return one ?? showConnection(connection)
    },
  )
  serveWriting(app, desk)
  serveTesting(app, desk, one)
  serveRenderPreview(app, desk, one)
}

async function shown({ db }: Desk, connections: readonly Connection[]) {
  const lanes = await listConnectionHealth(
    db,
    connections.map(({ id }) => id),
  )
  return connections.map((connection) => ({
    ...showConnection(connection, lanes.get(connection.id)),
    warnings: standingWarnings(connection),
  }))
}

function serveKinds(app: FastifyInstance): void {
  const field = z.object({ name: z.string(), label: z.string(), required: z.boolean() })
  const kind = z.object({
    kind: z.string(),
    label: z.string(),
    about: z.string(),
    settings: z.looseObject({}),
    secrets: z.array(field),
  })
  app.withTypeProvider<ZodTypeProvider>().get(
    `${path}/kinds`,
    {
      schema: {
        summary:
          'List the kinds of connections there are, with their settings as JSON Schema and their secrets',
        response: { 200: z.object({ kinds: z.array(kind) }) },
      },
    },
    async () => ({
      kinds: connectionKinds.flatMap((name) => {
        const definition = findConnectionDefinition(name)
        if (!definition) return []
        const { kind, label, about, settings, secrets } = definition
        const fields = secrets.map((secret) => ({
          name: secret.name,
          label: secret.label,
          required: secret.required,
        }))
        const schema = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' })
        return [{ kind, label, about, settings: { ...schema }, secrets: fields }]
      }),
    }),
  )
}

function serveWriting(app: FastifyInstance, desk: Desk): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.post(
    path,
    {
      schema: {
        summary: 'Create a connection: name, kind, settings, secrets, allowedEnvironments, enabled',
        body: z.unknown(),
        response: { 201: connectionShown, ...refusals },
      },
    },
    async (request, reply) => {
      const by = callerNameOf(request)
      const { connection, warnings } = await createConnection(desk, request.body, by)
      return reply.code(201).send({ ...showConnection(connection), warnings: [...warnings] })
    },
  )
  for (const [method, rewrite] of [
    ['PUT', replaced],
    ['PATCH', patched],
  ] as const)
    api.route({
      method,
      url: one,
      schema: {
        summary:
          method === 'PUT'
            ? 'Replace a connection; secrets that are not named stay, unless the host changes'
            : 'Change what is named of a connection; null takes a secret away',
        params,
        body: z.unknown(),
        response: { 200: connectionShown, ...refusals },
      },
      handler: async ({ params: { id }, body }) => {
        const { connection, warnings } = await replaceConnection(desk, id, (before) => rewrite(before, body))
        return { ...showConnection(connection), warnings: [...warnings] }
      },
    })
  api.delete(
    one,
    {
      schema: {
        summary: 'Remove a connection; one that rules or routes name is refused',
        params,
        response: { 204: z.undefined(), ...refusals },
      },
    },
    async ({ params: { id } }, reply) => {
      await removeUnusedConnection(desk, id)
      return reply.code(204).send()
    },
  )
}

/** A kind that is not said is the one it has. */
function replaced({ kind }: Connection, body: unknown): unknown {
  return isObject(body) ? { kind, ...body } : body
}

function patched(before: Connection, body: unknown): unknown {
  if (!isObject(body)) return body
  const { name, kind, settings, allowedEnvironments, enabled } = before
  const changed =
    'settings' in body && isObject(body['settings']) ? { ...settings, ...body['settings'] } : settings
  return { name, kind, allowedEnvironments, enabled, ...body, settings: changed }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Under both doors. */
export function serveTesting(app: FastifyInstance, desk: Desk, base: string): void {
  const api = app.withTypeProvider<ZodTypeProvider>()
  api.post(
    `${base}/test`,
    {
      schema: {
        summary: 'Send a test through a connection; the answer says how it went, never what was answered',
        params,
        response: { 200: testShown, 202: testShown, ...refusals },
      },
    },
    async (request, reply) => {
      const test = await testConnection(desk, request.params.id, callerNameOf(request))
      return reply.code(test.result ? 200 : 202).send(showTest(test))
    },
  )
  api.get(
    `${base}/tests/:test`,
    {
      schema: {
        summary: 'Get what came of a test',
        params: params.extend({ test: z.uuid() }),
        response: { 200: testShown, ...refusals },
      },
    },
    async ({ params: { id, test } }) => {
      const found = await findConnectionTest(desk.db, test)
      if (found?.connectionId !== id) throw new NotFound(`test ${test} of this connection`)
      return showTest(found)
    },
  )
}
