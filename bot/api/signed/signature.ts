import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { SignedDoorSettings } from '#engine/intake/signed-door.ts'

export type Verdict =
  | {
      readonly genuine: true
      /** The same for the same thing sent again; null: nothing in it tells it from another of the same words. */
      readonly mark: string | null
    }
  | { readonly genuine: false; readonly because: string }

interface Said {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Judge {
  readonly settings: SignedDoorSettings
  readonly secrets: readonly string[]
  readonly now: Date
}

/** Without a secret on our side nothing is believed. */
export function judgeSignature(said: Said, judge: Judge): Verdict {
  if (judge.secrets.length === 0) return refused('no secret of this door can be read')
  return judge.settings.form === 'STANDARD'
    ? judgeStandard(said, judge)
    : judgeHex(said, { ...judge, settings: judge.settings })
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function judgeStandard({ headers, body }: Said, { settings, secrets, now }: Judge): Verdict {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signature = headers['webhook-signature']
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string')
    return refused('webhook-id, webhook-timestamp and webhook-signature are not all there')
  const stale = staleness(timestamp, settings, now)
  if (stale !== undefined) return refused(stale)
  const given = signature.split(' ').flatMap((one) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? [])
  const isSigned = secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return isAmong(given, 'base64', createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest())
  })
  return isSigned ? { genuine: true, mark: markOf(id) } : refused('no secret of ours made its signature')
}

function judgeHex(
  { headers, body }: Said,
  { settings, secrets, now }: Judge & { readonly settings: Extract<SignedDoorSettings, { form: 'HEX' }> },
): Verdict {
  const { header, timestampHeader } = settings
  const signature = headers[header]
  if (typeof signature !== 'string') return refused(`it has no header ${header}`)
  const timestamp = timestampHeader === null ? null : headers[timestampHeader]
  if (timestamp !== null) {
    if (typeof timestamp !== 'string') return refused(`it has no header ${timestampHeader}`)
    const stale = staleness(timestamp, settings, now)
    if (stale !== undefined) return refused(stale)
  }
  const given = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(signature)?.slice(1) ?? []
  const signed = timestamp === null ? body : `${timestamp}:${body}`
  const isSigned = secrets.some((secret) =>
    isAmong(given, 'hex', createHmac('sha256', secret).update(signed).digest()),
  )
  if (!isSigned) return refused('no secret of ours made its signature')
  return { genuine: true, mark: timestamp === null ? null : markOf(signed) }
}

/** Old and from the future alike: a clock that is ahead must not make a recording last longer. */
function staleness(
  timestamp: string,
  { toleranceSeconds }: SignedDoorSettings,
  now: Date,
): string | undefined {
  if (!/^[1-9]\d{0,11}$/.test(timestamp)) return 'its timestamp is not a number of seconds'
  const ageSeconds = now.getTime() / 1000 - Number(timestamp)
  if (ageSeconds > toleranceSeconds) return 'its timestamp is too old'
  return ageSeconds < -toleranceSeconds ? 'its timestamp lies in the future' : undefined
}

function isAmong(given: readonly string[], encoding: 'hex' | 'base64', right: Buffer): boolean {
  return given.some((text) => {
    const bytes = Buffer.from(text, encoding)
    return bytes.length === right.length && timingSafeEqual(bytes, right)
  })
}

function markOf(said: string): string {
  return createHash('sha256').update(said).digest('base64url')
}

function refused(because: string): Verdict {
  return { genuine: false, because }
}
