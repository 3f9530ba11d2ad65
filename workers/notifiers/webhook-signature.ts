import { createHmac } from 'node:crypto'
import type { Secrets } from '#engine/connection/connection.ts'
import type { WebhookSettings } from '#engine/connection/webhook.ts'

interface Signed {
  readonly body: string
  readonly id: string
  /** Of this attempt: a receiver refuses what is older than a few minutes. */
  readonly now: Date
}

/**
 * Standard Webhooks 1.0 (`id.timestamp.body`, base64), signed by both keys while one is being replaced; and seed 004's hex
 * form over the body alone, or as Grafana does it with the time before it, under the headers that were chosen.
 */
export function signatures(
  { signatureHeader, signatureTimestampHeader }: WebhookSettings,
  { signingKey, previousSigningKey, hmacSecret }: Secrets,
  { body, id, now }: Signed,
): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const keys = [signingKey, previousSigningKey].filter((key) => key !== undefined)
  const signed = keys.map((key) => `v1,${standardSignature(key, `${id}.${timestamp}.${body}`)}`)
  const signedInHex = signatureTimestampHeader === null ? body : `${timestamp}:${body}`
  const hex =
    hmacSecret === undefined ? undefined : createHmac('sha256', hmacSecret).update(signedInHex).digest('hex')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signed.length > 0 && { 'webhook-signature': signed.join(' ') }),
    ...(hex !== undefined && { [signatureHeader.toLowerCase()]: `sha256=${hex}` }),
    ...(hex !== undefined &&
      signatureTimestampHeader !== null && { [signatureTimestampHeader.toLowerCase()]: timestamp }),
  }
}

function standardSignature(key: string, text: string): string {
  const bytes = Buffer.from(key.replace(/^whsec_/, ''), 'base64')
  return createHmac('sha256', bytes).update(text).digest('base64')
}
