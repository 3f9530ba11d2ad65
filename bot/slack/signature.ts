import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Recent } from './recent.ts'

export type Verdict =
  | { readonly genuine: true; readonly secret: string }
  | { readonly genuine: false; readonly because: string }

const farthestSeconds = 5 * 60
/** Longer than a timestamp can stay valid: five minutes early until five minutes late. */
const rememberReplaysMs = 10 * 60_000

/**
 * https://docs.slack.dev/authentication/verifying-requests-from-slack, and stricter where that is silent: a time from
 * the future is refused like one from the past, and what was accepted once is not accepted again. Several secrets are
 * in force while one is being replaced.
 */
export function signatureCheck(secrets: readonly string[], now: () => number = Date.now) {
  const accepted = new Recent<true>({ forMs: rememberReplaysMs, atMost: 50_000, now })

  return function check(headers: IncomingHttpHeaders, body: Buffer): Verdict {
    const timestamp = headers['x-slack-request-timestamp']
    const signature = headers['x-slack-signature']
    if (typeof timestamp !== 'string' || typeof signature !== 'string') return refused('it is not signed')
    if (!/^[1-9]\d{0,11}$/u.test(timestamp)) return refused('its timestamp is not a number of seconds')
    const ageSeconds = now() / 1000 - Number(timestamp)
    if (ageSeconds > farthestSeconds) return refused('its timestamp is too old')
    if (ageSeconds < -farthestSeconds) return refused('its timestamp lies in the future')
    const secret = secrets.filter((secret) => isEqual(signature, sign(secret, timestamp, body))).at(0)
    if (secret === undefined) return refused('no signing secret of ours made its signature')
    if (!accepted.isFirst(signature, true)) return refused('it was received before')
    return { genuine: true, secret }
  }
}

export function sign(secret: string, timestamp: string, body: Buffer | string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`
}

function refused(because: string): Verdict {
  return { genuine: false, because }
}

/** Takes equally long wherever the difference is; only the length, which is no secret, shows. */
function isEqual(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
