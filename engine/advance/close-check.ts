import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { type EpochSeconds, epochSeconds } from '#engine/epoch-seconds.ts'
import { decideNotification, type NotificationSettings } from '#engine/notify/decide-notification.ts'
import { isFailing } from '#engine/suppress/check-memory.ts'
import type { Moment } from './batch.ts'

interface Closing {
  readonly now: Date
  readonly by: string
  readonly reopensAt: EpochSeconds | null
  readonly settings: NotificationSettings
}

interface ClosedCheck {
  /** As it is kept: its state is what its source says, however an alert was closed. */
  readonly check: Check
  /** What contacts hear of it: to them it is a recovery, and where they were told of no problem it is nothing. */
  readonly moment: Moment
}

/** A person closed the alert of a check that still fails. undefined: it does not fail, and needs no closing. */
export function closeCheck(
  check: Check,
  alert: Alert,
  { now, by, reopensAt, settings }: Closing,
): ClosedCheck | undefined {
  if (!isFailing(check.memory)) return undefined
  const { id: alertId, labels } = alert
  const { memory, blocked, notification } = decideNotification({
    memory: check.memory,
    now: epochSeconds(now),
    settings,
    event: {
      kind: 'service',
      state: 'ok',
      checkKey: check.key,
      entity: check.entity,
      check: check.name,
      summary: `Resolved by ${by}`,
      details: null,
      perfdata: null,
      tags: Object.entries(labels).map(([name, value]) => `${name}=${value}`),
      observedAt: null,
      initialFailureDelaySeconds: null,
      repeatFailureDelaySeconds: null,
    },
  })
  // Also where a maintenance kept it from them: it is over for everybody, and is not told again once it clears.
  const notified = { ...check.memory.notified, last: 'recovery', worstSinceRecovery: null } as const
  return {
    check: {
      ...check,
      memory: { ...check.memory, notified, unscheduled: null, changes: [] },
      flapping: null,
      closed: { alertId, reopensAt },
    },
    moment: { check: { ...check, memory }, verdict: { blocked, notification }, alert },
  }
}
