import type { Alert } from '#engine/alert.ts'
import type { Check } from '#engine/check.ts'
import { epochSeconds } from '#engine/epoch-seconds.ts'
import { decideNotification, type NotificationSettings } from '#engine/notify/decide-notification.ts'
import { acknowledge } from '#engine/suppress/acknowledgement.ts'
import type { Moment } from './batch.ts'

/** A person's acknowledgement has no end but ok, or worse than what was acknowledged. */
const untilClearSeconds = 100 * 365 * 86_400

interface Acknowledging {
  readonly now: Date
  readonly by: string
  readonly settings: NotificationSettings
}

/** A click is an acknowledgement event; it holds even where Flapjack's filters would not tell anyone of it. */
export function acknowledgeCheck(check: Check, alert: Alert, acknowledging: Acknowledging): Moment {
  const { severity: upTo, labels } = alert
  const now = epochSeconds(acknowledging.now)
  const summary = `Acknowledged by ${acknowledging.by}`
  const { memory, blocked, notification } = decideNotification({
    memory: check.memory,
    now,
    settings: acknowledging.settings,
    event: {
      kind: 'acknowledgement',
      checkKey: check.key,
      entity: check.entity,
      check: check.name,
      summary,
      details: null,
      tags: Object.entries(labels).map(([name, value]) => `${name}=${value}`),
      observedAt: now,
      durationSeconds: untilClearSeconds,
      acknowledgementId: null,
      upTo,
    },
  })
  const window = { startsAt: now, endsAt: now + untilClearSeconds, summary, upTo }
  return {
    check: { ...check, memory: notification ? memory : acknowledge(memory, window) },
    verdict: { blocked, notification },
    alert,
  }
}
