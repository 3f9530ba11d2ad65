import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Begun } from '#bot/audit/audit.ts'
import { findCallerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { callerName, isRecorded } from '#engine/api-access.ts'

/** Every change that is made through these routes is in the audit before it is made, and as done before its answer is sent. */
export function noteChanges(scope: FastifyInstance, { audit }: Pick<Desk, 'audit'>): void {
  const begun = new WeakMap<FastifyRequest, Begun>()
  scope.addHook('preHandler', async (request) => {
    const { method, routeOptions, url } = request
    const caller = findCallerOf(request)
    const path = routeOptions.url
    if (!caller || path === undefined || !isRecorded(method, path)) return
    const actor = { kind: 'source', name: callerName(caller) } as const
    begun.set(
      request,
      await audit.begin({ door: 'api', actor, what: `${method} ${url.split('?')[0] ?? ''}` }),
    )
  })
  scope.addHook('onSend', async (request, reply) => {
    const deed = begun.get(request)
    if (reply.statusCode < 300) await deed?.done()
    // Of a failure of ours nobody knows what it left.
    else if (reply.statusCode < 500) await deed?.nothing()
  })
}
