import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import type { Event } from '#engine/event.ts'

interface Pending {
  readonly check: Check
  readonly alert: Alert | undefined
  readonly event: Event
}

/** It failed when we last looked and had not fired, and nobody knows what was in between. */
export function isPendingUnseen({ event, alert, check }: Pending): boolean {
  if (event.afterBlindness !== true || check.closed || check.flapping) return false
  return alert?.state !== 'FIRING' && check.memory.lastChange !== null
}

/** Time in which nobody looked is no time in which it failed: what was about to fire begins again, what fires goes on. */
export function pendingAnew({ check, alert, event, now }: Pending & { readonly now: Date }): Pending {
  const { lastChange } = check.memory
  return {
    event: { ...event, afterBlindness: false },
    alert: alert && { ...alert, startedAt: now },
    check: {
      ...check,
      memory: { ...check.memory, lastChange: lastChange && { ...lastChange, at: epochSeconds(now) } },
    },
  }
}
