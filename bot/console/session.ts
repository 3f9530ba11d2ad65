import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const sessionDays = 30
const dayMs = 86_400_000

/**
 * What the cookie holds instead of the token: when it was made, and a proof that whoever made it knew the token.
 * A new token ends every session; nothing needs to be stored.
 */
export function makeSession(token: string, now: Date): string {
  const made = now.getTime().toString(36)
  return `${made}.${proof(token, made)}`
}

export function isSession(value: string, token: string, now: Date): boolean {
  const [made = '', proven = ''] = value.split('.')
  const ageMs = now.getTime() - Number.parseInt(made, 36)
  return isSameSecret(proven, proof(token, made)) && ageMs > -dayMs && ageMs < sessionDays * dayMs
}

/** Compares in a time that tells nothing, neither the content nor the length. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function proof(token: string, made: string): string {
  return createHmac('sha256', token).update(`tocsin session ${made}`).digest('base64url')
}
