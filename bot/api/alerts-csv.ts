import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Desk } from '#bot/desk.ts'
import { type AlertCursor, type AlertPage, listAlerts } from '#db/repositories/alerts.ts'
import type { AlertView } from '#engine/alert.ts'
import type { Cell } from '#engine/view/csv-row.ts'
import { alertsChosen, presentAlert } from './alerts.ts'
import { sendCsv } from './send-csv.ts'
import { environmentParams, requireEnvironment } from './environment.ts'

const columns = [
  'number',
  'state',
  'severity',
  'title',
  'message',
  'entity',
  'labels',
  'startedAt',
  'firedAt',
  'acknowledgedAt',
  'acknowledgedBy',
  'resolvedAt',
  'resolvedBy',
  'currentValue',
  'threshold',
] as const

const pageSize = 500

/** `GET /api/v1/environments/{env}/alerts.csv`: all of them, newest first, for a spreadsheet. */
export function serveAlertsCsv(app: FastifyInstance, { db }: Desk): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/environments/:env/alerts.csv',
    {
      schema: {
        summary: 'The alerts as a table, all of them, newest first',
        params: environmentParams,
        querystring: alertsChosen,
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
  const shown = { ...presentAlert(alert), labels: JSON.stringify(alert.labels) }
  return columns.map((column) => shown[column])
}
