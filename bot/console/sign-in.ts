import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Refusal } from '#engine/audit.ts'
import { checkToken, refusalOf, sessionCookie, turnAway, type Access } from './access.ts'
import type { Attempts } from './attempts.ts'
import { writeCookie } from './cookie.ts'
import { makeSession } from './session.ts'
import { isSecure } from './visitor.ts'

export interface SignInOptions {
  readonly access: Access
  readonly attempts: Attempts
  readonly publicUrl: string | undefined
  readonly clock: () => Date
  readonly noteRefusal?: (refusal: Refusal) => void
}

const offered = z.object({ token: z.string().max(1000) })

/** Exchanges the token for a cookie that proves it was known. */
export function serveSignIn(app: FastifyInstance, options: SignInOptions): void {
  const { access, attempts, publicUrl, clock, noteRefusal } = options
  app.post('/chat/sign-in', async (request, reply) => {
    const { token } = offered.parse(request.body)
    if (access.kind === 'loopback') return { signedIn: true }
    const turned = await checkToken(token.trim(), access.token, {
      caller: request.ip,
      now: clock(),
      attempts,
    })
    if (turned) {
      noteRefusal?.(refusalOf(request, turned, 'local'))
      return turnAway(reply, turned)
    }
    const session = makeSession(access.token, clock())
    writeCookie(reply, sessionCookie, session, { days: 30, secure: isSecure(request, publicUrl) })
    return { signedIn: true }
  })
}
