import { z } from 'zod'

const headerName = z
  .string({ error: 'The name of a header, such as X-Hub-Signature-256.' })
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i, 'This is no name of a header.')
  .transform((name) => name.toLowerCase())

/** What its bodies are: events in Flapjack's form, notices, or whatever the mapping of a webhook reads. */
const reads = z.union(
  [
    z.literal('events'),
    z.literal('notices'),
    z
      .string()
      .regex(/^webhooks\/[a-z0-9][a-z0-9-]{0,62}$/)
      .transform((path) => path as `webhooks/${string}`),
  ],
  { error: 'reads is events, notices, or webhooks/ and the name of a mapping, such as webhooks/grafana.' },
)

const toleranceSeconds = z
  .int({ error: 'toleranceSeconds is a whole number of seconds.' })
  .min(1, 'At least a second.')
  .max(3600, 'At most an hour: whoever recorded a request could send it again as long.')
  .default(300)

/** Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` and `webhook-signature`. */
const standard = z.strictObject({ form: z.literal('STANDARD'), reads, toleranceSeconds })

/** `<header>: sha256=<hex>` over the body; with a timestamp's header over `<timestamp>:<body>`, as Grafana signs. */
const hex = z.strictObject({
  form: z.literal('HEX'),
  reads,
  header: headerName.default('x-signature-256'),
  timestampHeader: headerName.nullable().default(null),
  toleranceSeconds,
})

export const signedDoorSettings = z.discriminatedUnion('form', [standard, hex], {
  error: 'form is STANDARD (Standard Webhooks) or HEX (a header with sha256=<hex>).',
})

export type SignedDoorSettings = z.infer<typeof signedDoorSettings>

/** `whsec_` and 24 to 64 random bytes in base64, as Standard Webhooks writes them; of HEX any text that nobody guesses. */
export function doorSecretProblem(form: SignedDoorSettings['form'], secret: string): string | undefined {
  if (form === 'HEX')
    return secret.length >= 16 && secret.length <= 1000 ? undefined : 'Between 16 and 1,000 characters.'
  const [, bytes = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
  const length = Math.floor((bytes.replaceAll('=', '').length * 3) / 4)
  return length >= 24 && length <= 64 ? undefined : 'Write whsec_ and 24 to 64 random bytes in base64.'
}

/** What whoever keeps it should know for as long as it is as it is. */
export function signedDoorWarnings(settings: SignedDoorSettings): string[] {
  return settings.form === 'HEX' && settings.timestampHeader === null
    ? [
        'Without timestampHeader the signature says nothing about when: whoever records a request can send it again. Set it where the sender can.',
      ]
    : []
}
