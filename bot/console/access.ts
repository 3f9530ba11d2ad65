import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Caller, callerName, callerRefusal } from '#engine/api-access.ts'
import { type Refusal, stranger } from '#engine/audit.ts'
import type { Surface } from '#engine/person.ts'
import { countAttempts, type Attempts } from './attempts.ts'
import { findCallerOf, houseCaller, noteCaller } from './callers.ts'
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
  /** For clients who know no other way: the token may also be the password of HTTP Basic, with any name. */
  readonly takesBasic?: boolean
  /** Sites whose pages may speak for whoever opened them, beside our own, e.g. `https://karma.example.org`. */
  readonly origins?: ReadonlySet<string> | undefined
  /** Types of JSON taken beside `application/json`. */
  readonly jsonTypes?: ReadonlySet<string>
  /** Whom tokens with roles belong to. Without it there are none, and whoever comes in may do everything behind this door. */
  readonly findCaller?: (token: string) => Promise<Caller | undefined>
  /** Told of whoever was turned away, for the audit. */
  readonly noteRefusal?: (refusal: Refusal) => void
  /** What stands before its paths where others serve the same: a port of its own needs no prefix. */
  readonly below?: string
}

export interface Turned {
  readonly status: 401 | 403 | 404 | 415 | 421 | 429
  readonly because: string
}

export const sessionCookie = 'tocsin_session'

/** In the words of the door that it is said at. */
type Answer = (reply: FastifyReply, turned: Turned) => FastifyReply

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/** A Fastify `onRequest` hook: answers 4xx with `{ error }` to whoever may not come in. */
export function requireAccess(options: AccessOptions, answer: Answer = turnAway): Hook {
  const attempts = options.attempts ?? countAttempts()
  return guard(
    async (request) =>
      turnAwaySite(request, options) ?? (await turnAwayCaller(request, { ...options, attempts })),
    options,
    answer,
  )
}

/** The same without asking who it is, for the one door that strangers must be able to reach: signing in. */
export function requireOwnSite(options: Omit<AccessOptions, 'clock'>): Hook {
  return guard(async (request) => turnAwaySite(request, options), options)
}

function guard(
  judge: (request: FastifyRequest) => Promise<Turned | undefined>,
  { noteRefusal, callers }: Pick<AccessOptions, 'noteRefusal' | 'callers'>,
  answer: Answer = turnAway,
): Hook {
  return async (request, reply) => {
    const turned = await judge(request)
    if (!turned) return undefined
    request.log.info(turned, 'Turned a request away')
    if (isAttempt(request, turned, callers))
      noteRefusal?.(refusalOf(request, turned, callers === 'page' ? 'local' : 'api'))
    return answer(reply, turned)
  }
}

/** Not a wrong type or path, and not somebody who opened the page and has yet to sign in. */
function isAttempt(
  { headers }: FastifyRequest,
  { status }: Turned,
  callers: AccessOptions['callers'],
): boolean {
  if (status === 404 || status === 415) return false
  return status !== 401 || callers === 'programs' || headers.authorization !== undefined
}

/** The path alone: what is behind its `?` may be a secret. */
export function refusalOf(request: FastifyRequest, { because }: Turned, door: Surface): Refusal {
  const { method, ip, url } = request
  const caller = findCallerOf(request)
  return {
    door,
    actor: stranger(caller ? callerName(caller) : ip),
    what: `${method} ${url.split('?')[0] ?? ''}`,
    because,
  }
}

function turnAwaySite(request: FastifyRequest, options: Omit<AccessOptions, 'clock'>): Turned | undefined {
  return turnAwayHost(request, options) ?? turnAwaySender(request, options)
}

export function turnAway(reply: FastifyReply, { status, because }: Turned): FastifyReply {
  if (status === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', 'Bearer')
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
  { publicUrl, callers, origins, jsonTypes: others }: Omit<AccessOptions, 'clock'>,
): Turned | undefined {
  const sender = senderOf(request, { publicUrl, origins })
  if (sender === 'another site') return { status: 403, because: 'Another site may not speak for you here.' }
  if (readingMethods.has(request.method)) return undefined
  if (sender === 'no browser' && callers === 'page') {
    return { status: 403, because: 'Only the page itself may do this; programs use the API.' }
  }
  // A form of another site can send text/plain or urlencoded without asking first; JSON it cannot, nor DELETE anything.
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (jsonTypes.has(type) || request.method === 'DELETE') return undefined
  if (callers === 'programs' && isEmpty(request)) return undefined
  if (others?.has(type)) return undefined
  return { status: 415, because: 'Send application/json.' }
}

/** No form can be sent like this. */
function isEmpty({ headers }: FastifyRequest): boolean {
  const { 'content-type': type, 'content-length': length = '0', 'transfer-encoding': encoding } = headers
  return type === undefined && length === '0' && encoding === undefined
}

/** Programs are asked who they are and what they may; behind the other doors whoever comes in may do everything. */
async function turnAwayCaller(
  request: FastifyRequest,
  options: AccessOptions & { attempts: Attempts },
): Promise<Turned | undefined> {
  const { findCaller, below = '' } = options
  if (!findCaller) return turnAwayStranger(request, options)
  const given = givenToken(request, options)
  const known = given === undefined ? undefined : await findCaller(given)
  const stranger = known ? undefined : await turnAwayStranger(request, options)
  if (stranger) return stranger
  const caller = known ?? houseCaller
  noteCaller(request, caller)
  const { method, params, routeOptions } = request
  // What is no route is nobody's secret: it is answered as such.
  if (routeOptions.url === undefined) return undefined
  return callerRefusal(caller, { method, path: below + routeOptions.url, params })
}

async function turnAwayStranger(
  request: FastifyRequest,
  options: AccessOptions & { attempts: Attempts },
): Promise<Turned | undefined> {
  const { access, clock, attempts } = options
  if (access.kind === 'loopback') return undefined
  if (isSession(readCookie(request, sessionCookie) ?? '', access.token, clock())) return undefined
  const given = givenToken(request, options)
  if (given === undefined) return { status: 401, because: 'Sign in with the access token.' }
  return checkToken(given, access.token, { caller: request.ip, now: clock(), attempts })
}

function givenToken(
  { headers: { authorization = '' } }: FastifyRequest,
  { takesBasic = false }: Pick<AccessOptions, 'takesBasic'>,
): string | undefined {
  return (
    /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? (takesBasic ? basicPassword(authorization) : undefined)
  )
}

function basicPassword(authorization: string): string | undefined {
  const [, encoded] = /^Basic +([\w+/=-]+)$/i.exec(authorization) ?? []
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : pair.slice(colon + 1)
}

/**
 * Undefined when the token is right, whoever else guesses at the same address: many people may be behind one proxy, and
 * what they rely on must not be for a stranger to switch off. While somebody guesses, every answer is slow.
 */
export async function checkToken(
  given: string,
  token: string,
  { caller, now, attempts }: { caller: string; now: Date; attempts: Attempts },
): Promise<Turned | undefined> {
  const isGuessed = attempts.guesses(caller, now)
  if (isGuessed) await attempts.pause()
  if (isSameSecret(given, token)) return undefined
  attempts.failed(caller, given, now)
  return isGuessed
    ? { status: 429, because: 'Too many wrong tokens. Wait a minute.' }
    : { status: 401, because: 'That is not the access token.' }
}
