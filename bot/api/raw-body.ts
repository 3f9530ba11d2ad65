import type { FastifyInstance } from 'fastify'

/** Ten thousand alerts are about this much. */
export const mostBytes = 5 * 1024 * 1024

/** Bodies as text: the engine's readers judge them, so that what is wrong is said in the words of each protocol. */
export function takeRawBodies(app: FastifyInstance, types: readonly string[]): void {
  app.removeAllContentTypeParsers()
  for (const type of types) {
    app.addContentTypeParser(type, { parseAs: 'string', bodyLimit: mostBytes }, (_request, body, done) => {
      done(null, body)
    })
  }
}
