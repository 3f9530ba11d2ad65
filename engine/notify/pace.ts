import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import type { CheckNotification } from './decide-notification.ts'
import { type HeldState, type LedgerPage, setHeldUntil } from './ledger.ts'

/**
 * Each state of each check has its own interval on each medium: worse news is never held back by milder news, and the
 * same news comes once an interval. Recoveries and acknowledgements are never held back.
 */
export function heldUntil(
  page: LedgerPage,
  notification: CheckNotification,
  now: EpochSeconds,
): EpochSeconds | undefined {
  const state = heldState(notification)
  if (state === undefined) return undefined
  const until = page.heldUntil.get(notification.checkKey)?.[state]
  return until !== undefined && now < until ? until : undefined
}

/** What went out starts its interval; a recovery or an acknowledgement that went out ends those of the failing states. */
export function startInterval(page: LedgerPage, notification: CheckNotification, until: EpochSeconds): void {
  const known = page.heldUntil.get(notification.checkKey)
  const state = heldState(notification)
  if (state !== undefined) return setHeldUntil(page, notification.checkKey, { ...known, [state]: until })
  if (known === undefined) return
  const { test_notifications: test } = known
  setHeldUntil(page, notification.checkKey, test === undefined ? {} : { test_notifications: test })
}

function heldState({ state }: CheckNotification): HeldState | undefined {
  return state === 'ok' || state === 'acknowledgement' ? undefined : state
}
