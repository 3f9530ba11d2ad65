import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { takeRawBodies } from '#bot/api/raw-body.ts'
import type { Desk } from '#bot/desk.ts'
import { serveAlerts } from './alerts.ts'
import { serveSilences } from './silences.ts'
import { serveStatus } from './status.ts'

/** Alertmanager's API v2, so that Prometheus, amtool, Grafana and karma are clients of this house as they are. */
export function serveAlertmanager(api: FastifyInstance, desk: Desk): void {
  void api.register(
    async (scope) => {
      takeRawBodies(scope, ['application/json'])
      scope.setErrorHandler(answerError)
      serveAlerts(scope, desk)
      serveSilences(scope, desk)
      serveStatus(scope, desk)
    },
    { prefix: '/api/v2' },
  )
}

/** What never came as far as being read is told as Alertmanager's runtime tells it. */
function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const code = error.statusCode ?? 500
  if (code < 500) return reply.code(code).send({ code, message: error.message })
  request.log.error(error, 'a request could not be answered')
  const message = `That did not work. The log has the reason under ${request.id}.`
  return reply.code(500).type('application/json').send(JSON.stringify(message))
}
