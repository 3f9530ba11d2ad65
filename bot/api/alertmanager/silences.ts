import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { callerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import { changeSilence } from '#db/repositories/change-silence.ts'
import { findSilence, listSilences } from '#db/repositories/silences.ts'
import { readPostedSilence, silenceIdProblem } from '#engine/intake/alertmanager-silence.ts'
import { notFound, refuse } from '#engine/intake/api-refusal.ts'
import { inNameOf } from '#engine/api-access.ts'
import type { Actor } from '#engine/person.ts'
import { expireSilence, placeSilence } from '#engine/suppress/silence-schedule.ts'
import { presentSilence, presentSilences } from '#engine/view/alertmanager.ts'
import { readFilter, selectSilences } from '#engine/view/alertmanager-query.ts'
import { answerRefusal, searchOf } from './answer.ts'

/** Ended silences stay visible this long: Alertmanager's default for its data retention. */
const retentionMs = 120 * 3_600_000

/** Alertmanager's API does not say who ends a silence. */
const api: Actor = { kind: 'source', name: 'the API' }

/** `GET` and `POST /silences`, `GET` and `DELETE /silence/{id}`. */
export function serveSilences(scope: FastifyInstance, desk: Desk): void {
  const { db, clock } = desk
  scope.get('/silences', { schema: { hide: true } }, async (request, reply) => {
    const filter = readFilter(searchOf(request))
    if ('refusal' in filter) return answerRefusal(reply, filter.refusal)
    const now = clock()
    const kept = await listSilences(db, firstEnvironment.slug, new Date(now.getTime() - retentionMs))
    return presentSilences(selectSilences(kept, filter.matchers), now)
  })
  scope.post('/silences', { schema: { hide: true } }, async (request, reply) => {
    const { body } = request
    const read = readPostedSilence(typeof body === 'string' ? body : '')
    if ('refusal' in read) return answerRefusal(reply, read.refusal)
    const wish = { ...read.wish, createdBy: inNameOf(read.wish.createdBy, callerOf(request)) }
    const idProblem = wish.id === undefined ? undefined : silenceIdProblem(wish.id)
    if (idProblem) return answerRefusal(reply, notFound('silence not found'))
    const now = clock()
    const moment = { environment: firstEnvironment.slug, now, newId: randomUUID, names: desk.labelNames }
    const changed = await changeSilence(db, wish.id, (known) => placeSilence(wish, known, moment), {
      now,
      by: wish.createdBy,
    })
    await desk.announce(changed.notificationIds)
    const { change } = changed
    if (change.kind === 'unknown') return answerRefusal(reply, notFound(change.because))
    if (change.kind === 'refused') return answerRefusal(reply, refuse(change.because))
    return { silenceID: change.silence.id }
  })
  serveOneSilence(scope, desk)
}

interface OneSilence {
  readonly Params: { readonly id: string }
}

function serveOneSilence(scope: FastifyInstance, { db, clock, announce }: Desk): void {
  scope.get<OneSilence>('/silence/:id', { schema: { hide: true } }, async ({ params }, reply) => {
    const problem = silenceIdProblem(params.id)
    if (problem) return answerRefusal(reply, problem)
    const silence = await findSilence(db, params.id)
    if (!silence) return answerRefusal(reply, notFound(`silence ${params.id} not found`))
    return presentSilence(silence, clock())
  })
  scope.delete<OneSilence>('/silence/:id', { schema: { hide: true } }, async ({ params }, reply) => {
    const problem = silenceIdProblem(params.id)
    if (problem) return answerRefusal(reply, problem)
    const now = clock()
    const { change, notificationIds } = await changeSilence(
      db,
      params.id,
      (known) => (known ? expireSilence(known, now) : { kind: 'unknown', because: 'silence not found' }),
      { now, by: api },
    )
    await announce(notificationIds)
    if (change.kind === 'unknown') return answerRefusal(reply, notFound(change.because))
    // Ending what has ended changes nothing, and is no failure there.
    return reply.code(200).send()
  })
}
