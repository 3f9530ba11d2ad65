import { z } from 'zod'
import { defineConnection } from './connection.ts'
import { originOf, outsideUrl } from './outside-url.ts'

const severity = z.enum(['critical', 'error', 'warning', 'info'], {
  error: 'PagerDuty knows critical, error, warning and info.',
})

export const pagerDutySettings = z.strictObject({
  /** Accounts in the EU have another host: https://events.eu.pagerduty.com */
  baseUrl: outsideUrl.default('https://events.pagerduty.com'),
  /** What is less is not sent: PagerDuty opens an incident for everything it hears, also for information. */
  leastSeverity: z
    .enum(['CRITICAL', 'WARNING', 'INFO'], { error: 'leastSeverity must be CRITICAL, WARNING or INFO.' })
    .default('WARNING'),
  /** What is less is told as a change event: seen beside incidents, and nobody is called. */
  changeEvents: z.boolean().default(false),
  severities: z
    .strictObject({
      CRITICAL: severity.default('critical'),
      WARNING: severity.default('warning'),
      INFO: severity.default('info'),
    })
    .prefault({}),
})

export type PagerDutySettings = z.infer<typeof pagerDutySettings>

const routingKey = (value: string) =>
  /^[A-Za-z0-9]{32}$/.test(value)
    ? undefined
    : 'An integration key of "Events API v2" has 32 letters and digits: find it at the service, under Integrations.'

/** One for each subscription; several while one takes the place of another. */
const webhookSecrets = (value: string) =>
  /^[\x21-\x7e]{16,1000}$/.test(value)
    ? undefined
    : 'The secret PagerDuty showed when the webhook was made; two are separated by a comma.'

export const pagerDuty = defineConnection<PagerDutySettings>({
  kind: 'pagerduty',
  label: 'PagerDuty',
  about:
    'Opens, acknowledges and resolves incidents through Events API v2; its webhook brings back what people do there.',
  settings: pagerDutySettings,
  secrets: [
    { name: 'routingKey', label: 'Integration key', required: true, problem: routingKey },
    { name: 'webhookSecrets', label: 'Secret of its V3 webhook', required: false, problem: webhookSecrets },
  ],
  hostOf: ({ baseUrl }) => originOf(baseUrl),
})
