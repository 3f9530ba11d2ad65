import type { CheckEvent } from '#engine/check-event.ts'
import type { CheckState } from '#engine/event.ts'
import {
  type CheckNotification,
  decideNotification,
  defaultNotificationSettings,
  type NotificationDecision,
  type NotificationSettings,
} from '#engine/notify/decide-notification.ts'
import { type CheckMemory, neverSeen } from '#engine/suppress/check-memory.ts'

const subject = {
  checkKey: 'alpha:ping',
  entity: 'alpha',
  check: 'ping',
  summary: null,
  details: null,
  tags: [],
  observedAt: null,
}

export function service(state: CheckState, overrides: Partial<CheckEvent> = {}): CheckEvent {
  return {
    ...subject,
    kind: 'service',
    state,
    perfdata: null,
    initialFailureDelaySeconds: null,
    repeatFailureDelaySeconds: null,
    ...overrides,
  } as CheckEvent
}

export function acknowledgement(durationSeconds: number | null = null): CheckEvent {
  return { ...subject, kind: 'acknowledgement', durationSeconds, acknowledgementId: null }
}

export const tryOut: CheckEvent = { ...subject, kind: 'test' }

/** One check and what is said of it, second by second. */
export class CheckStory {
  memory: CheckMemory
  readonly notifications: { readonly at: number; readonly notification: CheckNotification }[] = []
  private readonly settings: NotificationSettings

  constructor(settings: Partial<NotificationSettings> = {}, memory: CheckMemory = neverSeen) {
    this.settings = { ...defaultNotificationSettings, ...settings }
    this.memory = memory
  }

  hear(now: number, event: CheckEvent): NotificationDecision {
    const decision = decideNotification({ memory: this.memory, event, now, settings: this.settings })
    this.memory = decision.memory
    if (decision.notification) this.notifications.push({ at: now, notification: decision.notification })
    return decision
  }

  /** `problem critical`, or what blocked it. */
  outcome(now: number, event: CheckEvent): string {
    const { blocked, notification } = this.hear(now, event)
    if (notification) return `${notification.type} ${notification.severity}`
    if (blocked === null) return 'nothing'
    return 'because' in blocked ? `${blocked.by}: ${blocked.because}` : blocked.by
  }
}
