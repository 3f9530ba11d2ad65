import type { FastifyInstance } from 'fastify'
import { isTooDeep, tooDeep } from '#engine/intake/json.ts'

/** Fastify's own parser, which refuses `__proto__`, takes any depth; schemas and walkers behind it are recursive. */
export function takeShallowJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Many clients name a type whether they send anything or not, and what is merely switched on or off needs no body.
    if (body === '') return done(null, undefined)
    return parse(request, String(body), (error, value) => {
      if (error) return done(error)
      if (!isTooDeep(value)) return done(null, value)
      return done(Object.assign(new Error(`The body cannot be read: ${tooDeep}.`), { statusCode: 400 }))
    })
  })
}
