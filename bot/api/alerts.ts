import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { type AlertCursor, type AlertPage, listAlerts } from '#db/repositories/alerts.ts'
import { alertView } from '#engine/alert.ts'
import type { Labels } from '#engine/labels.ts'
import { actorName } from '#engine/person.ts'
import { environmentParams, requireEnvironment } from './environment.ts'
import { Invalid, problemSchema } from './problem.ts'

const instant = z.iso.datetime().nullable()

/** zod's own record leaves `__proto__` out, which is a label like any other. */
const labels = z
  .custom<Labels>((value) => typeof value === 'object' && value !== null)
  .meta({ type: 'object', additionalProperties: { type: 'string' } })

const alertSchema = z.object({
  id: z.uuid(),
  number: z.number().int().nullable().describe('The #42 of every message; null while pending'),
  ruleId: z.uuid().nullable(),
  state: z.enum(['PENDING', 'FIRING', 'ACKNOWLEDGED', 'RESOLVED']),
  severity: z.enum(['CRITICAL', 'WARNING', 'INFO']),
  title: z.string(),
  message: z.string(),
  entity: z.string(),
  labels,
  currentValue: z.number().nullable(),
  threshold: z.number().nullable(),
  startedAt: z.iso.datetime(),
  firedAt: instant,
  acknowledgedAt: instant,
  acknowledgedBy: z.string().nullable(),
  resolvedAt: instant,
  resolvedBy: z.string().nullable(),
})

/** Which of them are asked for. */
export const alertsChosen = z.object({ state: alertSchema.shape.state.optional() })

const queryShape = alertsChosen.extend({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional().describe('nextCursor of the page before'),
})

/** `GET /api/v1/environments/{env}/alerts`: newest first. */
export function serveAlerts(app: FastifyInstance, { db }: Desk): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/environments/:env/alerts',
    {
      schema: {
        summary: 'List alerts, newest first',
        params: environmentParams,
        querystring: queryShape,
        response: {
          200: z.object({ alerts: z.array(alertSchema), nextCursor: z.string().nullable() }),
          400: problemSchema,
          404: problemSchema,
        },
      },
    },
    async ({ params, query }) => {
      const environment = await requireEnvironment(db, params.env)
      const { state, limit, cursor } = query
      const after = cursor === undefined ? undefined : readCursor(cursor)
      const page = await listAlerts(db, {
        environment,
        limit,
        ...(state && { state }),
        ...(after && { after }),
      })
      return { alerts: page.alerts.map(presentAlert), nextCursor: page.next ? writeCursor(page.next) : null }
    },
  )
}

export function presentAlert(alert: AlertPage['alerts'][number]): z.infer<typeof alertSchema> {
  const { id, number, ruleId, severity, title, summary, entity, labels, measurement } = alert
  return {
    id,
    number,
    ruleId,
    state: alertView(alert),
    severity,
    title,
    message: summary,
    entity,
    labels,
    currentValue: measurement?.value ?? null,
    threshold: measurement?.threshold ?? null,
    startedAt: alert.startedAt.toISOString(),
    firedAt: alert.firedAt?.toISOString() ?? null,
    acknowledgedAt: alert.acknowledgedAt?.toISOString() ?? null,
    acknowledgedBy: alert.acknowledgedBy ? actorName(alert.acknowledgedBy) : null,
    resolvedAt: alert.resolvedAt?.toISOString() ?? null,
    resolvedBy: alert.resolvedBy ? actorName(alert.resolvedBy) : null,
  }
}

/** We write no instant before 1970, and PostgreSQL could not read all of them. */
const cursorShape = z.tuple([z.iso.datetime().refine((text) => Date.parse(text) >= 0), z.uuid()])

function writeCursor({ startedAt, id }: AlertCursor): string {
  return Buffer.from(JSON.stringify([startedAt.toISOString(), id])).toString('base64url')
}

function readCursor(cursor: string): AlertCursor {
  try {
    const [startedAt, id] = cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { startedAt: new Date(startedAt), id }
  } catch {
    throw new Invalid('The cursor cannot be read.', [
      { field: 'cursor', problem: 'Use nextCursor of the page before, unchanged.' },
    ])
  }
}
