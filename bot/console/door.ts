import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requireAccess, requireOwnSite, turnAway, type Access } from './access.ts'
import { countAttempts } from './attempts.ts'
import { serveChat, type ChatOptions } from './chat-routes.ts'
import { securityHeaders, servePage } from './page.ts'
import { serveSignIn } from './sign-in.ts'
import { openStream } from './stream.ts'

export interface ConsoleOptions extends ChatOptions {
  /** The folder `builtConsole` answered. */
  readonly page: string
  readonly access: Access
}

/** The local chat at `/`: the page itself to anyone on a name of ours, the chat behind it to whoever may come in. */
export function consoleDoor(app: FastifyInstance, options: ConsoleOptions): void {
  const guard = {
    access: options.access,
    publicUrl: options.publicUrl,
    clock: options.front.clock,
    attempts: countAttempts(),
    callers: 'page',
    noteRefusal: options.front.noteRefusal,
  } as const

  void app.register(async (door) => {
    door.addHook('onRequest', async (_, reply) => void reply.headers(securityHeaders))
    door.addHook('onRoute', (route) => void (route.bodyLimit = 256 * 1024))
    door.setErrorHandler(answerError)
    servePage(door, options.page, options)
    await door.register(async (lobby) => {
      lobby.addHook('onRequest', requireOwnSite(guard))
      serveSignIn(lobby, guard)
    })
    await door.register(async (room) => {
      room.addHook('onRequest', requireAccess(guard))
      room.addHook('onRequest', async (_, reply) => void reply.header('cache-control', 'no-store'))
      serveChat(room, options)
      serveStream(room, options)
    })
  })
}

function serveStream(app: FastifyInstance, { chat, front }: ConsoleOptions): void {
  const stream = openStream(chat, front.clock)
  // An open stream never becomes idle, so without this the server would wait for every reader to leave.
  app.addHook('preClose', async () => stream.close())
  app.get('/chat/stream', (_, reply) => {
    const headers = { ...securityHeaders, 'cache-control': 'no-store' }
    if (stream.open(reply.raw, headers)) return reply.hijack()
    return turnAway(reply, { status: 429, because: 'Too many pages are open. Close some of them.' })
  })
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof z.ZodError) {
    return reply.code(400).send({ error: z.prettifyError(error).slice(0, 500) })
  }
  const status = error.statusCode ?? 500
  if (status < 500) return reply.code(status).send({ error: error.message })
  request.log.error(error, 'The local chat could not answer')
  return reply.code(500).send({ error: `That did not work. The log has the reason under ${request.id}.` })
}
