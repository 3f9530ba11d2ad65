import type { EpochSeconds } from '#engine/epoch-seconds.ts'
import { eventTags } from '#engine/event-tags.ts'
import type { CheckEvent, CheckState, ServiceEvent } from '#engine/event.ts'
import { acknowledge, endUnscheduledMaintenance } from '#engine/suppress/acknowledgement.ts'
import type { CheckMemory, NotifiedMemory } from '#engine/suppress/check-memory.ts'
import { type Block, type FailureDelays, firstBlock } from '#engine/suppress/filters.ts'
import { noticeScheduledMaintenance, scheduleMaintenance } from '#engine/suppress/maintenance.ts'
import { seeService } from '#engine/suppress/see-service.ts'
import { notificationSeverity, worstFailing } from './severity.ts'

export interface NotificationSettings {
  readonly initialFailureDelaySeconds: number
  readonly repeatFailureDelaySeconds: number
  readonly acknowledgementSeconds: number
  /** How long a check that was never seen before is in scheduled maintenance; 0 = not at all. */
  readonly newCheckMaintenanceSeconds: number
  /** A new check whose event carries one of these tags is spared that. */
  readonly newCheckMaintenanceIgnoreTags: readonly string[]
}

/** Flapjack's own figures, but for the new-check maintenance: its 100 years keep a new installation silent for good. */
export const defaultNotificationSettings: NotificationSettings = {
  initialFailureDelaySeconds: 30,
  repeatFailureDelaySeconds: 60,
  acknowledgementSeconds: 14_400,
  newCheckMaintenanceSeconds: 0,
  newCheckMaintenanceIgnoreTags: ['bypass_ncsm'],
}

/** What a check has to say to whoever listens. Who that is, and by which medium, is decided next. */
export interface CheckNotification {
  readonly type: 'problem' | 'recovery' | 'acknowledgement' | 'test'
  readonly state: CheckState | 'acknowledgement' | 'test_notifications'
  readonly severity: CheckState
  readonly checkKey: string
  readonly entity: string
  readonly check: string
  readonly tags: readonly string[]
  readonly summary: string | null
  readonly details: string | null
  /** For an acknowledgement: how long it will be quiet. */
  readonly durationSeconds: number | null
  readonly lastState: CheckState | null
  readonly lastSummary: string | null
  readonly stateDurationSeconds: number | null
}

export interface NotificationQuestion {
  readonly memory: CheckMemory
  readonly event: CheckEvent
  readonly now: EpochSeconds
  readonly settings: NotificationSettings
}

/** `memory` is the very object that was given when there is nothing to store. Exactly one of the last two is null. */
export interface NotificationDecision {
  readonly memory: CheckMemory
  /** The same without what was told now: for whoever keeps the notification from everybody. */
  readonly seen: CheckMemory
  readonly blocked: Block | null
  readonly notification: CheckNotification | null
}

/** Is this event news? Seconds of processing decide; what the source says about its time does not. */
export function decideNotification(question: NotificationQuestion): NotificationDecision {
  const { event, now, settings } = question
  const stateBefore = question.memory.lastChange?.state ?? null
  const memory = event.kind === 'service' ? takeIn(question, event) : question.memory
  const blocked = firstBlock({ event, memory, stateBefore, now, delays: delaysOf(event, settings) })
  if (blocked) return { memory, seen: memory, blocked, notification: null }
  const notification = notify(memory, event, now, settings)
  return { memory: remember(memory, event, notification, now), seen: memory, blocked: null, notification }
}

function takeIn({ memory, now, settings }: NotificationQuestion, event: ServiceEvent): CheckMemory {
  const welcomed = memory.lastChange === null ? welcome(memory, event, now, settings) : memory
  const seen = noticeScheduledMaintenance(seeService(welcomed, event, now), now)
  return event.state === 'ok' && memory.lastChange !== null ? endUnscheduledMaintenance(seen) : seen
}

function welcome(
  memory: CheckMemory,
  event: ServiceEvent,
  now: EpochSeconds,
  settings: NotificationSettings,
): CheckMemory {
  const seconds = settings.newCheckMaintenanceSeconds
  const ignored = settings.newCheckMaintenanceIgnoreTags
  if (seconds <= 0 || (ignored.length > 0 && eventTags(event).some((tag) => ignored.includes(tag))))
    return memory
  const window = { startsAt: now, endsAt: now + seconds, summary: 'Automatically created for new check' }
  const change = scheduleMaintenance(memory, window, now)
  return change.kind === 'changed' ? change.memory : memory
}

function delaysOf(event: CheckEvent, settings: NotificationSettings): FailureDelays {
  const own = event.kind === 'service' ? event : undefined
  return {
    initialSeconds: own?.initialFailureDelaySeconds ?? settings.initialFailureDelaySeconds,
    repeatSeconds: own?.repeatFailureDelaySeconds ?? settings.repeatFailureDelaySeconds,
  }
}

function notify(
  memory: CheckMemory,
  event: CheckEvent,
  now: EpochSeconds,
  settings: NotificationSettings,
): CheckNotification {
  return {
    ...typeAndState(event),
    severity: notificationSeverity(event, memory.notified.worstSinceRecovery),
    checkKey: event.checkKey,
    entity: event.entity.toLowerCase(),
    check: event.check,
    tags: eventTags(event),
    summary: event.summary,
    details: event.details,
    durationSeconds:
      event.kind === 'acknowledgement' ? (event.durationSeconds ?? settings.acknowledgementSeconds) : null,
    lastState: memory.changeBefore?.state ?? null,
    lastSummary: memory.changeBefore?.summary ?? null,
    stateDurationSeconds: memory.lastChange === null ? null : now - memory.lastChange.at,
  }
}

function typeAndState(event: CheckEvent): Pick<CheckNotification, 'type' | 'state'> {
  switch (event.kind) {
    case 'service':
      return { type: event.state === 'ok' ? 'recovery' : 'problem', state: event.state }
    case 'acknowledgement':
      return { type: 'acknowledgement', state: 'acknowledgement' }
    case 'test':
      return { type: 'test', state: 'test_notifications' }
  }
}

/** That it was issued counts, even if rules and intervals then keep it from everyone. */
function remember(
  memory: CheckMemory,
  event: CheckEvent,
  notification: CheckNotification,
  now: EpochSeconds,
): CheckMemory {
  if (event.kind === 'test') return memory
  const notified = notifiedAfter(memory.notified, event, now)
  if (event.kind === 'service') return { ...memory, notified }
  const endsAt = now + (notification.durationSeconds ?? 0)
  const { summary, upTo } = event
  return acknowledge({ ...memory, notified }, { startsAt: now, endsAt, summary, ...(upTo && { upTo }) })
}

function notifiedAfter(notified: NotifiedMemory, event: CheckEvent, now: EpochSeconds): NotifiedMemory {
  if (event.kind !== 'service') return { ...notified, last: 'acknowledgement' }
  if (event.state === 'ok') return { ...notified, last: 'recovery', worstSinceRecovery: null }
  return {
    last: event.state,
    lastProblemAt: now,
    worstSinceRecovery: worstFailing(event.state, notified.worstSinceRecovery),
  }
}
