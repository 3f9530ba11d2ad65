import type { FastifyInstance } from 'fastify'
import { findCallerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { callerName, isRecorded } from '#engine/api-access.ts'

/** Every change that was made through these routes goes into the audit, before its answer is sent. */
export function noteChanges(scope: FastifyInstance, { audit }: Pick<Desk, 'audit'>): void {
  scope.addHook('onSend', async (request, reply) => {
    const { method, routeOptions, url } = request
    const caller = findCallerOf(request)
    const path = routeOptions.url
    if (!caller || path === undefined || reply.statusCode >= 300 || !isRecorded(method, path)) return
    await audit.done({
      door: 'api',
      actor: { kind: 'source', name: callerName(caller) },
      what: `${method} ${url.split('?')[0] ?? ''}`,
    })
  })
}
