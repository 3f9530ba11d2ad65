import { z } from 'zod'
import type { Connection } from '#db/repositories/connections.ts'
import { maskedPath } from '#engine/connection/outside-url.ts'
import type { LaneHealth } from '#engine/notify/lane-health.ts'
import { tlsModes } from '#engine/connection/tls-trust.ts'
import { webhookSettings } from '#engine/connection/webhook.ts'
import type { FieldProblem } from '#engine/rule/rule.ts'
import { healthShown, secretShown, showHealth, showSecret } from './shown.ts'

/** A webhook as the guide writes it (`/api/v1/admin/outbound-connections`), and more fields where it has none. */
export const outboundShown = z.object({
  id: z.uuid(),
  name: z.string(),
  /** Without its path, which is part of the secret. */
  url: z.string(),
  method: z.string(),
  tlsTrustMode: z.enum(tlsModes),
  tlsCa: z.string().nullable(),
  tlsPinnedSha256: z.string().nullable(),
  tlsClientCertificate: z.string().nullable(),
  tlsClientKey: secretShown,
  auth: z.looseObject({ kind: z.string() }),
  defaultHeaders: z.record(z.string(), z.string()),
  body: z.string(),
  bodyTemplate: z.string().nullable(),
  hmacSecret: secretShown,
  signatureHeader: z.string(),
  signingKey: secretShown,
  previousSigningKey: secretShown,
  allowedEnvironmentIds: z.array(z.string()),
  enabled: z.boolean(),
  health: healthShown,
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  warnings: z.array(z.string()).optional(),
})

export function showOutbound(connection: Connection, lane?: LaneHealth): z.infer<typeof outboundShown> {
  const { id, name, secrets, enabled, createdBy } = connection
  const { method, tls, auth, headers, body, bodyTemplate, signatureHeader } = webhookSettings.parse(
    connection.settings,
  )
  return {
    id,
    name,
    url: shownUrl(connection),
    method,
    tlsTrustMode: tls.mode,
    tlsCa: 'ca' in tls ? (tls.ca ?? null) : null,
    tlsPinnedSha256: 'sha256' in tls ? tls.sha256 : null,
    tlsClientCertificate: 'certificate' in tls ? tls.certificate : null,
    tlsClientKey: showSecret(secrets['clientKey']),
    auth: {
      ...auth,
      ...(auth.kind === 'BEARER' && { token: showSecret(secrets['token']) }),
      ...(auth.kind === 'BASIC' && { password: showSecret(secrets['password']) }),
    },
    defaultHeaders: headers,
    body,
    bodyTemplate,
    hmacSecret: showSecret(secrets['hmacSecret']),
    signatureHeader,
    signingKey: showSecret(secrets['signingKey']),
    previousSigningKey: showSecret(secrets['previousSigningKey']),
    allowedEnvironmentIds: [...connection.allowedEnvironments],
    enabled,
    health: showHealth(lane),
    createdAt: connection.createdAt.toISOString(),
    createdBy,
    updatedAt: connection.updatedAt.toISOString(),
  }
}

function shownUrl({ host }: Pick<Connection, 'host'>): string {
  return `${host ?? ''}${maskedPath}`
}

const fields = z.strictObject({
  name: z.unknown(),
  url: z.unknown(),
  method: z.unknown(),
  tlsTrustMode: z.unknown(),
  tlsCa: z.unknown(),
  tlsPinnedSha256: z.unknown(),
  tlsClientCertificate: z.unknown(),
  tlsClientKey: z.unknown(),
  auth: z.unknown(),
  defaultHeaders: z.unknown(),
  body: z.unknown(),
  bodyTemplate: z.unknown(),
  hmacSecret: z.unknown(),
  signatureHeader: z.unknown(),
  signingKey: z.unknown(),
  previousSigningKey: z.unknown(),
  allowedEnvironmentIds: z.unknown(),
  enabled: z.unknown(),
  // What an answer holds besides; whoever sends an answer back, changed, means the rest.
  id: z.unknown(),
  health: z.unknown(),
  createdAt: z.unknown(),
  createdBy: z.unknown(),
  updatedAt: z.unknown(),
  warnings: z.unknown(),
})

type Fields = Partial<z.infer<typeof fields>>

