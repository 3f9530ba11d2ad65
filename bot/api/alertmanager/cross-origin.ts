import type { FastifyInstance } from 'fastify'

const allowed = {
  'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
  'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
  'access-control-max-age': '600',
}

/**
 * Lets the pages of these sites read the answers, and ask before they send (CORS, https://fetch.spec.whatwg.org): a browser
 * asks without credentials, so this comes before the hook that wants them. Always one site by its name, never `*`, because
 * karma sends credentials.
 */
export function allowOrigins(scope: FastifyInstance, origins: ReadonlySet<string>): void {
  scope.addHook('onRequest', async ({ method, headers: { origin } }, reply) => {
    reply.header('vary', 'Origin')
    if (origin === undefined || !origins.has(origin)) return undefined
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'Link',
    })
    return method === 'OPTIONS' ? reply.headers(allowed).code(204).send() : undefined
  })
  // Who is not on the list is answered by the hook that follows.
  scope.options('/*', { schema: { hide: true } }, async (_request, reply) => reply.code(403).send())
}
