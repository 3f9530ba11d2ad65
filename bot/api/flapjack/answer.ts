import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Turned } from '#bot/console/access.ts'
import { Conflict, NotFound, quoteNames } from '#db/errors.ts'
import { type Reading, readEach } from '#engine/directory/reading.ts'
import { type FlapjackPatch, linkChanges, readFlapjackPatch } from '#engine/intake/flapjack-patch.ts'
import { isObject, readJson } from '#engine/intake/json.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'

/** Flapjack's errors are a status and a list of sentences. */
export class Refused extends Error {
  readonly status: number
  readonly errors: readonly string[]

  constructor(status: number, errors: readonly string[]) {
    super(errors.join(' '))
    this.name = 'Refused'
    this.status = status
    this.errors = errors
  }
}

const mediaType = 'application/vnd.api+json; charset=utf-8'

export function answer(reply: FastifyReply, body: unknown, status = 200): FastifyReply {
  return reply.code(status).type(mediaType).send(JSON.stringify(body))
}

/** The URL that all paths are below, as whoever asks reaches it. */
export type Whereabouts = (request: FastifyRequest) => string

/** Clients give up on headers of 16 KiB, and would get no further with such a path. */
const longestLocation = 8000

/** 201, where they are, and their ids. */
export function answerCreated(
  request: FastifyRequest,
  reply: FastifyReply,
  { at, plural, ids }: { at: Whereabouts; plural: string; ids: readonly string[] },
): FastifyReply {
  // Colons are as good in a path as they are in a check's id.
  const named = ids.map((id) => encodeURIComponent(id).replaceAll('%3A', ':')).join(',')
  const all = `${at(request)}/${plural}`
  const location = named.length > longestLocation ? all : `${all}/${named}`
  return answer(reply.header('location', location), ids, 201)
}

export function answerErrors(reply: FastifyReply, status: number, errors: readonly string[]): FastifyReply {
  return answer(reply, { errors }, status)
}

export function answerTurnedAway(reply: FastifyReply, { status, because }: Turned): FastifyReply {
  // There, a body of another type is a method that is not allowed.
  return answerErrors(reply, status === 415 ? 405 : status, [because])
}

export function answerError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof Refused) return answerErrors(reply, error.status, error.errors)
  if (error instanceof NotFound) return answerErrors(reply, 404, [error.message])
  if (error instanceof Conflict) return answerErrors(reply, 409, [error.message])
  const status = 'statusCode' in error && error.statusCode !== undefined ? error.statusCode : 500
  if (status < 500) return answerErrors(reply, status === 415 ? 405 : status, [error.message])
  request.log.error(error, 'a request could not be answered')
  return answerErrors(reply, 500, [`That did not work. The log has the reason under ${request.id}.`])
}

/** Ids as they are listed in a path. */
export function idsIn(text: string): string[] {
  return [...new Set(text.split(',').filter((id) => id !== ''))]
}

/** undefined where none are listed, which asks for all. */
export function idsAsked(text: string | undefined): string[] | undefined {
  const ids = idsIn(text ?? '')
  return ids.length > 0 ? ids : undefined
}

/** Says that none of those asked for is there. */
export function requireSome(
  found: readonly unknown[],
  ids: readonly string[] | undefined,
  what: string,
): void {
  if (ids && found.length === 0) throw new NotFound(`${what} ${quoteNames(ids)}`)
}

/**
 * What is wrapped in the plural name, each read. `missing`: the status and sentence where there is none; without one
 * an empty object is taken for it.
 */
export function readWrapped<Value>(
  body: unknown,
  plural: string,
  read: (value: unknown) => Reading<Value>,
  missing?: { readonly status: number; readonly because: string },
): readonly Value[] {
  const wrapped = readObject(body)[plural]
  if (wrapped === undefined && !missing) return accepted(readEach([{}], read), plural)
  if (!Array.isArray(wrapped))
    throw new Refused(missing?.status ?? 403, [
      missing?.because ?? `The received '${plural}' object is not an Array`,
    ])
  return accepted(readEach(wrapped, read), plural)
}

function readObject(body: unknown): Readonly<Record<string, unknown>> {
  const text = typeof body === 'string' ? body : ''
  if (text.trim() === '') return {}
  const json = readJson(text)
  if ('problem' in json) throw new Refused(400, [`The body cannot be read as JSON: ${json.problem}.`])
  if (!isObject(json.value)) throw new Refused(400, ['The body must be a JSON object.'])
  return json.value
}

export function accepted<Value>(reading: Reading<Value>, place = ''): Value {
  if (reading.kind === 'read') return reading.value
  throw new Refused(422, sentences(reading.problems, place))
}

function sentences(problems: readonly FieldProblem[], place = ''): string[] {
  return problems.map(({ field, problem }) =>
    [[place, field].filter(Boolean).join('.'), problem].filter(Boolean).join(': '),
  )
}

export function readPatch(body: unknown, plural: string): FlapjackPatch {
  const patch = readFlapjackPatch(typeof body === 'string' ? body : '', plural)
  if (patch) return patch
  throw new Refused(400, [
    'Invalid JSON-Patch request: send an array of operations such as ' +
      `{ "op": "replace", "path": "/${plural}/0/…", "value": … }.`,
  ])
}

export function changesOf(patch: FlapjackPatch, link: string): ReadonlyMap<string, 'add' | 'remove'> {
  return accepted(linkChanges(patch, link))
}
