import type { FastifyReply, FastifyRequest } from 'fastify'

const secondsPerDay = 86_400

export function readCookie(request: FastifyRequest, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

export interface CookieOptions {
  readonly days: number
  readonly secure: boolean
}

/** Never readable by scripts and never sent from another site. `value` must need no escaping. */
export function writeCookie(
  reply: FastifyReply,
  name: string,
  value: string,
  { days, secure }: CookieOptions,
): void {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${days * secondsPerDay}`]
  reply.header('set-cookie', [`${name}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; '))
}
