import { networkFault } from '#workers/egress/network-fault.ts'
import { DeliveryError } from './notifier.ts'

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
  return networkFault(error)
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined
}
