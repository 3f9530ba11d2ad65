import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { refusalOf } from '#bot/console/access.ts'
import type { Desk } from '#bot/desk.ts'
import type { Database } from '#db/client.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { loadMapping } from '#db/repositories/mappings.ts'
import { doorSecrets, findSignedDoor } from '#db/repositories/signed-doors.ts'
import { readNotices } from '#engine/intake/axonops.ts'
import type { ReadEvents } from '#engine/intake/each-event.ts'
import { genericReader } from '#engine/intake/generic.ts'
import { readPushedEvents } from '#engine/intake/pushed-events.ts'
import type { SignedDoorSettings } from '#engine/intake/signed-door.ts'
import { acceptEvents, eventAnswers, eventTypes, readRawBody } from '#bot/api/accept-events.ts'
import { problemSchema } from '#bot/api/problem.ts'
import { takeRawBodies } from '#bot/api/raw-body.ts'
import { holdToQuota } from '#bot/api/hold-to-quota.ts'
import { judgeSignature } from './signature.ts'

/** `POST /api/v1/signed/{name}`: events by whoever signs them. The signature is the key; there is no other. */
export function serveSignedDoor(app: FastifyInstance, desk: Desk): void {
  const { db, clock } = desk
  void app.register(async (scope) => {
    takeRawBodies(scope, eventTypes)
    holdToQuota(scope, desk)
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/signed/:name',
      {
        schema: {
          summary: 'Send what a signed door reads, signed as its settings say; no token is asked for',
          consumes: eventTypes,
          params: z.object({ name: z.string().max(100) }),
          response: { ...eventAnswers, 401: problemSchema, 404: problemSchema },
        },
      },
      async (request, reply) => {
        const now = clock()
        const entered = await enter(desk, request, now)
        if (!entered) return refuse(reply)
        const { settings, mark } = entered
        const arrival = { environment: firstEnvironment.slug, now }
        const read = await readAs(db, settings.reads, request, arrival)
        const once = mark === null ? undefined : { door: request.params.name, mark }
        const by = `signed door ${request.params.name}`
        return acceptEvents(desk, read, { ...arrival, by, ...(once && { once }) }, reply)
      },
    )
  })
}

/** Anything else is the name of none, and some of it no database takes. */
const doorName = /^[a-z0-9][a-z0-9-]{0,62}$/

interface Entered {
  readonly settings: SignedDoorSettings
  readonly mark: string | null
}

/** A door that is not there and a signature that is wrong look the same outside; the audit knows which it was. */
async function enter(
  { db, secrets: box, audit }: Desk,
  request: FastifyRequest<{ Params: { name: string } }>,
  now: Date,
): Promise<Entered | undefined> {
  const door = doorName.test(request.params.name) ? await findSignedDoor(db, request.params.name) : undefined
  const turnAway = (because: string): undefined => {
    audit.refused(refusalOf(request, { status: 401, because }, 'api'))
  }
  if (!door) return turnAway('there is no such door')
  const { settings } = door
  const said = { headers: request.headers, body: readRawBody(request).text }
  const verdict = judgeSignature(said, { settings, secrets: doorSecrets(box, door), now })
  return verdict.genuine ? { settings, mark: verdict.mark } : turnAway(verdict.because)
}

function refuse(reply: FastifyReply): FastifyReply {
  return reply.code(401).header('cache-control', 'no-store').send({
    error: 'The signature is missing, wrong or too old, or there is no such door. The audit has the reason.',
  })
}

async function readAs(
  db: Database,
  reads: SignedDoorSettings['reads'],
  request: FastifyRequest,
  arrival: { readonly environment: string; readonly now: Date },
): Promise<ReadEvents> {
  const { text, form } = readRawBody(request)
  if (reads === 'events') return readPushedEvents(text, form, arrival.environment)
  if (reads === 'notices') return readNotices(text, form, arrival)
  const { mapping } = await loadMapping(db, reads.slice('webhooks/'.length))
  return genericReader(mapping)(text, form, arrival)
}
