import type { DeliveryError } from '#workers/notifiers/notifier.ts'

const firstDelayMs = 2000
const longestDelayMs = 5 * 60_000
/** About a day of trying: a chat that is down overnight still hears in the morning. */
const mostAttempts = 300

/** How long to wait before attempt `attempts + 1`, or undefined when there is none. */
export function retryDelayMs(
  attempts: number,
  error: Pick<DeliveryError, 'retry' | 'afterMs'>,
): number | undefined {
  if (error.retry === 'never' || attempts >= mostAttempts) return undefined
  const doubled = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20))
  return Math.max(doubled, error.afterMs ?? 0)
}
