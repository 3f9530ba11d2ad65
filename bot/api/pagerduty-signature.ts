import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * `X-PagerDuty-Signature: v1=<hex>,v1=<hex>`: an HMAC-SHA256 of the body as it came, one for each secret that is active over
 * there. Without a secret on our side nothing is believed.
 */
export function isSignedByPagerDuty(header: unknown, body: string, secrets: readonly string[]): boolean {
  if (typeof header !== 'string' || header.length > 2000) return false
  const given = header.split(',').flatMap((part) => /^v1=([0-9a-f]{64})$/.exec(part.trim())?.[1] ?? [])
  return secrets.some((secret) => {
    const right = createHmac('sha256', secret).update(body).digest()
    return given.some((hex) => timingSafeEqual(Buffer.from(hex, 'hex'), right))
  })
}
