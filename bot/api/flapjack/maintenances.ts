import type { FastifyInstance } from 'fastify'
import { theApi } from '#bot/api/directory/directory-body.ts'
import { callerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { NotFound, quoteNames } from '#db/errors.ts'
import { acceptBatch } from '#db/repositories/batches.ts'
import { listChecks } from '#db/repositories/check-directory.ts'
import { type CheckTargets, keyOfId } from '#db/repositories/check-targets.ts'
import { requireEntitiesById } from '#db/repositories/entity-directory.ts'
import { firstEnvironment } from '#db/repositories/environments.ts'
import {
  endScheduledAt,
  moveAcknowledgementEnd,
  scheduleMaintenances,
} from '#db/repositories/maintenances.ts'
import { inNameOf } from '#engine/api-access.ts'
import {
  readAcknowledgement,
  readInstant,
  readMaintenanceWindow,
  readTest,
} from '#engine/directory/maintenance-draft.ts'
import { arrivedEvent, type CheckEvent, type CheckSubject } from '#engine/event.ts'
import { accepted, idsIn, readPatch, readWrapped, Refused } from './answer.ts'

/** `/…/entities/825,826` or `/…/checks/web-11:HTTP`. */
interface Targeted {
  readonly Params: { readonly kind: string; readonly '*': string }
  readonly Querystring: { readonly start_time?: string }
}

const environment = firstEnvironment.slug

export function serveMaintenances(scope: FastifyInstance, { db, clock, announce }: Desk): void {
  const targetsOf = async ({ kind, '*': ids }: Targeted['Params']): Promise<CheckTargets> => {
    const named = idsIn(ids)
    if (kind === 'checks') return { environment, checks: named, entities: [] }
    if (kind !== 'entities') throw new Refused(404, ['not routable'])
    const found = await requireEntitiesById(db, named)
    return { environment, checks: [], entities: found.map(({ name }) => name) }
  }
  scope.post<Targeted>('/scheduled_maintenances/:kind/*', async (request, reply) => {
    const { params, body } = request
    const windows = readWrapped(body, 'scheduled_maintenances', readMaintenanceWindow, {
      status: 403,
      because: 'No \'scheduled_maintenances\' object received: send { "scheduled_maintenances": [ … ] }.',
    })
    const outcome = await scheduleMaintenances(
      db,
      { targets: await targetsOf(params), windows, by: inNameOf(theApi, callerOf(request)) },
      clock(),
    )
    if (outcome.kind === 'refused') throw new Refused(422, [outcome.because])
    await announce(outcome.notificationIds)
    return reply.code(204).send()
  })
  scope.delete<Targeted>('/scheduled_maintenances/:kind/*', async ({ params, query }, reply) => {
    const startsAt = readQueryInstant(query.start_time)
    if (startsAt === undefined)
      throw new Refused(403, ['start time must be provided, such as ?start_time=2026-04-01T22:00:00Z'])
    await endScheduledAt(db, await targetsOf(params), startsAt, clock())
    return reply.code(204).send()
  })
  scope.patch<Targeted>('/unscheduled_maintenances/:kind/*', async ({ params, body }, reply) => {
    const { end_time: endTime } = readPatch(body, 'unscheduled_maintenances').replaced
    if (endTime !== undefined) {
      const endsAt = accepted(readInstant(endTime), 'end_time')
      await moveAcknowledgementEnd(db, await targetsOf(params), endsAt, clock())
    }
    return reply.code(204).send()
  })
  serveActions(scope, { db, clock }, targetsOf)
}

/** Both go the way of every other event: stored with the answer, decided right after it. */
function serveActions(
  scope: FastifyInstance,
  { db, clock }: Pick<Desk, 'db' | 'clock'>,
  targetsOf: (params: Targeted['Params']) => Promise<CheckTargets>,
): void {
  const send = async (params: Targeted['Params'], eventsOf: (subject: CheckSubject) => CheckEvent[]) => {
    const subjects = await watchedChecks(db, params.kind, await targetsOf(params))
    const items = subjects.flatMap(eventsOf).map((event) => arrivedEvent(event, environment))
    if (items.length > 0)
      await acceptBatch(db, { source: 'events', items }, { environment, receivedAt: clock() })
  }
  scope.post<Targeted>('/unscheduled_maintenances/:kind/*', async ({ params, body }, reply) => {
    const drafts = readWrapped(body, 'unscheduled_maintenances', readAcknowledgement)
    await send(params, (subject) =>
      drafts.map((draft) => ({ ...subject, ...draft, kind: 'acknowledgement', acknowledgementId: null })),
    )
    return reply.code(204).send()
  })
  scope.post<Targeted>('/test_notifications/:kind/*', async ({ params, body }, reply) => {
    const drafts = readWrapped(body, 'test_notifications', readTest)
    await send(params, (subject) => {
      const usual = `Testing notifications to all contacts interested in entity ${subject.entity}`
      return drafts.map(({ summary }) => ({ ...subject, summary: summary ?? usual, kind: 'test' }))
    })
    return reply.code(204).send()
  })
}

/** Of an entity those that are watched; of checks all that were named, and each must be known. */
async function watchedChecks(db: Desk['db'], kind: string, targets: CheckTargets): Promise<CheckSubject[]> {
  const keys = targets.checks.map(keyOfId)
  const found = await (kind === 'checks'
    ? listChecks(db, { environment, keys })
    : listChecks(db, {
        environment,
        entityKeys: targets.entities.map((name) => name.toLowerCase()),
        enabled: true,
      }))
  const known = new Set(found.map(({ key }) => key))
  const missing = targets.checks.filter((id) => !known.has(keyOfId(id)))
  if (missing.length > 0) throw new NotFound(`check ${quoteNames(missing)}`)
  return found.map(({ key, entityName, name }) => ({
    checkKey: key,
    entity: entityName.toLowerCase(),
    check: name,
    summary: null,
    details: null,
    tags: [],
    observedAt: null,
  }))
}

/** A plus that nobody escaped arrives as a space. */
export function readQueryInstant(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  return accepted(readInstant(text.replace(/ (?=\d\d:?\d\d$)/, '+')), 'time')
}
