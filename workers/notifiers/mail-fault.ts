import { networkFault } from '#workers/egress/network-fault.ts'
import { DeliveryError } from './notifier.ts'

/** A person has to change something first. */
const configRetryMs = 5 * 60_000

/** What OpenSSL and Node call it; nodemailer passes on the words and drops the code. */
const certificateWords = /certificate|self.signed|altnames/i

/** Why a mail was not taken, by the codes of nodemailer and SMTP; what the server wrote stays out, for it may repeat what is secret. */
export function mailFault(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error
  const code = field(error, 'code')
  const reply = field(error, 'responseCode')
  const answered = typeof reply === 'number' ? ` It answered ${reply}.` : ''
  const isPassing = typeof reply === 'number' && reply >= 400 && reply < 500
  if (isPassing)
    return new DeliveryError(`The mail server puts it off.${answered}`, { retry: 'later', fault: 'server' })
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return new DeliveryError(
        `The mail server refused the username and password.${answered} Enter them anew.`,
        { retry: 'never', fault: 'auth' },
      )
    case 'ETLS':
      return new DeliveryError(
        'The mail server does not offer the encryption that is asked for: check security and port of this connection.',
        { retry: 'later', afterMs: configRetryMs, fault: 'config' },
      )
    case 'EENVELOPE':
      return new DeliveryError(
        `The mail server takes none of the recipients, or not this sender.${answered} Check from and to.`,
        { retry: 'never', fault: 'client' },
      )
  }
  if (field(error, 'permanent') === true)
    return new DeliveryError(`The mail server refused the mail.${answered}`, {
      retry: 'never',
      fault: 'client',
    })
  if (code === 'ESOCKET' && certificateWords.test(String(field(error, 'message'))))
    return new DeliveryError(
      "The mail server's certificate is not one to believe: see tls of this connection.",
      {
        retry: 'later',
        afterMs: configRetryMs,
        fault: 'config',
      },
    )
  return networkFault(error)
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}
