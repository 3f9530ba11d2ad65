import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiRefusal } from '#engine/intake/api-refusal.ts'

/** A text is sent as JSON too: amtool reads nothing else. */
export function answerRefusal(reply: FastifyReply, { status, body }: ApiRefusal): FastifyReply {
  return reply.code(status).type('application/json').send(JSON.stringify(body))
}

/** Parameters may be repeated, which a plain object of them does not tell. */
export function searchOf(request: FastifyRequest): URLSearchParams {
  const { url } = request
  const mark = url.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
}
