import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Conflict, NotFound } from '#db/errors.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'

/** What every refusal of the API looks like: one sentence, and the fields it is about. */
export const problemSchema = z.object({
  error: z.string(),
  fields: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
})

/** The request itself is fine to read but cannot be done; the fields say why. */
export class Invalid extends Error {
  readonly fields: readonly FieldProblem[]

  constructor(message: string, fields: readonly FieldProblem[]) {
    super(message)
    this.name = 'Invalid'
    this.fields = fields
  }
}

/** It can be read, and every part of it makes sense; what it refers to does not allow it. */
export class Unfit extends Invalid {}

/** The one place where throwables become statuses. */
export function answerProblem(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof Unfit) return reply.code(422).send({ error: error.message, fields: error.fields })
  if (error instanceof Invalid) return reply.code(400).send({ error: error.message, fields: error.fields })
  if (error instanceof NotFound) return reply.code(404).send({ error: error.message })
  if (error instanceof Conflict) return reply.code(409).send({ error: error.message })
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.map(({ instancePath, message }) => ({
      field: instancePath.slice(1).replaceAll('/', '.') || 'body',
      problem: message ?? 'This is not right.',
    }))
    return reply.code(400).send({ error: 'The request cannot be read.', fields })
  }
  const status = 'statusCode' in error && error.statusCode !== undefined ? error.statusCode : 500
  if (status < 500) return reply.code(status).send({ error: error.message })
  request.log.error(error, 'a request could not be answered')
  return reply.code(500).send({ error: `That did not work. The log has the reason under ${request.id}.` })
}
