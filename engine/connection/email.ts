import { z } from 'zod'
import { defineConnection } from './connection.ts'
import { emailAddressProblem } from './email-address.ts'
import { privateKeyProblem, systemTrust, tlsTrustSchema } from './tls-trust.ts'

const mostRecipients = 100

const address = z
  .string({ error: 'Write an address such as ops@example.org.' })
  .superRefine((text, context) => {
    const problem = emailAddressProblem(text)
    if (problem !== undefined) context.addIssue(problem)
  })

const oneLine = (most: number) =>
  z
    .string()
    .max(most, `At most ${most} characters.`)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'One line, without control characters.')

const host = z
  .string({ error: 'host is missing: the mail server, such as smtp.example.org.' })
  .regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'The name or address of the mail server, such as smtp.example.org.')

export const emailSettings = z.strictObject({
  host,
  /** starttls: 587, tls: 465, none: 25, unless said otherwise. */
  port: z.int().min(1).max(65_535).nullable().default(null),
  /** none: everybody on the way can read it. */
  security: z
    .enum(['starttls', 'tls', 'none'], { error: 'security must be starttls, tls or none.' })
    .default('starttls'),
  tls: tlsTrustSchema.default(systemTrust),
  username: oneLine(200).default(''),
  from: address,
  fromName: oneLine(100).default('Tocsin'),
  to: z
    .array(address)
    .min(1, 'to is empty: whom should it be sent to?')
    .max(mostRecipients, `At most ${mostRecipients} recipients; use a list of your mail server for more.`),
  replyTo: address.nullable().default(null),
  subjectPrefix: oneLine(40).default('[Tocsin]'),
})

export type EmailSettings = z.infer<typeof emailSettings>

const usualPorts = { starttls: 587, tls: 465, none: 25 } as const

export function emailPort({ port, security }: EmailSettings): number {
  return port ?? usualPorts[security]
}

export const email = defineConnection<EmailSettings>({
  kind: 'email',
  label: 'Email',
  about: 'Sends a mail when an alert opens and answers it in the same thread with every turn.',
  settings: emailSettings,
  secrets: [
    { name: 'password', label: 'Password', required: false },
    {
      name: 'clientKey',
      label: 'Private key of the client certificate',
      required: false,
      problem: privateKeyProblem,
    },
  ],
  secretsNeeded: ({ username, tls }) => [
    ...(username === '' ? [] : ['password']),
    ...(tls.mode === 'CLIENT_CERTIFICATE' ? ['clientKey'] : []),
  ],
  // A password that was entered for an encrypted way is not sent on another one.
  hostOf: (settings) => `smtp+${settings.security}://${settings.host}:${emailPort(settings)}`,
})
