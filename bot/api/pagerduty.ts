import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refusalOf } from '#bot/console/access.ts'
import type { Desk } from '#bot/desk.ts'
import { perform } from '#bot/perform.ts'
import { findConnection, openConnection } from '#db/repositories/connections.ts'
import { findToldIncident, hasHeardWebhook, rememberWebhook } from '#db/repositories/heard-webhooks.ts'
import { Unsealable } from '#db/secrets/secret-box.ts'
import { type PagerDutyNews, readPagerDutyWebhook } from '#engine/intake/pagerduty-webhook.ts'
import type { Person } from '#engine/person.ts'
import { isSignedByPagerDuty } from './pagerduty-signature.ts'
import { problemSchema } from './problem.ts'
import { takeRawBodies } from './raw-body.ts'

/** Longer than PagerDuty tries; what is older was recorded by somebody and is played again. */
const longestAgeMs = 24 * 3600_000

const answers = { 200: z.object({ effect: z.string() }), 400: problemSchema, 401: problemSchema }

/** `POST /api/v1/pagerduty/{connection}`: what people do at PagerDuty comes back. Its signature is its key; there is no other. */
export function servePagerDuty(app: FastifyInstance, desk: Desk): void {
  void app.register(async (scope) => {
    takeRawBodies(scope, ['application/json'])
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/pagerduty/:connection',
      {
        schema: {
          summary: "PagerDuty's V3 webhook: acknowledged and resolved there is so here",
          params: z.object({ connection: z.string().max(100) }),
          consumes: ['application/json'],
          response: answers,
        },
      },
      async (request, reply) => {
        const body = typeof request.body === 'string' ? request.body : ''
        const { connection } = request.params
        const secrets = await webhookSecrets(desk, connection)
        if (!isSignedByPagerDuty(request.headers['x-pagerduty-signature'], body, secrets))
          return refuse(desk, request, reply)
        const news = readPagerDutyWebhook(body)
        if (!news) return reply.code(400).send({ error: "This is no V3 webhook of PagerDuty's." })
        return { effect: await follow(desk, connection, news) }
      },
    )
  })
}

function refuse({ audit }: Desk, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const turned = { status: 401, because: 'its signature is missing or wrong' } as const
  audit.refused(refusalOf(request, turned, 'api'))
  return reply.code(401).send({
    error:
      'The signature is missing or wrong: enter the secret of the webhook as webhookSecrets of the connection.',
  })
}

/** None for a connection that is not there, is switched off, has none or cannot be read: all of these look the same outside. */
async function webhookSecrets({ db, secrets: box }: Desk, id: string): Promise<readonly string[]> {
  if (!z.uuid().safeParse(id).success) return []
  const connection = await findConnection(db, id)
  if (!connection || connection.kind !== 'pagerduty' || !connection.enabled) return []
  try {
    const { webhookSecrets: entered = '' } = openConnection(box, connection).secrets
    return entered.split(',').filter(Boolean)
  } catch (error) {
    if (error instanceof Unsealable) return []
    throw error
  }
}

/** Done first and remembered then: dying in between does it once more, which changes nothing. */
async function follow(
  desk: Desk,
  connectionId: string,
  { eventId, occurredAt, act }: PagerDutyNews,
): Promise<string> {
  const now = desk.clock()
  if (!act) return 'none: nothing that concerns this house'
  if (now.getTime() - occurredAt.getTime() > longestAgeMs) return 'none: it is older than a day'
  const event = { connectionId, eventId }
  if (await hasHeardWebhook(desk.db, event)) return 'none: it was heard before'
  const number = await findToldIncident(desk.db, act.incidentId, connectionId)
  if (number === undefined) return 'none: this connection was never told of it'
  const answer = await perform(desk, { name: act.verb, numbers: [number] }, personAt(act.who))
  await rememberWebhook(desk.db, event, now)
  return answer.kind === 'refused' ? `none: ${answer.because}` : `#${number}: ${act.verb}`
}

/** PagerDuty has let them in and signed for it. */
function personAt({ id, name }: { readonly id: string; readonly name: string }): Person {
  return { kind: 'person', id: `pagerduty:${id}`, name, surface: 'api', role: 'OPERATOR' }
}
