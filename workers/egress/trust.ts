import { createHash, timingSafeEqual } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import type { TlsTrust } from '#engine/connection/tls-trust.ts'

/** Whom a connection believes, with the key of the certificate it shows. */
export type Trust = TlsTrust & { readonly clientKey?: string | undefined }

/** It is not the certificate that was pinned; it may be a new one of theirs, or somebody in between. */
export class WrongCertificate extends Error {
  override readonly name = 'WrongCertificate'

  constructor() {
    super('It does not show the certificate that is pinned: if theirs is a new one, pin that.')
  }
}

export function trustOptions(
  trust: Trust,
): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'> {
  switch (trust.mode) {
    case 'SYSTEM_DEFAULT':
      return {}
    case 'CUSTOM_CA':
      return { ca: trust.ca }
    case 'CLIENT_CERTIFICATE':
      return {
        cert: trust.certificate,
        ...(trust.clientKey !== undefined && { key: trust.clientKey }),
        ...(trust.ca !== undefined && { ca: trust.ca }),
      }
    // The pin itself is compared once the handshake is done, before anything is sent.
    case 'PINNED':
    case 'INSECURE':
      return { rejectUnauthorized: false }
  }
}

export function isPinned({ sha256 }: { readonly sha256: string }, shown: Buffer): boolean {
  const pinned = Buffer.from(sha256, 'hex')
  return pinned.length === shown.length && timingSafeEqual(pinned, shown)
}

export function trustKey(trust: Trust): string {
  if (trust.mode === 'SYSTEM_DEFAULT') return trust.mode
  return createHash('sha256').update(JSON.stringify(trust)).digest('base64')
}
