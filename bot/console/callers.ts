import type { FastifyRequest } from 'fastify'
import { type Caller, callerName, houseName } from '#engine/api-access.ts'

/** Whoever is on this machine, or has the token of the environment. */
export const houseCaller: Caller = { name: houseName, role: 'ADMIN', environments: null }

const callers = new WeakMap<FastifyRequest, Caller>()

export function noteCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller)
}

/** Undefined: nobody was asked, or nobody is known by what was given. */
export function findCallerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request)
}

/** Who was let in with this request. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request)
  if (!caller) throw new Error('nobody was asked who this request is from')
  return caller
}

/** The same, as people read it beside what was done. */
export function callerNameOf(request: FastifyRequest): string {
  return callerName(callerOf(request))
}
