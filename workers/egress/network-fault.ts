import type { Fault } from '#engine/notify/fault.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'
import { EgressRefused } from './guarded-connect.ts'
import { WrongCertificate } from './trust.ts'

const certificateCode =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_MISMATCH|ERR_SSL_.*(CERT|UNKNOWN_CA))/

/** Slowly, because a person has to do something first. */
const certificateRetryMs = 5 * 60_000

/** Why no answer came. Never the URL or anything of the request, which may hold a secret. */
export function networkFault(error: unknown): DeliveryError {
  const chain = causesOf(error)
  const refused = chain.find((one) => one instanceof EgressRefused)
  if (refused) return fault(refused.message, 'config', { retry: 'never', cause: error })
  const wrong = chain.find((one) => one instanceof WrongCertificate)
  const codes = chain.map((one) => ('code' in one && typeof one.code === 'string' ? one.code : ''))
  const certificate = codes.find((code) => certificateCode.test(code))
  if (wrong || certificate !== undefined)
    return fault(
      wrong?.message ?? `Its certificate is not one to believe (${certificate}): see tls of this connection.`,
      'config',
      { retry: 'later', afterMs: certificateRetryMs },
    )
  if (chain.some(({ name }) => name === 'TimeoutError'))
    return fault('It took too long to answer.', 'timeout', { retry: 'later' })
  const code = codes.find((one) => /^[A-Z_]{3,40}$/.test(one))
  return fault(`It could not be reached${code === undefined ? '' : ` (${code})`}.`, 'network', {
    retry: 'later',
  })
}

function fault(
  message: string,
  kind: Fault,
  options: { readonly retry: 'never' | 'later'; readonly afterMs?: number; readonly cause?: unknown },
): DeliveryError {
  return new DeliveryError(message, { ...options, fault: kind })
}

function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return []
  const within = error instanceof AggregateError ? error.errors.flatMap(causesOf) : []
  return [error, ...within, ...causesOf(error.cause)]
}
