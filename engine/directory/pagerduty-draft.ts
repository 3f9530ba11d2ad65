import { z } from 'zod'
import type { MediumDraft } from './medium-draft.ts'
import { mediaWays } from './media-ways.ts'
import { optionalText, type Reading, readWith, text } from './reading.ts'

/*
 * Credentials as Flapjack's JSON API 1.x takes them:
 *
 *   { "service_key": "c15e1a4d0b8f4ad2a8e4f1c3b5d7e9f0", "subdomain": "example", "token": "…" }
 *
 * The service key is the whole of what tells PagerDuty something. The rest Flapjack asked PagerDuty with, every ten seconds,
 * whether somebody had acknowledged; here PagerDuty says so by itself (`/api/v1/pagerduty`), so the rest is read and not kept.
 */

const serviceKey = text(100).superRefine((key, issues) => {
  const message = mediaWays.pagerduty.problem?.(key)
  if (message !== undefined) issues.addIssue({ code: 'custom', message })
})

const schema = z
  .object(
    {
      service_key: serviceKey,
      subdomain: optionalText(200),
      token: optionalText(200),
      username: optionalText(200),
      password: optionalText(200),
    },
    'must be an object with service_key.',
  )
  .transform(({ service_key }): MediumDraft => ({
    type: 'pagerduty',
    address: service_key,
    intervalSeconds: null,
    rollupThreshold: null,
  }))

export function readPagerdutyCredentials(value: unknown): Reading<MediumDraft> {
  return readWith(schema, value)
}
