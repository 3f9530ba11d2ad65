import { z } from 'zod'

export const tlsModes = ['SYSTEM_DEFAULT', 'CUSTOM_CA', 'PINNED', 'CLIENT_CERTIFICATE', 'INSECURE'] as const

const certificate = z
  .string({ error: 'Write certificates in PEM form, from -----BEGIN CERTIFICATE-----.' })
  .max(64_000, 'The certificates are longer than 64,000 characters.')
  .regex(
    /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/,
    'Write certificates in PEM form, from -----BEGIN CERTIFICATE-----.',
  )

const fingerprint = z
  .string({ error: 'Write the SHA-256 fingerprint of the certificate: 64 hexadecimal digits.' })
  .transform((text) => text.replaceAll(':', '').toLowerCase())
  .refine(
    (text) => /^[0-9a-f]{64}$/.test(text),
    'Write the SHA-256 fingerprint of the certificate: 64 hexadecimal digits, with or without colons.',
  )

/**
 * Whom we believe that they are who we meant. CUSTOM_CA: these authorities and no others; PINNED: this one certificate, whoever
 * signed it; CLIENT_CERTIFICATE: the system's authorities, and we show a certificate too; INSECURE: anybody.
 */
export const tlsTrustSchema = z.discriminatedUnion(
  'mode',
  [
    z.strictObject({ mode: z.literal('SYSTEM_DEFAULT') }),
    z.strictObject({ mode: z.literal('CUSTOM_CA'), ca: certificate }),
    z.strictObject({ mode: z.literal('PINNED'), sha256: fingerprint }),
    z.strictObject({ mode: z.literal('CLIENT_CERTIFICATE'), certificate, ca: certificate.optional() }),
    z.strictObject({ mode: z.literal('INSECURE') }),
  ],
  { error: `tls.mode must be one of ${tlsModes.join(', ')}.` },
)

export type TlsTrust = z.infer<typeof tlsTrustSchema>

export const systemTrust: TlsTrust = { mode: 'SYSTEM_DEFAULT' }

/** Of the certificate we show. */
export function privateKeyProblem(value: string): string | undefined {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value) && value.length <= 20_000
    ? undefined
    : 'Write a private key in PEM form.'
}
