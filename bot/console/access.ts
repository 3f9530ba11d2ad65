import type { FastifyReply, FastifyRequest } from 'fastify'
import { countAttempts, type Attempts } from './attempts.ts'
import { readCookie } from './cookie.ts'
import { isLoopbackName, parseUrl, requestHost, senderOf } from './request-origin.ts'
import { isSameSecret, isSession } from './session.ts'

/**
 * `loopback`: only this machine reaches us, so being here is enough. `token`: anyone may reach us, so people sign in
 * with the token and programs send it as `Authorization: Bearer`.
 */
export type Access = { readonly kind: 'loopback' } | { readonly kind: 'token'; readonly token: string }

export interface AccessOptions {
  readonly access: Access
  /** Where people reach us when that is not a loopback name, e.g. behind a proxy. */
  readonly publicUrl?: string | undefined
  readonly clock: () => Date
  /** `page`: changes are accepted from our own page only. `programs`: also from callers that are no browser. */
  readonly callers: 'page' | 'programs'
  readonly attempts?: Attempts
}

export interface Turned {
  readonly status: 401 | 403 | 415 | 421 | 429
  readonly because: string
}

export const sessionCookie = 'tocsin_session'

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/** A Fastify `onRequest` hook: answers 4xx with `{ error }` to whoever may not come in. */
export function requireAccess(options: AccessOptions): Hook {
  const attempts = options.attempts ?? countAttempts()
  return guard(
    (request) => turnAwaySite(request, options) ?? turnAwayStranger(request, { ...options, attempts }),
  )
}

/** The same without asking who it is, for the one door that strangers must be able to reach: signing in. */
export function requireOwnSite(options: Omit<AccessOptions, 'clock'>): Hook {
  return guard((request) => turnAwaySite(request, options))
}

function guard(judge: (request: FastifyRequest) => Turned | undefined): Hook {
  return async (request, reply) => {
    const turned = judge(request)
    if (!turned) return undefined
    request.log.info(turned, 'Turned a request away')
    return turnAway(reply, turned)
  }
}

function turnAwaySite(request: FastifyRequest, options: Omit<AccessOptions, 'clock'>): Turned | undefined {
  return turnAwayHost(request, options) ?? turnAwaySender(request, options)
}

export function turnAway(reply: FastifyReply, { status, because }: Turned): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (status === 429) reply.header('retry-after', '60')
  return reply.code(status).header('cache-control', 'no-store').send({ error: because })
}

/**
 * On loopback the name in the Host header is what keeps other sites out: a page that rebinds its own name to
 * 127.0.0.1 still sends that name. With a token the cookie does it, which no browser sends to another name.
 */
export function turnAwayHost(
  request: FastifyRequest,
  { access, publicUrl }: Pick<AccessOptions, 'access' | 'publicUrl'>,
): Turned | undefined {
  const host = requestHost(request)
  if (!host) return { status: 421, because: 'The Host header names no address.' }
  if (access.kind === 'token' || isLoopbackName(host.hostname)) return undefined
  if (publicUrl !== undefined && parseUrl(publicUrl)?.hostname === host.hostname) return undefined
  return {
    status: 421,
    because: `Tocsin does not answer at ${host.hostname.slice(0, 100)}. Open it at localhost, or set its public URL.`,
  }
}

const jsonTypes = new Set(['application/json', 'application/x-ndjson'])
const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

function turnAwaySender(
  request: FastifyRequest,
  { publicUrl, callers }: Omit<AccessOptions, 'clock'>,
): Turned | undefined {
  const sender = senderOf(request, publicUrl)
  if (sender === 'another site') return { status: 403, because: 'Another site may not speak for you here.' }
  if (readingMethods.has(request.method)) return undefined
  if (sender === 'no browser' && callers === 'page') {
    return { status: 403, because: 'Only the page itself may do this; programs use the API.' }
  }
  // A form of another site can send text/plain or urlencoded without asking first; JSON it cannot, nor DELETE anything.
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (jsonTypes.has(type) || request.method === 'DELETE') return undefined
  return { status: 415, because: 'Send application/json.' }
}

function turnAwayStranger(
  request: FastifyRequest,
  { access, clock, attempts }: AccessOptions & { attempts: Attempts },
): Turned | undefined {
  if (access.kind === 'loopback') return undefined
  if (isSession(readCookie(request, sessionCookie) ?? '', access.token, clock())) return undefined
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (bearer === undefined) return { status: 401, because: 'Sign in with the access token.' }
  return checkToken(bearer, access.token, { caller: request.ip, now: clock(), attempts })
}

/** Undefined when the token is right. A caller who guessed too often is not even compared. */
export function checkToken(
  given: string,
  token: string,
  { caller, now, attempts }: { caller: string; now: Date; attempts: Attempts },
): Turned | undefined {
  if (!attempts.mayTry(caller, now)) return { status: 429, because: 'Too many wrong tokens. Wait a minute.' }
  if (isSameSecret(given, token)) return undefined
  attempts.failed(caller, now)
  return { status: 401, because: 'That is not the access token.' }
}
