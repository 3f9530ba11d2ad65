import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '#bot/desk.ts'
import { type AlertCursor, type AlertPage, listAlerts } from '#db/repositories/alerts.ts'
import { type AlertView, alertView } from '#engine/alert.ts'
import { actorName } from '#engine/person.ts'
import type { Cell } from '#engine/view/csv.ts'
import { sendCsv } from './csv.ts'
import { environmentParams, requireEnvironment } from './environment.ts'

const columns =
  'number state severity title message entity labels startedAt firedAt acknowledgedAt acknowledgedBy resolvedAt resolvedBy currentValue threshold'.split(
    ' ',
  )

const pageSize = 500

/** `GET /api/v1/environments/{env}/alerts.csv`: all of them, newest first, for a spreadsheet. */
export function serveAlertsCsv(app: FastifyInstance, { db }: Desk): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/environments/:env/alerts.csv',
    {
      schema: {
        summary: 'The alerts as a table, all of them, newest first',
        params: environmentParams,
        querystring: z.object({
          state: z.enum(['PENDING', 'FIRING', 'ACKNOWLEDGED', 'RESOLVED']).optional(),
        }),
      },
    },
    async ({ params, query }, reply) => {
      const environment = await requireEnvironment(db, params.env)
      return sendCsv(reply, 'alerts.csv', { columns, pages: everyPage(environment, query.state) })
    },
  )

  async function* everyPage(environment: string, state: AlertView | undefined) {
    for (let after: AlertCursor | undefined, more = true; more;) {
      const page = await listAlerts(db, {
        environment,
        limit: pageSize,
        ...(state && { state }),
        ...(after && { after }),
      })
      yield page.alerts.map(cellsOf)
      after = page.next
      more = after !== undefined
    }
  }
}

function cellsOf(alert: AlertPage['alerts'][number]): Cell[] {
  const { number, severity, title, summary, entity, labels, measurement } = alert
  const instant = (at: Date | null) => at?.toISOString() ?? null
  return [
    number,
    alertView(alert),
    severity,
    title,
    summary,
    entity,
    JSON.stringify(labels),
    instant(alert.startedAt),
    instant(alert.firedAt),
    instant(alert.acknowledgedAt),
    alert.acknowledgedBy && actorName(alert.acknowledgedBy),
    instant(alert.resolvedAt),
    alert.resolvedBy && actorName(alert.resolvedBy),
    measurement?.value ?? null,
    measurement?.threshold ?? null,
  ]
}
