import { z } from 'zod'
import { bodyTemplateProblem } from '#engine/message/body-template.ts'
import { defineConnection } from './connection.ts'
import { originOf, outsideUrlProblem } from './outside-url.ts'
import { privateKeyProblem, systemTrust, tlsTrustSchema } from './tls-trust.ts'

const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i
const reservedHeaders =
  /^(host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|webhook-.*|idempotency-key)$/i
const secretHeaders = /^(authorization|cookie|x-api-key|api-key|x-auth-token)$/i

const headerValue = z
  .string({ error: 'A header is text.' })
  .max(2000, 'The header is longer than 2,000 characters.')
  .regex(/^[\t\x20-\x7e]*$/, 'A header is one line of ASCII.')

const headers = z
  .record(z.string(), headerValue)
  .refine((all) => Object.keys(all).length <= 50, 'At most 50 headers.')
  .superRefine((all, context) => {
    for (const name of Object.keys(all)) {
      const problem = headerProblem(name)
      if (problem !== undefined) context.addIssue({ code: 'custom', path: [name], message: problem })
    }
  })

function headerProblem(name: string): string | undefined {
  if (!headerName.test(name)) return 'This is no name of a header.'
  if (reservedHeaders.test(name)) return 'This header is set by Tocsin itself: leave it out.'
  if (secretHeaders.test(name))
    return 'Everybody who may look would read it here: use auth, or the secret secretHeaderValue with secretHeader.'
  return undefined
}

const basic = z.strictObject({
  kind: z.literal('BASIC'),
  username: z
    .string()
    .min(1, 'BASIC needs a username.')
    .max(200)
    .refine((name) => !name.includes(':'), 'A username holds no colon.'),
})

/** STANDARD: Standard Webhooks 1.0, our own event. ALERTMANAGER: as its webhook_configs say it, version 4. TEMPLATE: as bodyTemplate says. */
const bodies = ['STANDARD', 'ALERTMANAGER', 'TEMPLATE'] as const

const fields = z.strictObject({
  method: z.enum(['POST', 'PUT', 'PATCH'], { error: 'method must be POST, PUT or PATCH.' }).default('POST'),
  tls: tlsTrustSchema.default(systemTrust),
  auth: z
    .discriminatedUnion(
      'kind',
      [z.strictObject({ kind: z.literal('NONE') }), basic, z.strictObject({ kind: z.literal('BEARER') })],
      { error: 'auth.kind must be NONE, BASIC or BEARER.' },
    )
    .default({ kind: 'NONE' }),
  headers: headers.default({}),
  /** A header whose value is a secret, such as X-Api-Key. */
  secretHeader: z
    .string()
    .regex(headerName, 'This is no name of a header.')
    .refine((name) => !reservedHeaders.test(name), 'This header is set by Tocsin itself: choose another.')
    .nullable()
    .default(null),
  body: z.enum(bodies, { error: `body must be one of ${bodies.join(', ')}.` }).default('STANDARD'),
  /** Of TEMPLATE. */
  bodyTemplate: z.string({ error: 'bodyTemplate must be text.' }).nullable().default(null),
  /** Under which header the hex HMAC of the body goes: seed 004's, or what a receiver of another house expects. */
  signatureHeader: z
    .string()
    .regex(headerName, 'This is no name of a header.')
    .refine((name) => !reservedHeaders.test(name), 'This header is set by Tocsin itself: choose another.')
    .default('X-Cameleer-Signature'),
  /** Where it is named, what is signed so is `<unix seconds>:<body>`, and the seconds go under this header, as Grafana does it. */
  signatureTimestampHeader: z
    .string()
    .regex(headerName, 'This is no name of a header.')
    .refine((name) => !reservedHeaders.test(name), 'This header is set by Tocsin itself: choose another.')
    .nullable()
    .default(null),
  timeoutSeconds: z.int().min(1, 'At least a second.').max(30, 'At most 30 seconds.').default(15),
})

export type WebhookSettings = z.infer<typeof fields>

export const webhookSettings = fields.superRefine((settings, context) => {
  const problem = templateProblemOf(settings)
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['bodyTemplate'], message: problem })
  if (hasTwoAuthorizations(settings))
    context.addIssue({
      code: 'custom',
      path: ['secretHeader'],
      message: `auth is ${settings.auth.kind}, which makes this header already: choose NONE or another header.`,
    })
})

/** The one would take the place of the other without a word. */
function hasTwoAuthorizations({
  auth,
  secretHeader,
}: Pick<WebhookSettings, 'auth' | 'secretHeader'>): boolean {
  return auth.kind !== 'NONE' && secretHeader?.toLowerCase() === 'authorization'
}

function templateProblemOf(
  settings: Pick<WebhookSettings, 'body' | 'bodyTemplate' | 'headers'>,
): string | undefined {
  const { body, bodyTemplate } = settings
  if (body !== 'TEMPLATE') return undefined
  if (bodyTemplate === null) return 'TEMPLATE needs a bodyTemplate.'
  return bodyTemplateProblem(bodyTemplate, contentTypeOf(settings))
}

/** Of what is sent: JSON where nobody says otherwise. */
export function contentTypeOf({ headers: all }: Pick<WebhookSettings, 'headers'>): string {
  const [, said] = Object.entries(all).find(([name]) => name.toLowerCase() === 'content-type') ?? []
  return said ?? 'application/json'
}

const longSecret = (value: string) =>
  value.length < 8 || value.length > 1000 ? 'Between 8 and 1,000 characters.' : undefined

const oneLine = (value: string) =>
  /^[\x20-\x7e]{1,2000}$/.test(value) ? undefined : 'One line of ASCII, at most 2,000 characters.'

/** `whsec_` and 24 to 64 random bytes in base64, as Standard Webhooks writes them. */
function signingKeyProblem(value: string): string | undefined {
  const [, bytes = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? []
  const length = Math.floor((bytes.replaceAll('=', '').length * 3) / 4)
  return length >= 24 && length <= 64 ? undefined : 'Write whsec_ and 24 to 64 random bytes in base64.'
}

export const webhook = defineConnection<WebhookSettings>({
  kind: 'webhook',
  label: 'Webhook',
  about:
    'Sends every turn of an alert as JSON to a URL of yours, signed, with a body of your own if you like.',
  settings: webhookSettings,
  secrets: [
    { name: 'url', label: 'URL', required: true, problem: outsideUrlProblem },
    { name: 'password', label: 'Password for BASIC', required: false, problem: oneLine },
    { name: 'token', label: 'Token for BEARER', required: false, problem: oneLine },
    { name: 'secretHeaderValue', label: 'Value of the secret header', required: false, problem: oneLine },
    { name: 'hmacSecret', label: 'Secret of the hex signature', required: false, problem: longSecret },
    {
      name: 'signingKey',
      label: 'Key of the Standard Webhooks signature',
      required: false,
      problem: signingKeyProblem,
    },
    {
      name: 'previousSigningKey',
      label: 'The key before, while it is being replaced',
      required: false,
      problem: signingKeyProblem,
    },
    {
      name: 'clientKey',
      label: 'Private key of the client certificate',
      required: false,
      problem: privateKeyProblem,
    },
  ],
  secretsNeeded: ({ auth, tls, secretHeader }) => [
    ...(auth.kind === 'BASIC' ? ['password'] : auth.kind === 'BEARER' ? ['token'] : []),
    ...(tls.mode === 'CLIENT_CERTIFICATE' ? ['clientKey'] : []),
    ...(secretHeader === null ? [] : ['secretHeaderValue']),
  ],
  hostOf: (_settings, { url }) => (url === undefined ? undefined : originOf(url)),
})
