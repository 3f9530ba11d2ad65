import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { noteChanges } from '#bot/api/note-changes.ts'
import { takeRawBodies } from '#bot/api/raw-body.ts'
import { type AccessOptions, requireAccess, turnAway } from '#bot/console/access.ts'
import type { Desk } from '#bot/desk.ts'
import { serveAlerts } from './alerts.ts'
import { allowOrigins } from './cross-origin.ts'
import { serveSilences } from './silences.ts'
import { serveStatus } from './status.ts'

/**
 * Alertmanager's API v2, so that Prometheus, amtool, Grafana and karma are clients of this house as they are. They know
 * HTTP Basic better than tokens.
 */
export function serveAlertmanager(
  app: FastifyInstance,
  desk: Desk,
  guard: Omit<AccessOptions, 'takesBasic'>,
): void {
  void app.register(
    async (scope) => {
      if (guard.origins) allowOrigins(scope, guard.origins)
      askForAccess(scope, guard)
      noteChanges(scope, desk)
      takeRawBodies(scope, ['application/json'])
      scope.setErrorHandler(answerError)
      serveAlerts(scope, desk)
      serveSilences(scope, desk)
      serveStatus(scope, desk)
    },
    { prefix: '/api/v2' },
  )
  void app.register(async (scope) => {
    // Asked for with no body and no type.
    askForAccess(scope, { ...guard, origins: undefined, jsonTypes: new Set() })
    // What is changed here counts at once: there is nothing to read again, and that is no failure.
    scope.post('/-/reload', { schema: { hide: true } }, async (_request, reply) => reply.code(200).send())
  })
}

function askForAccess(scope: FastifyInstance, guard: AccessOptions): void {
  scope.addHook(
    'onRequest',
    requireAccess({ ...guard, takesBasic: true }, (reply, turned) => {
      if (turned.status === 401) reply.header('www-authenticate', 'Basic realm="Tocsin", Bearer')
      return turnAway(reply, turned)
    }),
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
