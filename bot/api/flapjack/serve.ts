import type { FastifyInstance } from 'fastify'
import { callerFinder } from '#bot/api-tokens.ts'
import { noteChanges } from '#bot/api/note-changes.ts'
import { takeRawBodies } from '#bot/api/raw-body.ts'
import { type Access, requireAccess } from '#bot/console/access.ts'
import type { Attempts } from '#bot/console/attempts.ts'
import type { Desk } from '#bot/desk.ts'
import { isStorable } from '#engine/storable-text.ts'
import { answerError, answerErrors, answerTurnedAway, Refused, type Whereabouts } from './answer.ts'
import { serveContacts } from './contacts.ts'
import { serveChecks, serveEntities } from './entities.ts'
import { serveMaintenances } from './maintenances.ts'
import { serveMedia } from './media.ts'
import { serveMetrics } from './metrics.ts'
import { serveNotificationRules } from './notification-rules.ts'
import { servePagerdutyCredentials } from './pagerduty.ts'
import { serveReports } from './reports.ts'

export interface FlapjackDoor {
  readonly desk: Desk
  readonly access: Access
  readonly publicUrl?: string | undefined
  readonly attempts?: Attempts
}

const postTypes = ['application/json', 'application/vnd.api+json']
const patchType = 'application/json-patch+json'
const jsonTypes = new Set([...postTypes, patchType])

/**
 * Flapjack's JSON API 1.x below a prefix, so that what provisioned a Flapjack provisions this house. What is pushed and
 * asked belongs to the first environment. Ours: the access token, a refusal where Flapjack failed or kept nonsense, and
 * no CORS.
 */
export function serveFlapjack(
  app: FastifyInstance,
  { desk, access, publicUrl, attempts }: FlapjackDoor,
  prefix: string,
): void {
  void app.register(
    async (scope) => {
      const clock = desk.clock
      const findCaller = callerFinder(desk)
      const options = {
        access,
        publicUrl,
        clock,
        callers: 'programs',
        takesBasic: true,
        jsonTypes,
        findCaller,
        noteRefusal: desk.audit.refused,
        // At the root of a port of its own it is the same door.
        below: prefix === '' ? '/flapjack' : '',
      } as const
      scope.addHook(
        'onRequest',
        requireAccess({ ...options, ...(attempts && { attempts }) }, (reply, turned) => {
          if (turned.status === 401) reply.header('www-authenticate', 'Basic realm="Tocsin", Bearer')
          return answerTurnedAway(reply, turned)
        }),
      )
      scope.addHook('onRequest', async ({ method, headers }) => refuseType(method, headers['content-type']))
      noteChanges(scope, desk)
      scope.addHook('preHandler', async ({ params }) => refuseUnstorable(params))
      scope.addHook('onRoute', (route) => void (route.schema = { hide: true }))
      takeRawBodies(scope, [...jsonTypes])
      scope.setErrorHandler(answerError)
      scope.setNotFoundHandler((_request, reply) => answerErrors(reply, 404, ['not routable']))
      const at = whereabouts(publicUrl, prefix)
      serveContacts(scope, desk, at)
      serveMedia(scope, desk, at)
      serveNotificationRules(scope, desk, at)
      servePagerdutyCredentials(scope, desk, at)
      serveEntities(scope, desk, at)
      serveChecks(scope, desk, at)
      serveMaintenances(scope, desk)
      serveReports(scope, desk)
      serveMetrics(scope, desk)
    },
    { prefix },
  )
}

/** The public URL leads to our one port; a port of its own is known by the name that it was asked by. */
function whereabouts(publicUrl: string | undefined, prefix: string): Whereabouts {
  const known = prefix === '' ? undefined : publicUrl?.replace(/\/+$/, '')
  return ({ protocol, host }) => (known ?? `${protocol}://${host}`) + prefix
}

/** Each method has its own types there, and another one is a method that is not allowed. */
function refuseType(method: string, header: string | undefined): void {
  const type = header?.split(';')[0]?.trim().toLowerCase()
  if (method === 'PATCH' && type !== patchType)
    throw new Refused(405, [`PATCH takes ${patchType}, with a bare array of operations.`])
  if (method === 'POST' && type !== undefined && !postTypes.includes(type))
    throw new Refused(405, [`POST takes ${postTypes.join(' or ')}.`])
}

/** Nothing is kept under such a name. */
function refuseUnstorable(params: unknown): void {
  const texts = Object.values(params ?? {}).filter((value) => typeof value === 'string')
  if (!texts.every(isStorable)) throw new Refused(404, ['There is nothing with such an id.'])
}
