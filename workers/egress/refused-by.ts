import type { Fault } from '#engine/notify/fault.ts'
import { DeliveryError } from '#workers/notifiers/notifier.ts'
import type { OutsideAnswer } from './outside.ts'

/** An answer that is no success, as the error it is; undefined = 2xx. What the body says is for the caller to judge, and for nobody to repeat. */
export function refusedBy(
  answer: Pick<OutsideAnswer, 'status' | 'headers'>,
  now: Date,
): DeliveryError | undefined {
  const { status, headers } = answer
  if (status >= 200 && status < 300) return undefined
  if (status >= 300 && status < 400) {
    const host = URL.parse(headers['location'] ?? '')?.host
    const where = host === undefined ? '' : ` to ${host.slice(0, 200)}`
    return refusal(
      `It answered ${status} and wants us to go elsewhere${where}, which Tocsin never does: enter the right URL.`,
      {
        status,
        retry: 'never',
        fault: 'config',
      },
    )
  }
  const because = `It answered ${status}.`
  const afterMs = retryAfterMs(askedToWait(headers), now)
  const later = { status, retry: 'later' as const, ...(afterMs !== undefined && { afterMs }) }
  switch (status) {
    case 401:
    case 403:
      return refusal(`${because} Its credentials do not hold: enter them anew.`, {
        status,
        retry: 'never',
        fault: 'auth',
      })
    case 404:
    case 410:
      return refusal(`${because} What it leads to is not there.`, { status, retry: 'never', fault: 'gone' })
    case 429:
      return refusal(because, { ...later, fault: 'rate-limited' })
    case 408:
    case 425:
      return refusal(because, { ...later, fault: 'timeout' })
    default:
      return status >= 500
        ? refusal(because, { ...later, fault: 'server' })
        : refusal(because, { status, retry: 'never', fault: 'client' })
  }
}

/** As HTTP says it, or as Discord and Opsgenie do besides. */
function askedToWait(headers: OutsideAnswer['headers']): string | undefined {
  return headers['retry-after'] ?? headers['x-ratelimit-reset-after'] ?? headers['x-ratelimit-period-in-sec']
}

const longestWaitMs = 24 * 3600_000

/** Seconds, or a date; no more than a day, whoever says so. */
function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  const seconds = /^\d+(\.\d+)?$/.test(header.trim())
    ? Number(header)
    : (Date.parse(header) - now.getTime()) / 1000
  return Number.isFinite(seconds)
    ? Math.min(Math.max(0, Math.ceil(seconds * 1000)), longestWaitMs)
    : undefined
}

function refusal(
  message: string,
  options: { status: number; retry: 'never' | 'later'; afterMs?: number; fault: Fault },
): DeliveryError {
  return new DeliveryError(message, options)
}
