import type { FastifyInstance, FastifyRequest } from 'fastify'
import { findCallerOf } from '#bot/console/callers.ts'
import type { Desk } from '#bot/desk.ts'
import { callerName, houseName } from '#engine/api-access.ts'
import { makeStorable } from '#engine/storable-text.ts'

/** A token has a name; who comes with none, or with the token of the house, is known by the address. */
export function sourceOf(request: FastifyRequest): string {
  const caller = findCallerOf(request)
  const who = caller && caller.name !== houseName ? callerName(caller) : request.ip
  return makeStorable(`${who} at ${doorOf(request)}`.slice(0, 200))
}

/** As people are told who said something; undefined: it came from this very machine, which says nothing. */
export function pusherOf(request: FastifyRequest): string | undefined {
  const caller = findCallerOf(request)
  if (caller && caller.name !== houseName) return callerName(caller)
  return /^(127\.|::1$|::ffff:127\.)/.test(request.ip) ? undefined : request.ip
}

/** As its route says it: nobody is another source by writing the same path in other letters. */
function doorOf({ routeOptions, params }: FastifyRequest): string {
  const named = new Map(Object.entries(Object(params)))
  return (routeOptions.url ?? '').replaceAll(/:(\w+)/g, (_, name: string) => String(named.get(name)))
}

export function tooMuch(source: string, seconds: number): string {
  return `${source} sends more events than one source may. Nothing of this was kept: send it again in ${seconds} s.`
}

/** Before a body is looked at: whoever floods costs little more than an answer. */
export function holdToQuota(scope: FastifyInstance, { quotas }: Pick<Desk, 'quotas'>): void {
  scope.addHook('preHandler', async (request, reply) => {
    const source = sourceOf(request)
    const seconds = quotas.mustWait(source)
    if (seconds === undefined) return undefined
    return reply
      .code(429)
      .header('retry-after', String(seconds))
      .send({ error: tooMuch(source, seconds) })
  })
}
