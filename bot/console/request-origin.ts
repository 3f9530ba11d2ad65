import type { FastifyRequest } from 'fastify'

/** The Host header's name and port, lower case; undefined when it is none. */
export function requestHost(request: FastifyRequest): URL | undefined {
  const host = request.headers.host ?? ''
  return /^[\w.:[\]-]+$/.test(host) ? parseUrl(`http://${host}`) : undefined
}

export function isLoopbackName(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}

/** Whether the page that sent this was served by us, or by somebody we were told to trust: the only pages that may act with a person's rights. */
export type Sender = 'our page' | 'trusted site' | 'another site' | 'no browser'

interface Sites {
  readonly publicUrl?: string | undefined
  readonly origins?: ReadonlySet<string> | undefined
}

export function senderOf(request: FastifyRequest, { publicUrl, origins }: Sites): Sender {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined && origins?.has(origin)) return 'trusted site'
  if (origin !== undefined) return isOurs(origin, request, publicUrl) ? 'our page' : 'another site'
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'our page' : 'another site'
  return 'no browser'
}

function isOurs(origin: string, request: FastifyRequest, publicUrl: string | undefined): boolean {
  const from = parseUrl(origin)
  if (!from) return false
  return (
    from.host === requestHost(request)?.host ||
    (publicUrl !== undefined && from.origin === parseUrl(publicUrl)?.origin)
  )
}

export function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
