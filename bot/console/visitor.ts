import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Identity } from '#bot/front.ts'
import { readCookie, writeCookie } from './cookie.ts'
import { parseUrl, requestHost } from './request-origin.ts'

/**
 * Who sits in front of this browser: a random id and the name they gave. Whoever gets this far may act anyway, so
 * the name is a courtesy to the others; the id is unguessable, so nobody speaks as somebody else by accident.
 */
export interface Visitor {
  readonly id: string
  readonly name: string
}

const nobodyYet = 'you'
const visitorCookie = 'tocsin_person'

export function knownVisitor(request: FastifyRequest): Visitor | undefined {
  const [id = '', name = ''] = (readCookie(request, visitorCookie) ?? '').split('.')
  if (!/^[0-9a-f-]{36}$/.test(id)) return undefined
  return { id, name: tidyName(Buffer.from(name, 'base64url').toString()) ?? nobodyYet }
}

/** Every browser keeps its cookie from the first answer on. */
export function greetVisitor(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string | undefined,
): Visitor {
  return (
    knownVisitor(request) ?? keepVisitor({ id: randomUUID(), name: nobodyYet }, { request, reply, publicUrl })
  )
}

export function keepVisitor(
  visitor: Visitor,
  {
    request,
    reply,
    publicUrl,
  }: { request: FastifyRequest; reply: FastifyReply; publicUrl: string | undefined },
): Visitor {
  const value = `${visitor.id}.${Buffer.from(visitor.name).toString('base64url')}`
  writeCookie(reply, visitorCookie, value, { days: 365, secure: isSecure(request, publicUrl) })
  return visitor
}

/** A cookie marked Secure would be lost on the plain http of loopback, which some browsers do not trust. */
export function isSecure(request: FastifyRequest, publicUrl: string | undefined): boolean {
  const url = parseUrl(publicUrl ?? '')
  return url?.protocol === 'https:' && url.hostname === requestHost(request)?.hostname
}

export function identityOf({ id, name }: Visitor): Identity {
  return { surface: 'local', tenant: 'local', externalId: id, name }
}

/** One visible line of at most 60 characters; undefined when nothing of it is left. */
export function tidyName(text: string): string | undefined {
  const visible = text.toWellFormed().normalize('NFC').replace(unseen, ' ').replace(/\s+/g, ' ').trim()
  const name = Array.from(new Intl.Segmenter().segment(visible), (one) => one.segment)
    .slice(0, 60)
    .join('')
  return name === '' ? undefined : name
}

/** Control characters, line ends, and the marks that make text run the other way and so rewrite its neighbours. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}]/gu