/** The guide's fields → a connection's. What is shown of a secret in place of it is a secret that was not named. */
export function readOutbound(
  body: unknown,
  before?: Connection,
): { readonly input: unknown } | { readonly problems: readonly FieldProblem[] } {
  const read = fields.partial().safeParse(body)
  if (!read.success) return { problems: read.error.issues.map(unknownField) }
  const { name, url, auth, allowedEnvironmentIds, enabled } = read.data
  const { username, token, password, ...kindOfAuth } = asObject(auth)
  const secrets = {
    url: before && url === shownUrl(before) ? undefined : url,
    token: auth !== undefined && kindOfAuth['kind'] !== 'BEARER' ? null : token,
    password: auth !== undefined && kindOfAuth['kind'] !== 'BASIC' ? null : password,
    hmacSecret: read.data.hmacSecret,
    signingKey: read.data.signingKey,
    previousSigningKey: read.data.previousSigningKey,
    clientKey: read.data.tlsClientKey,
  }
  return {
    input: defined({
      name,
      kind: 'webhook',
      settings: defined({
        method: read.data.method,
        tls: readTls(read.data),
        auth: auth === undefined ? undefined : { ...kindOfAuth, ...(username !== undefined && { username }) },
        headers: read.data.defaultHeaders,
        ...readBody(read.data),
        signatureHeader: read.data.signatureHeader,
      }),
      secrets: Object.fromEntries(
        Object.entries(secrets).filter(([, value]) => value !== undefined && !isShownSecret(value)),
      ),
      allowedEnvironments: allowedEnvironmentIds,
      enabled,
    }),
  }
}

/** `settings.headers.X` → `defaultHeaders.X`: a refusal names the field that was written. */
export function asOutboundField({ field, problem }: FieldProblem): FieldProblem {
  const renamed = fieldNames.find(([inner]) => field === inner || field.startsWith(`${inner}.`))
  if (!renamed) return { field, problem }
  const [inner, written] = renamed
  return { field: written + field.slice(inner.length), problem }
}

const fieldNames: readonly (readonly [inner: string, written: string])[] = [
  ['settings.headers', 'defaultHeaders'],
  ['settings.tls.mode', 'tlsTrustMode'],
  ['settings.tls.ca', 'tlsCa'],
  ['settings.tls.sha256', 'tlsPinnedSha256'],
  ['settings.tls.certificate', 'tlsClientCertificate'],
  ['settings.tls', 'tlsTrustMode'],
  ['settings.auth', 'auth'],
  ['settings.method', 'method'],
  ['settings.body', 'body'],
  ['settings.bodyTemplate', 'bodyTemplate'],
  ['settings.signatureHeader', 'signatureHeader'],
  ['secrets.token', 'auth.token'],
  ['secrets.password', 'auth.password'],
  ['secrets.clientKey', 'tlsClientKey'],
  ['secrets.url', 'url'],
  ['secrets.hmacSecret', 'hmacSecret'],
  ['secrets.signingKey', 'signingKey'],
  ['secrets.previousSigningKey', 'previousSigningKey'],
  ['allowedEnvironments', 'allowedEnvironmentIds'],
]

/** Whoever gives a template means it, unless another body is chosen. */
function readBody({ body, bodyTemplate }: Fields): object {
  const template = bodyTemplate ?? undefined
  return defined({ body: body ?? (template === undefined ? undefined : 'TEMPLATE'), bodyTemplate })
}

function readTls({ tlsTrustMode: mode, ...fields }: Fields): unknown {
  if (mode === undefined) return undefined
  const ca = fields.tlsCa ?? undefined
  switch (mode) {
    case 'CUSTOM_CA':
      return { mode, ca }
    case 'PINNED':
      return { mode, sha256: fields.tlsPinnedSha256 }
    case 'CLIENT_CERTIFICATE':
      return defined({ mode, certificate: fields.tlsClientCertificate, ca })
    default:
      return { mode }
  }
}

function isShownSecret(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'set' in value
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function defined(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

function unknownField(issue: z.core.$ZodIssue): FieldProblem {
  const problem =
    issue.code === 'unrecognized_keys'
      ? `Unknown ${issue.keys.join(', ')}: check the spelling or leave it out.`
      : 'Write an object such as { "name": "…", "url": "https://…" }.'
  return { field: 'connection', problem }
}
