import type { Fault } from '#engine/notify/fault.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'
import { certificateProblem } from './certificate-problem.ts'
import { EgressRefused } from './guarded-connect.ts'

/** Slowly, because a person has to do something first. */
const certificateRetryMs = 5 * 60_000

/** Why no answer came. Never the URL or anything of the request, which may hold a secret. */
export function networkFault(error: unknown): DeliveryError {
  const chain = causesOf(error)
  const refused = chain.find((one) => one instanceof EgressRefused)
  if (refused) return fault(refused.message, 'config', { retry: 'never', cause: error })
  const problem = certificateProblem(chain)
  if (problem !== undefined) return fault(problem, 'config', { retry: 'later', afterMs: certificateRetryMs })
  if (chain.some(({ name }) => name === 'TimeoutError'))
    return fault('It took too long to answer.', 'timeout', { retry: 'later' })
  const codes = chain.map((one) => ('code' in one && typeof one.code === 'string' ? one.code : ''))
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
